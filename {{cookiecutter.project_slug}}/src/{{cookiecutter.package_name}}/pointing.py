{% include cookiecutter.domain ~ "/src/pointing.py" ignore missing -%}
