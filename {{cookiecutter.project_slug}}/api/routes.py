{% include cookiecutter.domain ~ "/api/routes.py" ignore missing -%}
