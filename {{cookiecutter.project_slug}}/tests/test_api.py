{% include cookiecutter.domain ~ "/tests/test_api.py" ignore missing -%}
