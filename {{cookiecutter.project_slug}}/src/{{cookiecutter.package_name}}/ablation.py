{% include cookiecutter.domain ~ "/src/ablation.py" ignore missing -%}
