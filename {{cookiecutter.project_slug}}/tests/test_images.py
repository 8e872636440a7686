{% include cookiecutter.domain ~ "/tests/test_images.py" ignore missing -%}
