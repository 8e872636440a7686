{% include cookiecutter.domain ~ "/src/transfer.py" ignore missing -%}
