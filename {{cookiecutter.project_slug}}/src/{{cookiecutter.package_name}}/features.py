{% include cookiecutter.domain ~ "/src/features.py" -%}
