{% include cookiecutter.domain ~ "/src/trends.py" ignore missing -%}
