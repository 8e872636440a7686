{% include cookiecutter.domain ~ "/dashboard/weighing.py" ignore missing -%}
