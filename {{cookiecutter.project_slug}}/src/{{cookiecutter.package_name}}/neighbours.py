{% include cookiecutter.domain ~ "/src/neighbours.py" ignore missing -%}
