{% include [cookiecutter.domain ~ "/src/calibration.py", "served/src/calibration.py"] -%}
