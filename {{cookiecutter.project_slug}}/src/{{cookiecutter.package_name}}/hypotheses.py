{% include cookiecutter.domain ~ "/src/hypotheses.py" ignore missing -%}
