{% include cookiecutter.domain ~ "/src/neural.py" ignore missing -%}
