{% extends "practice.py" %}
{% block tables -%}
def tables(paths: Paths) -> dict[str, pd.DataFrame]:
    """Demand of each series at each date, and how long a season is.

    Raises:
        DataError: the data stage has not run.
    """
    data, info = read_processed(paths)
    demand = data.series[["unique_id", "ds", "y"]].copy()
    demand["ds"] = demand["ds"].dt.strftime("%Y-%m-%d %H:%M:%S")
    settings = pd.DataFrame([{"season_length": info.season_length, "horizon": info.horizon}])
    return {"demand": demand, "settings": settings}
{%- endblock %}
