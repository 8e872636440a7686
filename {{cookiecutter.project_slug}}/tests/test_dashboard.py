{% include cookiecutter.domain ~ "/tests/test_dashboard.py" ignore missing -%}
