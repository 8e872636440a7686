{% include cookiecutter.domain ~ "/src/sql.py" ignore missing -%}
