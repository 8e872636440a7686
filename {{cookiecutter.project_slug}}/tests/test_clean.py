{% include cookiecutter.domain ~ "/tests/test_clean.py" ignore missing -%}
