"""Hugging Face's hub and Streamlit's cloud, as far as it goes without an account: servers here
answer as the hub does to its own client, and as an app on Streamlit's cloud does.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote

import pytest
import yaml
from support import SERVED

SPACE, TOKEN, VERSION = "me/churn", "hf_tops3cret", "0123456789ab"
IMAGE = ["Dockerfile", "LICENSE", "api", "models", "pyproject.toml", "src"]
ODD = [
    "Étude: \"clients\" \\ & 'churn' 🚀",
    "- # yes",
    "{{ '{{' }} %YAML",
    "null",
    "2026-01-01",
    "*a | >b",
]


# Front matter and requirements.


@pytest.mark.parametrize("name", ODD)
def test_front_matter_of_the_space(bake, name: str) -> None:
    answers = {"project_name": name, "project_slug": "odd", "license": "BSD-3-Clause"}
    project = bake(domain="tabular", cloud="huggingface-spaces", **answers)
    text = (project / "deploy" / "SPACE.md").read_text(encoding="utf-8")
    start, front, page = text.split("---\n", 2)
    found = yaml.safe_load(front)
    description = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert start == ""
    assert found.pop("title") == description["project"]["description"]
    assert found.pop("emoji")
    port = int((project / "Dockerfile").read_text(encoding="utf-8").split(" PORT=")[1].split()[0])
    assert found == {
        "sdk": "docker",
        "app_port": port,
        "base_path": "/docs",
        "license": "bsd-3-clause",
    }
    assert "https://github.com/your-username/odd)" in page


@pytest.mark.parametrize("domain", SERVED)
def test_requirements_are_those_of_the_server_and_of_the_dashboard(bake, domain: str) -> None:
    project = bake(domain=domain, cloud="streamlit-cloud")
    table = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    lines = (project / "deploy" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = table["project"]["dependencies"] + table["dependency-groups"]["dashboard"]
    assert [line for line in lines if not line.startswith("#")] == wanted


# A hub on 127.0.0.1, for the hub's own client.


@dataclass
class Hub:
    """One Space: what each commit holds, which one runs, and what was asked for."""

    commits: list[dict[str, bytes]] = field(default_factory=list)
    runs: int = 0  # the commit that answers
    polls: int = 0  # how often its state was asked since the last commit
    fate: str = "RUNNING"  # the stage to which builds come
    answers: bool = True  # with the version that is in the commit
    url: str = ""
    asked: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)

    def sha(self, commit: int = -1) -> str:
        return f"{commit % len(self.commits) + 1:040x}"

    def tree(self, revision: str) -> dict[str, bytes]:
        return self.commits[-1 if revision == "main" else int(revision, 16) - 1]

    def entries(self, revision: str) -> list[dict]:
        return [
            {"type": "file", "path": name, "size": len(content), "oid": sha1(content).hexdigest()}
            for name, content in self.tree(revision).items()
        ]

    def space(self) -> dict | None:
        if not self.commits:
            return None
        return {"id": SPACE, "sha": self.sha(), "host": f"{self.url}/app", "sdk": "docker"}

    def runtime(self) -> dict:
        """The hub notices a commit, builds and starts it; meanwhile what ran before goes on."""
        self.polls += 1
        before, now = self.sha(self.runs), self.sha()
        if self.polls < 4:
            stage = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")[self.polls - 1]
            return {"stage": stage, "sha": now if self.polls == 3 else before}
        self.runs = len(self.commits) - 1
        return {"stage": self.fate, "sha": now}

    def health(self) -> dict | None:
        if self.fate != "RUNNING":
            return None
        version = self.commits[self.runs].get("models/current.txt", b"").decode().strip()
        return {"model_version": version if self.answers else "another", "status": "ok"}

    def commit(self, body: bytes) -> dict:
        tree = dict(self.commits[-1])
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                tree[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del tree[value["path"]]
        self.commits.append(tree)
        self.polls = 0
        address = f"{self.url}/spaces/{SPACE}/commit/{self.sha()}"
        return {"success": True, "commitOid": self.sha(), "commitUrl": address}

    def get(self, path: str) -> dict | list | bytes | None:
        path, _, _ = unquote(path).partition("?")
        match path.removeprefix(f"/api/spaces/{SPACE}").split("/"):
            case [""]:
                return self.space()
            case ["", "runtime"]:
                return self.runtime()
            case ["", "tree", revision]:
                return self.entries(revision)
            case ["", "app", "health"]:
                return self.health()
            case ["", "id-token"]:
                return {"value": "a-jwt"}
            case ["", "spaces", "me", "churn", "resolve", revision, *parts]:
                return self.tree(revision)["/".join(parts)]
        return None

    def post(self, path: str, body: bytes) -> dict | list | None:
        match path.removeprefix(f"/api/spaces/{SPACE}").split("/"):
            case ["", "oauth", "token"]:
                wanted = json.loads(body)
                self.resources.append(wanted["resource"])
                assert wanted["subject_token"] == "a-jwt"
                return {"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600}
            case ["", "api", "repos", "create"]:
                assert json.loads(body).items() >= {"type": "space", "sdk": "docker"}.items()
                self.commits.append({".gitattributes": b"*.onnx filter=lfs", "README.md": b"new"})
                return {"url": f"{self.url}/spaces/{SPACE}"}
            case ["", "api", "validate-yaml"]:
                return {"warnings": [], "errors": []}
            case ["", "preupload", "main"]:
                names = [file["path"] for file in json.loads(body)["files"]]
                files = [{"path": n, "uploadMode": "regular", "shouldIgnore": False} for n in names]
                return {"files": files}
            case ["", "commit", "main"]:
                return self.commit(body)
            case ["", "paths-info", revision]:
                wanted = parse_qs(body.decode())["paths"]
                return [entry for entry in self.entries(revision) if entry["path"] in wanted]
        return None


class Handler(BaseHTTPRequestHandler):
    """Hands requests to the hub of its server."""

    def reply(self, content: dict | list | bytes | None) -> None:
        self.send_response(404 if content is None else 200)
        if content is None:
            self.send_header("X-Error-Code", "RepoNotFound")
            content = {"error": "Repository not found"}
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        self.server.hub.asked.append(f"GET {self.path}")
        self.reply(self.server.hub.get(self.path))

    def do_POST(self) -> None:
        self.server.hub.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/oauth/token" and self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.send_error(401)
        else:
            self.reply(self.server.hub.post(self.path, body))

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub():
    """A hub without a Space."""
    pytest.importorskip("huggingface_hub", reason="install the group `services`")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hub = Hub(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.hub
    server.shutdown()
    thread.join(timeout=30)
    server.server_close()


@pytest.fixture
def project(bake, commit_all, tmp_path) -> Path:
    """A committed project with a model, and with what git does not know."""
    root = tmp_path / "churn"
    shutil.copytree(bake(domain="tabular", cloud="huggingface-spaces"), root)
    for name in (f"{VERSION}/model.onnx", f"{VERSION}/metadata.json", "candidate/model.onnx"):
        (root / "models" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "models" / name).write_bytes(bytes(range(256)))
    (root / "models" / "current.txt").write_text(VERSION + "\n", encoding="utf-8")
    (root / "api" / "__pycache__").mkdir(exist_ok=True)
    (root / "api" / "__pycache__" / "main.pyc").write_bytes(b"\0")
    commit_all(root, "Start")
    return root


@pytest.fixture
def upload(hub, project, tmp_path):
    """Run the script against that hub, without its pauses."""
    (tmp_path / "hurry").mkdir()
    (tmp_path / "hurry" / "sitecustomize.py").write_text("import time\ntime.sleep = id\n")

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        env = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1"}
        return subprocess.run(
            [sys.executable, project / "deploy" / "upload.py", *words],
            env=kept | env | {"PYTHONPATH": str(tmp_path / "hurry")} | more,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
        )

    return run


def image(project: Path) -> dict[str, bytes]:
    """What a Space is to hold: what the image is made of, and a README of its own."""
    command = ["git", "-C", project, "ls-files", *IMAGE]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    held = {name: (project / name).read_bytes() for name in names}
    return held | {"README.md": (project / "deploy" / "SPACE.md").read_bytes()}


def without_the_hubs_own(tree: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in tree.items() if name != ".gitattributes"}


def test_the_image_is_made_of_nothing_else(project):
    steps = (project / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copies = [step.split()[1:-1] for step in steps if step.startswith("COPY ")]
    copied = {name for names in copies for name in names if "--from" not in names[0]}
    assert copied == {*IMAGE} - {"Dockerfile"}


def test_uploads_hold_the_image_and_no_more(hub, project, upload, commit_all):
    done = upload(SPACE, HF_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{hub.url}/app serves {VERSION}.\n"
    assert len(hub.commits) == 2, "the one that made it, and one upload"
    assert without_the_hubs_own(hub.commits[-1]) == image(project)
    assert f"models/{VERSION}/model.onnx" in hub.commits[-1]
    assert not [name for name in hub.commits[-1] if "candidate" in name or "__pycache__" in name]
    asked = hub.asked.index("GET /app/health")
    assert hub.asked[:asked].count(f"GET /api/spaces/{SPACE}/runtime") == 4, "not while it builds"

    (project / "api" / "newest.py").unlink()
    (project / "models" / VERSION).rename(project / "models" / "next")
    (project / "models" / "current.txt").write_text("next\n", encoding="utf-8")
    commit_all(project, "Serve another")
    done = upload(SPACE, HF_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert len(hub.commits) == 3
    assert without_the_hubs_own(hub.commits[-1]) == image(project)
    assert ".gitattributes" in hub.commits[-1]
    assert "api/newest.py" not in hub.commits[-1]


@pytest.mark.parametrize("wrong", [{"fate": "BUILD_ERROR"}, {"answers": False}])
def test_what_does_not_answer_goes_back(hub, project, upload, commit_all, wrong):
    assert upload(SPACE, HF_TOKEN=TOKEN).returncode == 0
    (project / "models" / VERSION).rename(project / "models" / "next")
    (project / "models" / "current.txt").write_text("next\n", encoding="utf-8")
    (project / "api" / "more.py").write_text("broken\n", encoding="utf-8")
    commit_all(project, "Serve another")
    for name, value in wrong.items():
        setattr(hub, name, value)
    done = upload(SPACE, HF_TOKEN=TOKEN)
    assert done.returncode == 1
    assert "does not name next" in done.stderr
    assert "there again" in done.stderr
    assert len(hub.commits) == 4
    assert hub.commits[2]["api/more.py"] == b"broken\n"
    assert hub.commits[3] == hub.commits[1], "file for file"


def test_a_first_upload_that_fails_has_nothing_to_go_back_to(hub, upload):
    hub.fate = "BUILD_ERROR"
    done = upload(SPACE, HF_TOKEN=TOKEN)
    assert done.returncode == 1
    assert "there again" not in done.stderr
    assert len(hub.commits) == 2


def test_githubs_word_is_enough(hub, project, upload):
    assert upload(SPACE, HF_TOKEN=TOKEN).returncode == 0
    workflow = yaml.safe_load((project / ".github/workflows/deploy.yml").read_text("utf-8"))
    (job,) = workflow["jobs"].values()
    assert job["permissions"]["id-token"] == "write"
    resource = job["steps"][-1]["env"]["HF_OIDC_RESOURCE"].replace("${{ vars.HF_SPACE }}", SPACE)
    request = {"URL": f"{hub.url}/id-token", "TOKEN": "of-the-job"}
    github = {f"ACTIONS_ID_TOKEN_REQUEST_{name}": value for name, value in request.items()}
    done = upload(SPACE, GITHUB_ACTIONS="true", HF_OIDC_RESOURCE=resource, **github)
    assert done.returncode == 0, done.stderr
    assert set(hub.resources) == {f"spaces/{SPACE}"}
    done = upload(SPACE, GITHUB_ACTIONS="true", HF_OIDC_RESOURCE=resource)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "id-token: write" in done.stderr


def test_what_is_missing_is_said_in_a_line(hub, project, upload):
    refused = [
        (upload(SPACE), "HF_TOKEN"),
        (upload(HF_TOKEN=TOKEN), "NAME/SPACE"),
        (upload("", HF_TOKEN=TOKEN), "NAME/SPACE"),
        (upload(SPACE, HF_TOKEN="hf_wrong"), "401"),
    ]
    subprocess.run(["git", "rm", "-rq", "--cached", "models"], cwd=project, check=True)
    refused.append((upload(SPACE, HF_TOKEN=TOKEN), "models/"))
    for done, words in refused:
        assert done.returncode == 2, done.stderr
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert hub.commits == []


# Streamlit's cloud: a branch, and an app that answers, sleeps or has stopped.


@pytest.fixture
def app():
    """An app; the last of its `codes` is what its health comes to."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/~/+/_stcore/health"
            codes = self.server.codes
            self.send_response(codes.pop(0) if len(codes) > 1 else codes[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Health)
    server.codes = [200]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join(timeout=30)
    server.server_close()


@dataclass
class Branch:
    """A repository with its origin, and the script in it."""

    root: Path
    programs: Path

    def git(self, *words: str) -> str:
        command = ["git", "-C", self.root, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def live(self) -> str:
        return self.git("ls-remote", "origin", "refs/heads/live").partition("\t")[0]

    def deploy(self, port: int | None, page: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the script without its pauses; the page that it runs before ends with `page`."""
        for name, line in (("uv", f"cat > /dev/null; exit {page}"), ("sleep", "exit 0")):
            (self.programs / name).write_text(f"#!/bin/sh\n{line}\n")
            (self.programs / name).chmod(0o755)
        env = os.environ | {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "NO_PROXY": "127.0.0.1",
        }
        env |= {"LIVE_URL": f"http://127.0.0.1:{port}"} if port else {}
        script = self.root / "deploy" / "deploy.sh"
        return subprocess.run(["bash", script], env=env, capture_output=True, text=True)


@pytest.fixture
def branch(bake, commit_all, tmp_path) -> Branch:
    """A repository with two commits, of which live is the first."""
    root, programs = tmp_path / "churn", tmp_path / "programs"
    programs.mkdir()
    shutil.copytree(bake(domain="tabular", cloud="streamlit-cloud"), root)
    commit_all(root, "Start")
    found = Branch(root, programs)
    found.git("clone", "-q", "--bare", root, tmp_path / "origin.git")
    found.git("remote", "add", "origin", tmp_path / "origin.git")
    found.git("push", "-q", "origin", "HEAD:refs/heads/live")
    (root / "more.txt").write_text("more\n", encoding="utf-8")
    commit_all(root, "More")
    return found


def test_live_moves_to_the_commit_and_the_app_goes_on(app, branch):
    app.codes = [200, 503, 503, 200]
    done = branch.deploy(app.server_port)
    assert done.returncode == 0, done.stderr
    assert branch.live() == branch.git("rev-parse", "HEAD")
    assert "runs, with live at" in done.stdout
    assert app.codes == [200], "asked until it answered"


def test_live_moves_back_when_the_app_stops(app, branch):
    before = branch.live()
    app.codes = [200, 503]
    done = branch.deploy(app.server_port)
    assert done.returncode == 1
    assert f"back to {before}" in done.stderr
    assert branch.live() == before == branch.git("rev-parse", "HEAD^")


def test_an_app_that_sleeps_is_not_asked(app, branch):
    app.codes = [400]
    done = branch.deploy(app.server_port)
    assert (done.returncode, branch.live()) == (0, branch.git("rev-parse", "HEAD"))
    assert "sleeps" in done.stdout


def test_the_branch_is_made_before_there_is_an_app(branch):
    branch.git("push", "-q", "origin", "--delete", "live")
    done = branch.deploy(None)
    assert (done.returncode, branch.live()) == (0, branch.git("rev-parse", "HEAD")), done.stderr


def test_live_stays_where_the_page_does_not_run(app, branch):
    before = branch.live()
    assert branch.deploy(app.server_port, page=1).returncode == 1
    assert branch.live() == before
