"""Lay the chosen domain over the tree, remove what it does without, say what to do next."""

import json
import runpy
import shutil
import tempfile
from pathlib import Path

KIT = "src/{{cookiecutter.__package}}/kit"
UNSERVED = ("foundations",)
MARK = "# How Python is checked where the template keeps it"
# Paths in the tree -> the domains that do without them. Any other domain keeps them.
WITHOUT: dict[str, tuple[str, ...]] = {
    ".dockerignore Dockerfile MODEL_CARD.md api compose.yaml dashboard models monitoring": UNSERVED,
    ".github/workflows/monitor.yml .github/workflows/retrain.yml": UNSERVED,
    f"{KIT}/served.py {KIT}/serving.py {KIT}/storage.py {KIT}/tracking.py": UNSERVED,
    "src/{{cookiecutter.__package}}/cli.py": UNSERVED,  # theirs has other stages
    f"{KIT}/decisions.py": ("timeseries", "recsys"),
    f"{KIT}/dates.py": (*UNSERVED, "tabular", "nlp", "cv"),
}
PRUNE = {path: domains for paths, domains in WITHOUT.items() for path in paths.split()}

NEXT_STEPS = """\nNext, run it:
    cd {project_slug}
    uv run {__package} all
Then publish it:
    git init -b main
    git add .
    git commit -m "Start from the template"
    gh repo create {project_slug} --public --source . --push
or, without gh, make an empty repository at https://github.com/new?name={project_slug} and
    git remote add origin https://github.com/{github_username}/{project_slug}.git
    git push -u origin main
"""
DEPLOY = "When it is on GitHub, deploy/README.md says how to put it online."


def prune(root: Path, domain: str) -> None:
    """Remove what `domain` does without, and the folders that are empty then."""
    for target in (root / path for path, domains in PRUNE.items() if domain in domains):
        if target.is_dir():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        for parent in (root / folder for folder in target.relative_to(root).parents[:-1]):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def lay(source: Path, target: Path) -> None:
    """Copy what is in the folder `source` into `target`; no file may be in both."""
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(exist_ok=True)
        elif place.exists():
            raise FileExistsError(f"both the tree and the domain have {place}")
        else:
            shutil.copy(path, place)


def settle(root: Path, template: Path, domain: str) -> None:
    """Make the project of `domain` out of the tree that cookiecutter has rendered to `root`."""
    mark = root / ".ruff.toml"  # the template's: it is there the first time
    if mark.is_file() and mark.read_text("utf-8").startswith(MARK):
        prune(root, domain)
        lay(template / "domains" / domain, root)
        mark.unlink()


if __name__ == "__main__":
    answers = json.loads(r"""{{ cookiecutter | jsonify }}""")
    # Only `_repo_dir` tells a hook where the template lies, and cruft leaves it out; but whoever
    # renders this file is there.
    template = Path(r"{{ lipsum.__globals__.os.getcwd() }}")
    settle(Path.cwd(), template, answers["domain"])
    if answers["cloud"] != "none" and answers["domain"] not in UNSERVED:
        runpy.run_path(str(template / "clouds" / "fill.py"))["fill"](Path.cwd(), answers)
    # `cruft update` generates in scratch folders: nobody is to go there.
    scratch = Path.cwd().parent.parent == Path(tempfile.gettempdir()).resolve()
    if "_repo_dir" in answers or not scratch:
        print(NEXT_STEPS.format_map(answers))
        if answers["cloud"] != "none":
            served = answers["domain"] not in UNSERVED
            print(DEPLOY if served else "A mini-analysis serves nothing: the cloud is ignored.")
