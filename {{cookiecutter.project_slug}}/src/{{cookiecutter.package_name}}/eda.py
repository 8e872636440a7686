{% include cookiecutter.domain ~ "/src/eda.py" -%}
