{% include cookiecutter.domain ~ "/src/lstm.py" ignore missing -%}
