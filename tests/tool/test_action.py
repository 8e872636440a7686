"""The GitHub Action at the root: what its step does, run as a runner does it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from builder import build, commit
from support import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]


def test_it_is_a_composite_action_of_pinned_parts():
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["name"]
    assert ACTION["description"]
    uses = [step["uses"] for step in STEPS if "uses" in step]
    assert uses
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+(\.\d+\.\d+)?", one) for one in uses)
    for step in STEPS:
        if "run" in step:  # without a shell GitHub refuses it
            assert step["shell"] == "bash"
            assert "${{" not in step["run"], "an input may hold any text: it comes by `env`"


def test_each_input_is_used_and_has_a_default():
    (step,) = (step for step in STEPS if "run" in step)
    given = {name: f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    assert set(step["env"].values()) == set(given.values())
    assert all("default" in one for one in ACTION["inputs"].values())


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for uvx is a shell script")
@pytest.mark.parametrize(("fault", "links"), [(False, "false"), (True, "false"), (False, "true")])
def test_the_table_is_on_the_runs_page_and_a_fault_fails_the_job(tmp_path, fault, links):
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    project = build(tmp_path / "check out", "tabular")
    if fault:
        (project / "LICENSE").unlink()
    commit(project)
    (tmp_path / "bin").mkdir()
    uvx = tmp_path / "bin" / "uvx"
    lines = [
        "#!/bin/sh",
        f'echo "$@" > "{tmp_path}/asked"',
        "shift 3",
        "export UV=",
        'PATH="$REST"',
    ]
    lines.append(f'exec "{sys.executable}" -m portfolio "$@"')
    uvx.write_text("\n".join(lines) + "\n", encoding="utf-8")
    uvx.chmod(0o755)
    (step,) = (step for step in STEPS if "run" in step)
    page = tmp_path / "summary.md"
    page.write_text("Before.\n", encoding="utf-8")
    env = os.environ | {
        "PATH": f"{uvx.parent}{os.pathsep}{os.environ['PATH']}",
        "REST": str(Path(shutil.which("git")).parent),
        "PYTHONPATH": str(ROOT),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_STEP_SUMMARY": str(page),
        "PROJECT": project.name,
        "LINKS": links,
    }
    shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"]
    done = subprocess.run([*shell, step["run"]], cwd=project.parent, env=env, capture_output=True)
    assert done.returncode == fault, done.stderr.decode()
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.\n|  | Part | Found | To mend |\n")
    assert ("LICENSE is missing" in text) == fault
    assert ("| web |" in text) == (links == "true")
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert asked.startswith(f"--from {ROOT} portfolio check customer-churn --markdown")
