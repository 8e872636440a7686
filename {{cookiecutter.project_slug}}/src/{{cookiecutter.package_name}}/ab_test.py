{% include cookiecutter.domain ~ "/src/ab_test.py" ignore missing -%}
