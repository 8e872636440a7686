{% include cookiecutter.domain ~ "/src/evaluate.py" -%}
