"""What each command reads and leaves: the README's diagram is drawn from it."""

FLOW: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "data": (("config.yaml",), ("data/processed", "reports/quality.json")),
    "explore": (("data/processed",), ("reports/plots.json",)),
    "statistics": (("data/processed",), ("reports/statistics.json",)),
    "train": (
        ("data/processed", "reports/quality.json", "reports/plots.json", "reports/statistics.json"),
        ("reports/metrics.json",),
    ),
    "report": (("reports/metrics.json",), ("README.md",)),
}
