{% include cookiecutter.domain ~ "/src/augment.py" ignore missing -%}
