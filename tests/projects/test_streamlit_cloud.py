"""The dashboard as Streamlit Community Cloud runs it: with the recipe's requirements alone."""

import json
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest
from installed import Project, environment, retried, scripts
from support import SERVED

pytestmark = [
    pytest.mark.services,
    pytest.mark.only(*SERVED),
    pytest.mark.slow_in("cv", "nlp", "timeseries", "recsys"),
]

SURE_OF_MB = 690  # what an app there may always take
TRAINING = "implicit lightgbm matplotlib onnx scipy shap skl2onnx sklearn statsmodels torch xgboost"
OPEN = """
import json, resource, sys
from importlib.util import find_spec
from streamlit.testing.v1 import AppTest

page = AppTest.from_file(sys.argv[1], default_timeout=120).run()
page.run()  # as for a second visitor, in the same process
print(json.dumps({
    "wrong": [element.value for element in [*page.exception, *page.error]],
    "captions": [caption.value for caption in page.caption],
    "tabs": len(page.tabs),
    "importable": [name for name in sys.argv[2:] if find_spec(name)],
    "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
}))
"""


@dataclass(frozen=True)
class Cloud:
    """What Streamlit has: a clone of the repository, and an environment of the requirements."""

    app: Project
    venv: Path

    def open(self) -> dict:
        """Open the page there, and say what is on it."""
        entry = self.app.root / "deploy" / "streamlit_app.py"
        done = subprocess.run(
            [scripts(self.venv) / "python", "-c", OPEN, entry, *TRAINING.split()],
            cwd=self.app.root,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def cloud(project, domain, bake, tmp_path_factory) -> Cloud:
    """The published project with the recipe."""
    folder = tmp_path_factory.mktemp("cloud")
    project.git("clone", "--quiet", project.root, folder / "app")
    recipe = bake(domain=domain, cloud="streamlit-cloud") / "deploy"
    shutil.copytree(recipe, folder / "app" / "deploy")
    project.uv("venv", "--quiet", "--python", sys.executable, folder / "venv")
    wanted = ["--python", folder / "venv", "-r", folder / "app" / "deploy" / "requirements.txt"]
    retried(project, "pip", "install", "--quiet", *wanted)
    app = Project(folder / "app")
    app.git("add", "deploy")
    app.git("commit", "--quiet", "-m", "Add the recipe")
    return Cloud(app, folder / "venv")


def test_the_page_opens_on_the_published_model_alone(cloud):
    page = cloud.open()
    version = (cloud.app.root / "models" / "current.txt").read_text(encoding="utf-8").strip()
    assert page["wrong"] == []
    assert page["captions"][0].startswith(f"Model {version}")
    assert page["tabs"] >= 3
    assert page["importable"] == []
    assert page["mb"] < SURE_OF_MB


def test_live_moves_where_the_page_runs_and_only_then(cloud, tmp_path):
    app, origin = cloud.app, tmp_path / "origin.git"
    app.git("clone", "--quiet", "--bare", app.root, origin)
    app.git("remote", "set-url", "origin", str(origin))
    env = environment() | {"UV_PYTHON": sys.executable}
    env["PATH"] = f"{sysconfig.get_path('scripts')}:{env['PATH']}"  # uv's

    def deploy() -> subprocess.CompletedProcess[str]:
        script = app.root / "deploy" / "deploy.sh"
        return subprocess.run(["bash", script], env=env, capture_output=True, encoding="utf-8")

    done = deploy()
    assert done.returncode == 0, done.stderr
    head = app.git("rev-parse", "HEAD")
    assert app.git("ls-remote", "origin", "refs/heads/live").split()[0] == head.strip()
    page = app.root / "dashboard" / "app.py"
    page.write_text(f"import sklearn\n{page.read_text(encoding='utf-8')}", encoding="utf-8")
    app.git("commit", "--quiet", "--all", "-m", "Break it")
    done = deploy()
    assert done.returncode == 1
    assert "No module named 'sklearn'" in done.stderr
    assert app.git("ls-remote", "origin", "refs/heads/live").split()[0] == head.strip()
