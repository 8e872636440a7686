{% include cookiecutter.domain ~ "/tests/test_data.py" -%}
