{% include cookiecutter.domain ~ "/src/figures.py" -%}
