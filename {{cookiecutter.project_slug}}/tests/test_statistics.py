{% include cookiecutter.domain ~ "/tests/test_statistics.py" ignore missing -%}
