"""Run every benchmark, on projects generated for it or on some that are there.

Runs in the template's environment:

    .venv/bin/python benchmarks/run.py [--projects FOLDER] [--telco FILE] [--movielens FOLDER]
        [--bikes FILE] [--amazon FILE] [--pneumonia FILE]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The projects that are measured: folder, domain, and program.
PROJECTS = {
    "customer-churn": ("tabular", "churn"),
    "review-sentiment": ("nlp", "sentiment"),
    "medical-imaging": ("cv", "imaging"),
    "demand-forecasting": ("timeseries", "demand"),
    "recommender": ("recsys", "recommender"),
}
# What is measured on each in its own environment, without and with data: script, and option.
SCRIPTS = {
    "customer-churn": ("predict.py", "throughput.py"),
    "review-sentiment": ("predict_text.py",),
    "demand-forecasting": ("scaling.py",),
    "recommender": ("recommend.py", "memory.py"),
}
WITH_DATA = {
    "customer-churn": ("telco_auc.py", "telco"),
    "review-sentiment": ("amazon.py", "amazon"),
    "medical-imaging": ("pneumonia.py", "pneumonia"),
    "demand-forecasting": ("bikes.py", "bikes"),
    "recommender": ("movielens.py", "movielens"),
}


def generate(folder: Path) -> None:
    """Generate the projects, install them and run `all` on their samples."""
    for name, (domain, program) in PROJECTS.items():
        command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
        answers = ["--output-dir", folder, f"domain={domain}"]
        subprocess.run([*command, HERE.parent, *answers], check=True)
        subprocess.run([*in_project(folder / name), program, "all"], cwd=folder / name, check=True)


def in_project(project: Path) -> list[str | Path]:
    """Begin a command that runs in the project's own environment."""
    return [sys.executable, "-m", "uv", "run", "--quiet", "--project", project]


def benchmark(folder: Path, data: dict[str, Path | None]) -> None:
    """Run all scripts one after the other, those with data last."""
    subprocess.run([sys.executable, HERE / "bake.py"], check=True)
    for name in PROJECTS:
        subprocess.run([sys.executable, HERE / "serving.py", folder / name], check=True)
    for name, scripts in SCRIPTS.items():
        python = [*in_project(folder / name), "python"]
        for script in scripts:
            subprocess.run([*python, HERE / script, folder / name], check=True)
    for name, (script, option) in WITH_DATA.items():
        python, file = [*in_project(folder / name), "python"], data[option]
        if file is None:
            print(f"{script}: skipped, nothing was given with --{option}")
        else:
            subprocess.run([*python, HERE / script, folder / name, file.resolve()], check=True)


def main() -> None:
    """Read the command line, then generate the projects if none were given."""
    parser = argparse.ArgumentParser(description="Run every benchmark.")
    parser.add_argument("--projects", type=Path, help="a folder with projects that have run `all`")
    parser.add_argument("--telco", type=Path, help="IBM's Telco file")
    parser.add_argument("--movielens", type=Path, help="a folder with ratings.csv and movies.csv")
    parser.add_argument("--bikes", type=Path, help="UCI's day.csv of the bike sharing data")
    parser.add_argument("--amazon", type=Path, help="amazon_cells_labelled.txt")
    parser.add_argument("--pneumonia", type=Path, help="MedMNIST's pneumoniamnist.npz")
    arguments = parser.parse_args()
    data = {option: getattr(arguments, option) for _, option in WITH_DATA.values()}
    if arguments.projects:
        benchmark(arguments.projects.resolve(), data)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        benchmark(Path(folder), data)


if __name__ == "__main__":
    main()
