{% include cookiecutter.domain ~ "/src/stationarity.py" ignore missing -%}
