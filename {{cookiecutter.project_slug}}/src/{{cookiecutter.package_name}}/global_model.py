{% include cookiecutter.domain ~ "/src/global_model.py" ignore missing -%}
