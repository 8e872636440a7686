{% include cookiecutter.domain ~ "/api/schemas.py" ignore missing -%}
