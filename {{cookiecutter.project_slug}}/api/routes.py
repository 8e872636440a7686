{% include cookiecutter.domain ~ "/api/routes.py" -%}
