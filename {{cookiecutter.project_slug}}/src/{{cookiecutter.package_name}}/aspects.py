{% include cookiecutter.domain ~ "/src/aspects.py" ignore missing -%}
