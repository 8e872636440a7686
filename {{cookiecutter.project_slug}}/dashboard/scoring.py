{% include cookiecutter.domain ~ "/dashboard/scoring.py" ignore missing -%}
