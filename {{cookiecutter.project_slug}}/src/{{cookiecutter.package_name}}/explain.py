{% include cookiecutter.domain ~ "/src/explain.py" -%}
