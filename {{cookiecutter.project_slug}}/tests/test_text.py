{% include cookiecutter.domain ~ "/tests/test_text.py" ignore missing -%}
