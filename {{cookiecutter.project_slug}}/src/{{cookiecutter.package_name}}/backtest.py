{% include cookiecutter.domain ~ "/src/backtest.py" ignore missing -%}
