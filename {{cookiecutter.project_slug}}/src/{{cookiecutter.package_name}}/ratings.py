{% include cookiecutter.domain ~ "/src/ratings.py" ignore missing -%}
