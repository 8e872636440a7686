{% include cookiecutter.domain ~ "/tests/test_blocks.py" ignore missing -%}
