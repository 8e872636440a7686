{% include cookiecutter.domain ~ "/src/refit.py" ignore missing -%}
