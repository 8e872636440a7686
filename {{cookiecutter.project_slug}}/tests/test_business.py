{% include cookiecutter.domain ~ "/tests/test_business.py" ignore missing -%}
