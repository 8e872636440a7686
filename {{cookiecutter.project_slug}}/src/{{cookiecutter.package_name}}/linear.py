{% include cookiecutter.domain ~ "/src/linear.py" ignore missing -%}
