{% include cookiecutter.domain ~ "/src/bert_serving.py" ignore missing -%}
