{% include cookiecutter.domain ~ "/dashboard/app.py" ignore missing -%}
