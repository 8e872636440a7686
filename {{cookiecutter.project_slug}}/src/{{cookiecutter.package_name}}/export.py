{% include cookiecutter.domain ~ "/src/export.py" ignore missing -%}
