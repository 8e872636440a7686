{% include cookiecutter.domain ~ "/tests/test_explore.py" ignore missing -%}
