{% include cookiecutter.domain ~ "/tests/test_transfer.py" ignore missing -%}
