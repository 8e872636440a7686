{% include cookiecutter.domain ~ "/docs/queries.sql" -%}
