{% include cookiecutter.domain ~ "/src/statistics.py" ignore missing -%}
