{% include cookiecutter.domain ~ "/src/checks.py" ignore missing -%}
