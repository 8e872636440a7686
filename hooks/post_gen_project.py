"""Remove what the chosen domain does not use, then say what to do next."""

import json
import shutil
import tempfile
from pathlib import Path

SERVED = ("tabular", "nlp", "cv", "timeseries", "recsys")
DECIDING = ("tabular", "nlp", "cv")  # their models say yes or no, and somebody acts on it
TABULATED = ("tabular", "foundations", "nlp", "timeseries", "recsys")
SRC = "src/{{cookiecutter.package_name}}"
# Paths in the tree -> the domains that keep them. All other domains lose them.
KEPT: dict[str, tuple[str, ...]] = {
    f".dockerignore Dockerfile api compose.yaml dashboard {SRC}/artifacts.py": SERVED,
    f"{SRC}/candidate.py": SERVED,
    "tests/call_api.py tests/test_artifacts.py tests/test_page.py tests/test_server.py": SERVED,
    f"dashboard/prices.py {SRC}/calibration.py {SRC}/policy.py {SRC}/policy_figures.py": DECIDING,
    f"{SRC}/outcomes.py {SRC}/reliability.py tests/test_metrics.py tests/test_policy.py": DECIDING,
    f"{SRC}/metrics.py": ("foundations", *DECIDING),
    f"{SRC}/formats.py {SRC}/tables.py tests/test_tables.py": TABULATED,
    f"{SRC}/values.py": ("tabular", "nlp", "timeseries", "recsys"),
    f"{SRC}/dates.py": ("nlp", "timeseries", "recsys"),
}
PRUNE = {path: domains for paths, domains in KEPT.items() for path in paths.split()}

NEXT_STEPS = """\nNext, run it:
    cd {project_slug}
    uv run {package_name} all
Then publish it:
    git init -b main
    git add .
    git commit -m "Start from the template"
    gh repo create {project_slug} --public --source . --push
or, without gh, make an empty repository at https://github.com/new?name={project_slug} and
    git remote add origin https://github.com/{github_username}/{project_slug}.git
    git push -u origin main
"""


def prune(root: Path, domain: str) -> None:
    """Remove what `domain` does not keep, what its folder had nothing for, and empty folders."""
    lost = [root / path for path, domains in PRUNE.items() if domain not in domains]
    files = [path for path in root.rglob("[!_]*") if path.is_file() and not path.stat().st_size]
    for target in [*lost, *(path for path in files if ".git" not in path.relative_to(root).parts)]:
        if target.is_dir():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        for parent in (root / folder for folder in target.relative_to(root).parents[:-1]):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


if __name__ == "__main__":
    answers = json.loads(r"""{{ cookiecutter | jsonify }}""")
    prune(Path.cwd(), answers["domain"])
    # `cruft update` generates in scratch folders: nobody is to go there.
    scratch = Path.cwd().parent.parent == Path(tempfile.gettempdir()).resolve()
    if "_repo_dir" in answers or not scratch:
        print(NEXT_STEPS.format_map(answers))
