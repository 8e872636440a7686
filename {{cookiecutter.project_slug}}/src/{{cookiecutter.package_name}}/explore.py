{% include cookiecutter.domain ~ "/src/explore.py" ignore missing -%}
