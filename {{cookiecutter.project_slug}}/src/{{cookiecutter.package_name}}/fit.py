{% include cookiecutter.domain ~ "/src/fit.py" ignore missing -%}
