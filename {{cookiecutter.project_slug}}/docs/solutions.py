{% include cookiecutter.domain ~ "/docs/solutions.py" -%}
