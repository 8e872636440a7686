{% include cookiecutter.domain ~ "/dashboard/experiment.py" ignore missing -%}
