"""Run every benchmark, on a project generated for it or on one that is there.

Runs in the template's environment:

    .venv/bin/python benchmarks/run.py [--project PROJECT] [--telco telco-churn.csv]
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def generate(folder: Path) -> Path:
    """Generate the churn project, install it and run `all` on the sample."""
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
    subprocess.run([*command, HERE.parent, "--output-dir", folder, "domain=tabular"], check=True)
    project = folder / "customer-churn"
    subprocess.run([*in_project(project), "churn", "all"], cwd=project, check=True)
    return project


def in_project(project: Path) -> list[str | Path]:
    """Begin a command that runs in the project's own environment."""
    return [sys.executable, "-m", "uv", "run", "--quiet", "--project", project]


def benchmark(project: Path, telco: Path | None) -> None:
    """Run all scripts one after the other, the longest last."""
    subprocess.run([sys.executable, HERE / "bake.py"], check=True)
    subprocess.run([sys.executable, HERE / "serving.py", project], check=True)
    python = [*in_project(project), "python"]
    for script in ("predict.py", "throughput.py"):
        subprocess.run([*python, HERE / script, project], check=True)
    if telco is None:
        print("telco_auc: skipped, no file was given with --telco")
    else:
        subprocess.run([*python, HERE / "telco_auc.py", project, telco], check=True)


def main() -> None:
    """Read the command line, then generate a project if none was given."""
    parser = argparse.ArgumentParser(description="Run every benchmark.")
    parser.add_argument("--project", type=Path, help="a generated project that has run `all`")
    parser.add_argument("--telco", type=Path, help="IBM's Telco file")
    arguments = parser.parse_args()
    telco = arguments.telco.resolve() if arguments.telco else None
    if arguments.project:
        benchmark(arguments.project.resolve(), telco)
        return
    with tempfile.TemporaryDirectory() as folder:
        benchmark(generate(Path(folder)), telco)


if __name__ == "__main__":
    main()
