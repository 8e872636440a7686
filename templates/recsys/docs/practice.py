{% extends "practice.py" %}
{% block tables -%}
def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """Users, items, and who met what in which part of the split.

    Raises:
        DataError: the data stage has not run.
    """
    data, _ = read_processed(paths)
    users = pd.DataFrame({"user": range(len(data.users)), "name": data.users["id"]})
    items = pd.DataFrame({"item": range(len(data.items)), "title": data.items["title"]})
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    whole = pd.concat([table.assign(part=part) for part, table in parts.items()])
    for column in ("rating", "timestamp"):
        if column not in whole:
            whole[column] = None
    columns = ["user", "item", "like", "rating", "timestamp", "part"]
    interactions = whole[columns].rename(columns={"like": "liked", "timestamp": "seconds"})
    return {"users": users, "items": items, "interactions": interactions}
{%- endblock %}
