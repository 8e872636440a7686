{% include cookiecutter.domain ~ "/src/text.py" ignore missing -%}
