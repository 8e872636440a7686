"""What each command reads and leaves: the README's diagram is drawn from it."""

FLOW: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "data": (("config.yaml",), ("data/processed",)),
    "train": (("data/processed",), ("models/candidate",)),
    "evaluate": (("models/candidate", "data/processed"), ("models", "reports/metrics.json")),
    "explain": (("models", "data/processed"), ("reports/explain.json",)),
    "report": (("reports/metrics.json", "reports/explain.json"), ("README.md",)),
    "serve": (("models", "api"), ()),
    "dashboard": (("models", "reports/metrics.json", "dashboard/app.py"), ()),
}
