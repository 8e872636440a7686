{% include cookiecutter.domain ~ "/src/features.py" ignore missing -%}
