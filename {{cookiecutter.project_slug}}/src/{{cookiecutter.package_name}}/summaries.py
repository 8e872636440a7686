{% include cookiecutter.domain ~ "/src/summaries.py" ignore missing -%}
