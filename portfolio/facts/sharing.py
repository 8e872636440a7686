"""What may be said of who can see and repeat a project: only what git and `config.yaml` show."""

import yaml

from portfolio import git
from portfolio.contract import Project, SafeLoader
from portfolio.facts.words import listed

PLACEHOLDER = "your-username"


def sharing(project: Project) -> dict[str, str | None]:
    """What is open, whether anybody can repeat the run, whose prices they are, the address."""
    files = tracked(project)
    data = _has_data(files)
    parts = ["code"] if any(one.startswith("src/") for one in files) else []
    parts += ["tests"] if any(one.startswith("tests/") for one in files) else []
    parts += ["data"] if data else []
    parts += ["model"] if "models/current.txt" in files else []
    priced, own = bool(_figures(project.config.prices)), prices_are_own(project)
    return {
        "open_parts": listed(parts) if parts else None,
        "anybody": "anybody" if data or project.results.dataset.synthetic else None,
        "at_prices": ("at my prices" if own else "at example prices") if priced else None,
        "whose_prices": ("my own" if own else "examples until I replace them") if priced else None,
        "repository": repository(project),
        "github": "GitHub" if git.on_github(project.root) else None,
    }


def tracked(project: Project) -> list[str]:
    """The files that git holds, seen from the project's folder; none without git."""
    return (git.ask(project.root, "ls-files") or "").splitlines()


def _has_data(files: list[str]) -> bool:
    inside = [one for one in files if one.startswith("data/")]
    return any(not one.endswith((".md", ".gitignore", ".gitkeep")) for one in inside)


def prices_are_own(project: Project) -> bool:
    """Whether the prices are others than in the first `config.yaml` that was committed."""
    first = git.ask(project.root, "rev-list", "--reverse", "HEAD", "--", "config.yaml")
    commit = (first or "").splitlines()[:1]
    text = commit and git.ask(project.root, "show", f"{commit[0]}:./config.yaml")
    if not text:
        return False
    try:
        content = yaml.load(text, Loader=SafeLoader)
    except yaml.YAMLError:
        return False
    before = content.get("prices") if isinstance(content, dict) else None
    return _figures(project.config.prices) != _figures(before or {})


def _figures(prices: dict) -> dict:
    return {name: value for name, value in prices.items() if name != "currency"}


def repository(project: Project) -> str | None:
    """The address on GitHub: git's own, else by the record's answers; none for a placeholder."""
    found = git.GITHUB.search(git.ask(project.root, "remote", "get-url", "origin") or "")
    user = project.record.answers.get("github_username")
    path = found[1] if found else f"{user}/{project.name}" if user else ""
    return f"https://github.com/{path}" if path and PLACEHOLDER not in path else None
