{% include cookiecutter.domain ~ "/tests/test_choice.py" ignore missing -%}
