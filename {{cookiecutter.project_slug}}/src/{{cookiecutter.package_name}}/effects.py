{% include cookiecutter.domain ~ "/src/effects.py" ignore missing -%}
