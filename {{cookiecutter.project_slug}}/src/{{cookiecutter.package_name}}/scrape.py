{% include cookiecutter.domain ~ "/src/scrape.py" ignore missing -%}
