{% include cookiecutter.domain ~ "/src/slices.py" ignore missing -%}
