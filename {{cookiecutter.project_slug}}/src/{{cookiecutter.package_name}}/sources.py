{% include cookiecutter.domain ~ "/src/sources.py" ignore missing -%}
