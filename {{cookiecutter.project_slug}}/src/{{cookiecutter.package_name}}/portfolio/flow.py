{% include cookiecutter.__shape ~ "/src/portfolio/flow.py" -%}
