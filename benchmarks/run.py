"""Run every benchmark, on projects generated for it or on some that are there.

Runs in the template's environment:

    .venv/bin/python benchmarks/run.py [--projects FOLDER] [--telco FILE] [--movielens FOLDER]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The projects that are measured: folder, and domain.
PROJECTS = {"customer-churn": "tabular", "recommender": "recsys"}


def generate(folder: Path) -> None:
    """Generate the projects, install them and run `all` on their samples."""
    for name, domain in PROJECTS.items():
        command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
        answers = ["--output-dir", folder, f"domain={domain}"]
        subprocess.run([*command, HERE.parent, *answers], check=True)
        program = "churn" if domain == "tabular" else "recommender"
        subprocess.run([*in_project(folder / name), program, "all"], cwd=folder / name, check=True)


def in_project(project: Path) -> list[str | Path]:
    """Begin a command that runs in the project's own environment."""
    return [sys.executable, "-m", "uv", "run", "--quiet", "--project", project]


def benchmark(folder: Path, telco: Path | None, movielens: Path | None) -> None:
    """Run all scripts one after the other, the longest last."""
    churn, recommender = (folder / name for name in PROJECTS)
    subprocess.run([sys.executable, HERE / "bake.py"], check=True)
    for project in (churn, recommender):
        subprocess.run([sys.executable, HERE / "serving.py", project], check=True)
    python = [*in_project(churn), "python"]
    for script in ("predict.py", "throughput.py"):
        subprocess.run([*python, HERE / script, churn], check=True)
    recommend = [*in_project(recommender), "python"]
    subprocess.run([*recommend, HERE / "recommend.py"], check=True)
    subprocess.run([*recommend, HERE / "memory.py", recommender], check=True)
    if telco is None:
        print("telco_auc: skipped, no file was given with --telco")
    else:
        subprocess.run([*python, HERE / "telco_auc.py", churn, telco], check=True)
    if movielens is None:
        print("movielens: skipped, no folder was given with --movielens")
    else:
        subprocess.run([*recommend, HERE / "movielens.py", recommender, movielens], check=True)


def main() -> None:
    """Read the command line, then generate the projects if none were given."""
    parser = argparse.ArgumentParser(description="Run every benchmark.")
    parser.add_argument("--projects", type=Path, help="a folder with projects that have run `all`")
    parser.add_argument("--telco", type=Path, help="IBM's Telco file")
    parser.add_argument("--movielens", type=Path, help="a folder with ratings.csv and movies.csv")
    arguments = parser.parse_args()
    data = [path and path.resolve() for path in (arguments.telco, arguments.movielens)]
    if arguments.projects:
        benchmark(arguments.projects.resolve(), *data)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        benchmark(Path(folder), *data)


if __name__ == "__main__":
    main()
