{% include cookiecutter.domain ~ "/src/pairs.py" ignore missing -%}
