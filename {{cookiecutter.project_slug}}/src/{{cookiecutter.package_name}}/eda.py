{% include cookiecutter.domain ~ "/src/eda.py" ignore missing -%}
