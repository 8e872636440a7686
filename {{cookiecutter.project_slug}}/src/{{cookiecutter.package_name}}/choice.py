{% include cookiecutter.domain ~ "/src/choice.py" ignore missing -%}
