"""Complete projects of schema 2 for the tests of the tool, made without running anything.

The numbers are made up; what counts is that every file has the shape of the contract.
"""

import hashlib
import json
import struct
import subprocess
import zlib
from pathlib import Path

import yaml

PACKAGES = {
    "foundations": "analysis",
    "tabular": "churn",
    "nlp": "sentiment",
    "cv": "imaging",
    "timeseries": "demand",
    "recsys": "recommender",
}
TITLES = {
    "foundations": "Mini-Analysis",
    "tabular": "Customer Churn",
    "nlp": "Review Sentiment",
    "cv": "Medical Imaging",
    "timeseries": "Demand Forecasting",
    "recsys": "Recommender",
}
SLUGS = {domain: title.lower().replace(" ", "-") for domain, title in TITLES.items()}
# The data set, its rows and licence; the metric, its value, and whether more is better.
DATA = {
    "foundations": ("bicycles", 731, "CC BY 4.0"),
    "tabular": ("telco", 7043, "Apache-2.0"),
    "nlp": ("amazon", 1000, "CC BY 4.0"),
    "cv": ("pneumonia", 5856, "CC BY 4.0"),
    "timeseries": ("bikes", 17379, "CC BY 4.0"),
    "recsys": ("movielens", 100000, None),
}
METRICS = {
    "foundations": ("r2", 0.81, True),
    "tabular": ("roc_auc", 0.8504, True),
    "nlp": ("accuracy", 0.84, True),
    "cv": ("roc_auc", 0.9866, True),
    "timeseries": ("mase", 0.856, False),
    "recsys": ("ndcg", 0.3914, True),
}
MODELS = {
    "foundations": ("dummy", "linear_regression", "decision_tree"),
    "tabular": ("dummy", "logistic_regression", "random_forest", "xgboost"),
    "nlp": ("dummy", "naive_bayes", "tfidf_logistic", "bert"),
    "cv": ("dummy", "logistic_regression", "cnn"),
    "timeseries": ("seasonal_naive", "arima", "prophet", "lstm"),
    "recsys": ("popularity", "content", "item_item", "svd"),
}
SKILLS = {
    "foundations": ("pandas", "statistics"),
    "tabular": ("XGBoost", "SHAP", "API", "business ROI"),
    "nlp": ("TF-IDF", "BERT", "dashboard"),
    "cv": ("transfer learning", "Grad-CAM", "Docker"),
    "timeseries": ("ARIMA", "Prophet", "cost saved"),
    "recsys": ("matrix factorisation", "API", "A/B test"),
}
VERSION = "0123456789ab"
WORDS = "These are sentences that the author wrote about this very project, in her own words."


def build(
    parent: Path,
    domain: str,
    *,
    slug: str | None = None,
    title: str | None = None,
    ran: bool = True,
    synthetic: bool = False,
    written: bool = True,
    live_url: str | None = None,
    template: str | None = None,
    commit: str | None = None,
) -> Path:
    """Write a project of a domain below `parent` and return its folder.

    `ran`: with results; `written`: with the author's sections; `title`: another one than the
    template's; the rest is what files say.
    """
    root = parent / (slug or SLUGS[domain])
    package, served = PACKAGES[domain], domain != "foundations"
    answers = {
        "domain": domain,
        "project_name": title or TITLES[domain],
        "project_slug": root.name,
        "author_name": "Ada Example",
        "github_username": "ada-example",
        "license": "MIT",
        "currency": "EUR",
        "cloud": "none",
    }
    origin = {"template": template, "commit": commit, "checkout": None, "directory": None}
    _json(root / ".cruft.json", origin | {"context": {"cookiecutter": answers}})
    prices = {"currency": "EUR", "offer_cost": 60}
    config = {"seed": 42, "dataset": "sample", "live_url": live_url, "prices": prices}
    _text(root / "config.yaml", yaml.safe_dump(config, sort_keys=False))
    _text(root / "pyproject.toml", f'[project]\nname = "{root.name}"\nversion = "0.1.0"\n')
    _text(root / "LICENSE", "MIT License\n\nCopyright (c) 2025 Ada Example\n")
    _text(root / ".gitignore", ".venv/\ndata/processed/\n")
    _text(root / ".github" / "workflows" / "ci.yml", "name: CI\non: push\njobs: {}\n")
    _text(root / "src" / package / "__init__.py", '"""A project."""\n')
    _text(root / "data" / "README.md", "# Data\n\nSource and licence.\n")
    _notebook(root / "notebooks" / "01_explore.ipynb", ran)
    if served:
        _text(root / "MODEL_CARD.md", f"# Model card: {TITLES[domain]}\n\n## Limits\n\nMany.\n")
        _text(root / "api" / "main.py", '"""API."""\n')
        _text(root / "dashboard" / "app.py", '"""Dashboard."""\n')
        _text(root / "Dockerfile", "FROM python:3.13-slim\n")
    if ran:
        _reports(root, domain, synthetic)
    if ran and served:
        _model(root, domain)
    _text(root / "README.md", _readme(domain, title or TITLES[domain], ran, written, live_url))
    return root


def results(domain: str, synthetic: bool = False) -> dict:
    """The content of `reports/metrics.json`."""
    name, rows, licence = DATA[domain]
    metric, value, higher = METRICS[domain]
    step = -0.02 if higher else 0.02
    models = []
    for behind, rung in zip(reversed(range(len(MODELS[domain]))), MODELS[domain], strict=True):
        gap = behind * step
        model = {
            "name": rung,
            "label": rung.replace("_", " "),
            "metrics": {metric: _interval(value + gap, 0.01)},
            "selected": behind == 0,
        }
        models.append(model | ({"difference": _interval(gap, 0.01)} if behind else {}))
    return {
        "schema": 2,
        "project": TITLES[domain],
        "domain": domain,
        "package": PACKAGES[domain],
        "dataset": {
            "name": "sample" if synthetic else name,
            "synthetic": synthetic,
            "rows": rows,
            "sha256": None if synthetic else "ab" * 32,
            "licence": licence,
        },
        "primary_metric": {
            "name": metric,
            **_interval(value, 0.02),
            "higher_is_better": higher,
        },
        "models": models,
        "test": {metric: _interval(value, 0.02)},
        "business": {
            "headline": "About 150,000 EUR a year, if 40 % accept.",
            "assumption": "40 % accept the offer",
            "value": 150000.0,
            "low": 90000.0,
            "high": 210000.0,
            "currency": "EUR",
            "per": "year",
        },
        "skills": list(SKILLS[domain]),
        domain: {"rate": 0.265},
    }


def _interval(value: float, half: float) -> dict[str, float]:
    return {"value": round(value, 4), "low": round(value - half, 4), "high": round(value + half, 4)}


def _reports(root: Path, domain: str, synthetic: bool) -> None:
    content = results(domain, synthetic)
    name, rows, _ = DATA[domain]
    reports = root / "reports"
    _json(reports / "metrics.json", content)
    receipt = {
        "schema": 2,
        "source": "sample" if synthetic else f"data/{name}.csv.gz",
        "lines": rows + 1,
        "rows_read": rows,
        "rows_kept": rows - 11,
        "dropped": [{"reason": "no value in the target", "rows": 11}],
        "columns": [
            {"name": "tenure", "kind": "number", "reason": "all values are numbers"},
            {"name": "contract", "kind": "category", "reason": "3 values"},
            {"name": "id", "kind": "ignored", "reason": "names the row"},
        ],
        "target": {
            "No": {"class": "negative", "rows": rows - 200},
            "Yes": {"class": "positive", "rows": 189},
        },
        "allowed": [],
    }
    _json(reports / "data.json", receipt)
    listed = []
    for role in ("headline", "data", "result", "money", "explanation"):
        file = f"reports/figures/{role}.png"
        picture(root / file)
        listed.append({"file": file, "title": role.title(), "alt": f"What {role} is", "role": role})
    _json(reports / "figures.json", {"schema": 2, "figures": listed})
    rows = [("contract", 0.31), ("tenure", 0.22), ("charges", 0.07)]
    importance = [{"feature": feature, "value": value} for feature, value in rows]
    explained = {"schema": 2, "model_version": VERSION, "importance": importance}
    if domain == "cv":
        explained["examples"] = [{"class": "ill", "file": "caught_1.png", "outcome": "caught"}]
    _json(reports / "explain.json", explained)


def _model(root: Path, domain: str) -> None:
    metric, value, _ = METRICS[domain]
    folder = root / "models" / VERSION
    _text(root / "models" / "current.txt", VERSION + "\n")
    _text(folder / "model.onnx", "no real model")
    metadata = {
        "version": VERSION,
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "created": "2025-03-31T12:00:00+00:00",
        "commit": None,
        "signature": {"tenure": "number", "contract": "category"},
        "threshold": 0.3,
        "metrics": {metric: value},
        "packages": {"scikit-learn": "1.9.0"},
    }
    _json(folder / "metadata.json", metadata)


def _readme(domain: str, title: str, ran: bool, written: bool, live_url: str | None) -> str:
    image = "![What headline is](reports/figures/headline.png)"
    blocks = {
        "headline": f"**About 150,000 EUR a year, if 40 % accept.**\n\n{image}",
        "data": f"{DATA[domain][1]:,} rows.",
        "results": "| model | score |\n|---|---|\n| best | 0.85 |",
        "money": "150,000 EUR a year.",
        "explanation": "The contract counts most.",
    }
    live = f"Live: <{live_url}>" if live_url else ""
    filled = {name: body if ran else "" for name, body in blocks.items()} | {"live": live}
    marked = {name: f"<!-- {name} -->\n{body}\n<!-- /{name} -->" for name, body in filled.items()}
    first = "\n\n".join(marked.pop(name) for name in ("live", "headline", "data"))
    shown = "\n\n".join(f"## {name.title()}\n\n{block}" for name, block in marked.items())
    words = WORDS if written else "<!-- What made you choose this? -->"
    own = "\n\n".join(
        f"## {name}\n\n{words}" for name in ("In my own words", "Decisions", "What I learned")
    )
    run = f"## Run it\n\n```console\nuv run {PACKAGES[domain]} all\n```"
    return f"# {title}\n\nWho decides what by it.\n\n{first}\n\n{shown}\n\n{own}\n\n{run}\n"


def _notebook(file: Path, ran: bool) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["7043\n"]}
    cell = {
        "cell_type": "code",
        "id": "rows",
        "metadata": {},
        "execution_count": 1 if ran else None,
        "source": ["print(7043)"],
        "outputs": [output] if ran else [],
    }
    _json(file, {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def commit(root: Path, message: str = "A commit") -> None:
    """Commit everything in a folder, which becomes a repository if it is none."""
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    settings = (*identity, "-c", "commit.gpgsign=false")
    for command in (
        ("init", "-q"),
        ("add", "-A"),
        ("commit", "-q", "--allow-empty", "-m", message),
    ):
        subprocess.run(["git", *settings, *command], cwd=root, check=True, capture_output=True)


def picture(file: Path) -> None:
    """Write a PNG of one grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b"")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))


def _json(file: Path, content: object) -> None:
    _text(file, json.dumps(content, indent=2) + "\n")


def _text(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
