{% include cookiecutter.domain ~ "/src/lessons.py" ignore missing -%}
