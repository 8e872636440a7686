{% include cookiecutter.domain ~ "/src/data.py" -%}
