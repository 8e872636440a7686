{% include cookiecutter.domain ~ "/dashboard/app.py" -%}
