"""Lay the chosen domain over the tree, remove what it does without, say what to do next."""

import json
import shutil
from pathlib import Path

KIT = "src/{{cookiecutter.__package}}/kit"
UNSERVED = ("foundations",)
MARK = "# How Python is checked where the template keeps it"
# Paths in the tree -> the domains that do without them. Any other domain keeps them.
WITHOUT: dict[str, tuple[str, ...]] = {
    ".dockerignore Dockerfile MODEL_CARD.md api compose.yaml dashboard models monitoring": UNSERVED,
    ".github/workflows/monitor.yml .github/workflows/retrain.yml docs/scale.md": UNSERVED,
    f"{KIT}/engine.py {KIT}/served.py {KIT}/serving.py {KIT}/tracking.py": UNSERVED,
    "src/{{cookiecutter.__package}}/cli.py": UNSERVED,  # theirs has other stages
    f"{KIT}/decisions.py": ("timeseries", "recsys"),
    f"{KIT}/dates.py": (*UNSERVED, "tabular", "nlp", "cv"),
}
PRUNE = {path: domains for paths, domains in WITHOUT.items() for path in paths.split()}

NEXT_STEPS = """\nHere is {project_slug}, the {domain} project. Next, run it:
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
IGNORED = "A mini-analysis serves nothing: the cloud is ignored."
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
    """Make the project of `domain` out of the tree that was rendered to `root`, the first time."""
    if (mark := root / ".ruff.toml").is_file() and mark.read_text("utf-8").startswith(MARK):
        prune(root, domain)
        lay(template / "domains" / domain, root)
        mark.unlink()


if __name__ == "__main__":
    answers = json.loads(r"""{{ cookiecutter | jsonify }}""")
    # Cruft leaves out `_repo_dir`, where the template lies; but whoever renders this is there.
    template = Path(r"{{ lipsum.__globals__.os.getcwd() }}")
    settle(Path.cwd(), template, answers["domain"])
    if answers["cloud"] != "none" and answers["domain"] not in UNSERVED:
        from runpy import run_path  # late, as it is seldom needed and takes a while

        run_path(str(template / "clouds" / "fill.py"))["fill"](Path.cwd(), answers)
    if "_repo_dir" not in answers:  # `cruft update` generates in scratch folders
        import tempfile

        if Path.cwd().parent.match(str(Path(tempfile.gettempdir(), "tmp????????").resolve())):
            raise SystemExit  # nobody is to go there
    print(NEXT_STEPS.format_map(answers).replace("/your-username/", "/<you on GitHub>/"))
    if answers["cloud"] != "none":
        print(IGNORED if answers["domain"] in UNSERVED else DEPLOY)
