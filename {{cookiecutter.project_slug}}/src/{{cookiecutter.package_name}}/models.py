{% include cookiecutter.domain ~ "/src/models.py" -%}
