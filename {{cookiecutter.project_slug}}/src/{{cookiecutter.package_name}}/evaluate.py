{% include cookiecutter.domain ~ "/src/evaluate.py" ignore missing -%}
