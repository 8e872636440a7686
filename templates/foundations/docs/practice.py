{% extends "practice.py" %}
{% block imports %}
from {{ cookiecutter.package_name }}.roles import focus, main_category{% endblock %}
{% block tables -%}
def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """The clean table under short names; ``roles`` says which column each of them is.

    Raises:
        DataError: the data stage has not run.
    """
    table, info = read_processed(paths)
    number, category = focus(table, info) if info.numeric else None, main_category(info)
    roles = {
        "number": number,
        "number_2": next((name for name in info.numeric if name != number), None),
        "category": category,
        "category_2": next((name for name in info.categorical if name != category), None),
        "date": info.date,
    }
    rows = pd.DataFrame({"row": range(1, len(table) + 1)})
    for role, name in roles.items():
        rows[role] = table[name].to_numpy() if name else None
    if info.date:
        rows["date"] = table[info.date].dt.strftime("%Y-%m-%d").to_numpy()
    named = pd.DataFrame({"role": list(roles), "column_name": list(roles.values())})
    return {"roles": named, "clean": rows}
{%- endblock %}
