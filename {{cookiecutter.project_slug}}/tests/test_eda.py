{% include cookiecutter.domain ~ "/tests/test_eda.py" ignore missing -%}
