{% include cookiecutter.domain ~ "/src/conformal.py" ignore missing -%}
