{% extends "practice.py" %}
{% block files %}read_json, replacing{% endblock %}
{% block tables -%}
def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """Customers, the predictions for them, and the decision; ``roles`` says which column is what.

    Raises:
        DataError: the data stage has not run.
        FileNotFoundError: the pipeline has not run to its end.
    """
    data, info = read_processed(paths)
    metrics = read_json(paths.reports / "metrics.json")
    importance = read_json(paths.reports / "explain.json")["importance"]
    predictions = pd.read_csv(paths.reports / "predictions.csv")
    kinds = {"category": info.categorical, "number": info.numeric}
    strongest = [row["feature"] for row in importance]
    roles = {role: next((n for n in strongest if n in kinds[role]), None) for role in kinds}
    whole = pd.concat([data.train.assign(part="train"), data.test.assign(part="test")])
    customers = pd.DataFrame({"customer": whole[info.id] if info.id else whole.index.astype(str)})
    customers["part"], customers["churned"] = whole["part"], whole[info.target]
    for role, name in roles.items():
        customers[role] = whole[name] if name else None
    prices = metrics["tabular"]["business"]["prices"]
    threshold = metrics["tabular"]["business"]["threshold"]
    named = pd.DataFrame({"role": list(roles), "column_name": list(roles.values())})
    decision = pd.DataFrame([{"threshold": threshold, **prices}])
    return {
        "roles": named,
        "customers": customers,
        "predictions": predictions,
        "decision": decision,
    }
{%- endblock %}
