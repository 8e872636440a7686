{% include cookiecutter.domain ~ "/src/so_what.py" ignore missing -%}
