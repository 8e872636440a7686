{% include cookiecutter.domain ~ "/dashboard/stock.py" ignore missing -%}
