"""The results: about real data, about the published model, and what the pages say."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator

from portfolio.checks.item import Item, code, command, item
from portfolio.contract import Project

LIMIT = 600  # seconds that the project's own command may take


def data(project: Project) -> Iterator[Item]:
    """They are there, and about real data."""
    if not project.results:
        yield Item("results", "todo", "nothing has run yet", command(project, "all"))
        return
    dataset = project.results.dataset
    wrong = ["they come from the synthetic sample"] if dataset.synthetic else []
    remedy = command(project, "all --dataset NAME, one of config.yaml")
    yield item("results", wrong, f"they come from the data set {code(dataset.name)}", remedy)


def reports(project: Project) -> Iterator[Item]:
    """All reports can be read, and the pictures that they name are there."""
    if not project.results:
        return
    _ = project.receipt, project.explanation, project.config  # raise where they are damaged
    wrong = [
        f"{code(figure.file)} does not exist"
        for figure in project.figures
        if not project.picture(figure).is_file()
    ]
    headlines = sum(figure.role == "headline" for figure in project.figures)
    if headlines != 1:
        wrong.append(f"`reports/figures.json` has {headlines} pictures for the first screen, not 1")
    yield item("reports", wrong, "whole, with their pictures", command(project, "all"), "fail")


def model(project: Project) -> Iterator[Item]:
    """The published model is whole, and the one that the reports are about."""
    results, metadata = project.results, project.metadata
    if not project.served or not results:
        return
    wrong = []
    if not metadata:
        wrong.append("no model is published")
    else:
        shared = results.test.keys() & metadata.metrics.keys()
        values = [(results.test[name].value, metadata.metrics[name].value) for name in shared]
        if not shared or any(one != other for one, other in values):
            wrong.append("`reports/metrics.json` is not about the model in `models/`")
        if project.explanation and project.explanation.model_version not in (
            None,
            project.version,
        ):
            wrong.append("`reports/explain.json` is about another model")
        if metadata.file and not _is_whole(project):
            wrong.append(f"{code(metadata.file)} is not the file that was published")
    good = "the reports are about the published model"
    yield item("model", wrong, good, command(project, "all"), "fail")


def _is_whole(project: Project) -> bool:
    metadata = project.metadata
    file = project.root / "models" / project.version / metadata.file
    if not file.is_file():
        return False
    content = file.read_bytes()
    if content.startswith(b"version https://git-lfs"):  # its place in a clone without LFS
        return True
    return metadata.sha256 in (None, hashlib.sha256(content).hexdigest())


def blocks(project: Project) -> Iterator[Item]:
    """The generated blocks say what the reports say, by the project's own command."""
    if not project.results:
        return
    remedy = command(project, "report")
    # The server's environment is enough for most, and needs no training library.
    done = run(project, "--no-default-groups")
    if done and _lacks_library(done):
        done = run(project)
    if not done:
        need = "install uv: https://docs.astral.sh/uv/"
        yield Item("blocks", "unknown", "uv, which runs the project, is not here", need)
        return
    said = " ".join((done.stderr.strip() or done.stdout.strip()).split())
    own = next((line for line in done.stderr.splitlines() if line.startswith("Error: ")), "")
    if done.returncode == 0:
        yield Item("blocks", "pass", "match `reports/`")
    elif own:
        yield Item("blocks", "fail", own.removeprefix("Error: "), remedy)
    elif "Traceback (most" in done.stderr:
        yield Item("blocks", "fail", f"`report --check` broke off: {said[-200:]}", remedy)
    else:  # uv's own words: it could not be asked
        yield Item("blocks", "unknown", f"`report --check` did not run: {said[-300:]}", remedy)


def run(project: Project, *options: str) -> subprocess.CompletedProcess[str] | None:
    """Run `report --check` of the project; None where there is no uv."""
    uv = os.environ.get("UV") or shutil.which("uv")  # UV: by which `uvx` runs this very tool
    if not uv:
        return None
    lock = project.root / "uv.lock"
    locked = lock.is_file()
    args = [uv, "run", "--quiet", *(["--frozen"] if locked else []), *options]
    args += [project.package, "report", "--check"]
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        return subprocess.run(
            args,
            cwd=project.root,
            env=env | {"PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(args, 1, "", f"no answer in {LIMIT} seconds")
    finally:
        if not locked:
            lock.unlink(missing_ok=True)


def _lacks_library(done: subprocess.CompletedProcess[str]) -> bool:
    text = done.stderr + done.stdout
    return bool(done.returncode) and ("is not installed" in text or "ModuleNotFound" in text)
