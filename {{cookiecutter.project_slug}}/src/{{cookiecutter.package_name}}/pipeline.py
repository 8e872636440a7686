{% include cookiecutter.__shape ~ "/src/pipeline.py" -%}
