{% include cookiecutter.domain ~ "/src/sample.py" -%}
