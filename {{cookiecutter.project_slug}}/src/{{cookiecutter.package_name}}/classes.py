{% include cookiecutter.domain ~ "/src/classes.py" ignore missing -%}
