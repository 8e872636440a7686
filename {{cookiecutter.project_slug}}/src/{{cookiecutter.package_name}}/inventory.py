{% include cookiecutter.domain ~ "/src/inventory.py" ignore missing -%}
