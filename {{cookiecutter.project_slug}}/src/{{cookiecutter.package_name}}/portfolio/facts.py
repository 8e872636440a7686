{% include cookiecutter.domain ~ "/src/portfolio/facts.py" -%}
