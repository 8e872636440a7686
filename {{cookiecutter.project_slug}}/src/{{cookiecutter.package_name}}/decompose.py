{% include cookiecutter.domain ~ "/src/decompose.py" ignore missing -%}
