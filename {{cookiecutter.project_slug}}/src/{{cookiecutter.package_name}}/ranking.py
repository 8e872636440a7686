{% include cookiecutter.domain ~ "/src/ranking.py" ignore missing -%}
