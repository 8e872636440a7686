{% include cookiecutter.domain ~ "/src/export.py" -%}
