{% include cookiecutter.domain ~ "/api/schemas.py" -%}
