{% include cookiecutter.domain ~ "/src/embeddings.py" ignore missing -%}
