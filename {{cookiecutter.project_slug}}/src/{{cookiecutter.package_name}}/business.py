{% include cookiecutter.domain ~ "/src/business.py" -%}
