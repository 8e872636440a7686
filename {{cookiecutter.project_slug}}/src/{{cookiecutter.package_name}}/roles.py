{% include cookiecutter.domain ~ "/src/roles.py" ignore missing -%}
