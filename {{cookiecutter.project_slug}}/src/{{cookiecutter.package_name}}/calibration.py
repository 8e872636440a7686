{% include cookiecutter.domain ~ "/src/calibration.py" -%}
