{% include cookiecutter.domain ~ "/src/wording.py" ignore missing -%}
