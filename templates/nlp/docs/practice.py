{% extends "practice.py" %}
{% block files %}read_json, replacing{% endblock %}
{% block imports %}
from {{ cookiecutter.package_name }}.text import tokens{% endblock %}
{% block tables -%}
def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """Reviews, the predictions for them, and the decision.

    Raises:
        DataError: the data stage has not run.
        FileNotFoundError: the pipeline has not run to its end.
    """
    data, _ = read_processed(paths)
    business = read_json(paths.reports / "metrics.json")["nlp"]["business"]
    predictions = pd.read_csv(paths.reports / "predictions.csv")
    whole = pd.concat([data.train.assign(part="train"), data.test.assign(part="test")])
    reviews = pd.DataFrame({"review": range(1, len(whole) + 1), "part": whole["part"]})
    reviews["text"], reviews["positive"] = whole["text"], whole["positive"]
    reviews["words"] = [len(tokens(text)) for text in whole["text"]]
    reviews["product"] = whole.get("product")
    reviews["date"] = whole["date"].dt.strftime("%Y-%m-%d") if "date" in whole else None
    decision = pd.DataFrame([{"threshold": business["threshold"], **business["prices"]}])
    return {"reviews": reviews, "predictions": predictions, "decision": decision}
{%- endblock %}
