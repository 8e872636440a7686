{% include cookiecutter.domain ~ "/tests/test_ab_test.py" ignore missing -%}
