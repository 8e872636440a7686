{% include cookiecutter.domain ~ "/src/images.py" ignore missing -%}
