{% include cookiecutter.domain ~ "/src/parts.py" ignore missing -%}
