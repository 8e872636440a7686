{% include cookiecutter.domain ~ "/src/ablation.py" -%}
