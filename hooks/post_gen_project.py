"""Remove what the chosen domain does not use, then say what to do next."""

import json
import shutil
import tempfile
from pathlib import Path

SERVED = ("tabular", "nlp", "timeseries", "recsys")

SERVING = """
    .dockerignore Dockerfile api compose.yaml dashboard tests/call_api.py tests/test_artifacts.py
    tests/test_page.py tests/test_server.py src/{{cookiecutter.package_name}}/artifacts.py
    src/{{cookiecutter.package_name}}/values.py
""".split()
# Path in the tree -> the domains that keep it. All other domains lose it.
PRUNE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(SERVING, SERVED),
    "src/{{cookiecutter.package_name}}/calibration.py": ("tabular", "nlp"),
    "src/{{cookiecutter.package_name}}/dates.py": ("nlp", "timeseries", "recsys"),
    "src/{{cookiecutter.package_name}}/metrics.py": ("tabular", "foundations", "nlp"),
    "src/{{cookiecutter.package_name}}/policy.py": ("tabular", "nlp"),
    "tests/test_metrics.py": ("tabular", "nlp"),
}

NEXT_STEPS = """
Next, run it:
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
