{% include cookiecutter.domain ~ "/src/config.py" -%}
