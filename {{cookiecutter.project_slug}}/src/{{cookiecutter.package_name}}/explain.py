{% include cookiecutter.domain ~ "/src/explain.py" ignore missing -%}
