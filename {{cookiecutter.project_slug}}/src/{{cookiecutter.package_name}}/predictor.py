{% include cookiecutter.domain ~ "/src/predictor.py" ignore missing -%}
