{% include cookiecutter.domain ~ "/tests/test_scrape.py" ignore missing -%}
