{% include cookiecutter.domain ~ "/src/gradcam.py" ignore missing -%}
