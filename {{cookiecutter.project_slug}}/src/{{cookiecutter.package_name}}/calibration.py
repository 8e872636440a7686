{% include cookiecutter.domain ~ "/src/calibration.py" ignore missing -%}
