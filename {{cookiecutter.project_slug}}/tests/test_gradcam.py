{% include cookiecutter.domain ~ "/tests/test_gradcam.py" ignore missing -%}
