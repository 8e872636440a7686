{% include cookiecutter.domain ~ "/src/scores.py" ignore missing -%}
