{% include cookiecutter.domain ~ "/tests/test_scores.py" ignore missing -%}
