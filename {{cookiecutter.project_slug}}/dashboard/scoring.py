{% include cookiecutter.domain ~ "/dashboard/scoring.py" -%}
