{% include cookiecutter.domain ~ "/tests/test_models.py" -%}
