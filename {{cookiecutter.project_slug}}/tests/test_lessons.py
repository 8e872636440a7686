{% include cookiecutter.domain ~ "/tests/test_lessons.py" ignore missing -%}
