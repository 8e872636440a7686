{% include cookiecutter.domain ~ "/src/network.py" ignore missing -%}
