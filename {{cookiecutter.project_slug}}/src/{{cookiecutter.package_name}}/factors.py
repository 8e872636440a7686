{% include cookiecutter.domain ~ "/src/factors.py" ignore missing -%}
