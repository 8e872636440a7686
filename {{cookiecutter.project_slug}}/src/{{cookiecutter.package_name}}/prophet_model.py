{% include cookiecutter.domain ~ "/src/prophet_model.py" ignore missing -%}
