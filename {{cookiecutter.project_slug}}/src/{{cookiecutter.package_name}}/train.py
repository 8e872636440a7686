{% include cookiecutter.domain ~ "/src/train.py" -%}
