{% include cookiecutter.domain ~ "/src/blocks.py" -%}
