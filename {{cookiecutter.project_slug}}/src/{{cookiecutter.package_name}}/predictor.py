{% include cookiecutter.domain ~ "/src/predictor.py" -%}
