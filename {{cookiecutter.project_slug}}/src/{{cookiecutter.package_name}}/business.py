{% include cookiecutter.domain ~ "/src/business.py" ignore missing -%}
