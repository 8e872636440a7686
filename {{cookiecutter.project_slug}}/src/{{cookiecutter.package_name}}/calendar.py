{% include cookiecutter.domain ~ "/src/calendar.py" ignore missing -%}
