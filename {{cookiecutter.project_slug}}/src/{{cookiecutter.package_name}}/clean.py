{% include cookiecutter.domain ~ "/src/clean.py" ignore missing -%}
