{% include cookiecutter.domain ~ "/tests/test_stationarity.py" ignore missing -%}
