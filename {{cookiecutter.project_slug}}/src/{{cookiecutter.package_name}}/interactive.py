{% include cookiecutter.domain ~ "/src/interactive.py" ignore missing -%}
