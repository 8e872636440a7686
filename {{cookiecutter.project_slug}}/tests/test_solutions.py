{% include cookiecutter.domain ~ "/tests/test_solutions.py" -%}
