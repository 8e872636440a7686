{% include cookiecutter.domain ~ "/src/bert.py" ignore missing -%}
