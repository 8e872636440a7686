{% include cookiecutter.domain ~ "/src/explain_figures.py" ignore missing -%}
