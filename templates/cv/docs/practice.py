{% extends "practice.py" %}
{% block files %}read_json, replacing{% endblock %}
{% block tables -%}
def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """What is known of each image, the predictions, and the decision.

    Raises:
        DataError: the data stage has not run.
        FileNotFoundError: the pipeline has not run to its end.
    """
    data, _ = read_processed(paths)
    business = read_json(paths.reports / "metrics.json")["cv"]["business"]
    predictions = pd.read_csv(paths.reports / "predictions.csv")
    cases = pd.concat([data.train.cases, data.validation.cases, data.test.cases])
    columns = ["id", "patient", "class", "part", "y", "brightness"]
    images = cases[columns].rename(columns={"id": "image", "class": "kind", "y": "positive"})
    decision = pd.DataFrame([{"threshold": business["threshold"], **business["prices"]}])
    return {"images": images, "predictions": predictions, "decision": decision}
{%- endblock %}
