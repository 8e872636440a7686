{% include cookiecutter.domain ~ "/docs/practice.py" -%}
