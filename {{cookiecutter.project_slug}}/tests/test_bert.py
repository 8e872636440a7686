{% include cookiecutter.domain ~ "/tests/test_bert.py" ignore missing -%}
