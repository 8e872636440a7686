"""Object storage behind its real protocols: what is pushed is served and pulled, or not at all."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path

import pytest
from emulators import BUCKET, EMULATORS, HIDDEN, QUIET, Emulator
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hostile import answering, serving
from installed import free_port
from kept import breaking, project
from kit import ModelError, ProjectError, store
from kit.files import Paths
from support import KIT, TREE, contents, load

fsspec = pytest.importorskip("fsspec")

newest = load(TREE / "api" / "newest.py")

LARGE = random.Random(0).randbytes(60_000_000)  # more than any client sends at once
NUMBERS = count()
PATIENCE = 40  # seconds, with the start of Python; left to themselves clients take 80 and more


@pytest.fixture(scope="session", params=EMULATORS)
def emulator(request, tmp_path_factory) -> Iterator[Emulator]:
    """A cloud for all tests, each with a prefix of its own."""
    cloud = EMULATORS[request.param](tmp_path_factory.mktemp(request.param))
    cloud.start()
    yield cloud
    cloud.stop()


@pytest.fixture
def known(emulator, monkeypatch) -> Emulator:
    """The same, with its credentials in this environment and none of the machine's."""
    use(monkeypatch, emulator.env)
    return emulator


def use(monkeypatch, env: dict[str, str]) -> None:
    """Let clients in this process find what ``env`` names, and nothing of the machine's."""
    for name in os.environ:
        if name.startswith(HIDDEN):
            monkeypatch.delenv(name)
    for name, value in (QUIET | env).items():
        monkeypatch.setenv(name, value)
    for kind in ("s3", "gs", "az"):  # they keep what they found first
        fsspec.get_filesystem_class(kind).clear_instance_cache()


@pytest.fixture
def far(known) -> Paths:
    """An empty prefix in the bucket."""
    return Paths(store.place(f"{known.address}/{next(NUMBERS)}"))


def served(paths: Paths) -> bytes:
    return store.load_current(paths.models)[0]


def test_what_is_pushed_comes_back_byte_for_byte_and_no_secret_goes_there(far, known, tmp_path):
    here, there = project(tmp_path / "here", bytes(range(256))), Paths(tmp_path / "there")
    store.transfer(here, far)
    store.transfer(far, there)
    assert contents(there.root) == contents(here.root)
    kept = [file.read_bytes() for file in far.root.rglob("*") if file.is_file()]
    assert sorted(kept) == sorted(contents(here.root).values())
    assert not [secret for secret in known.secrets if secret.encode() in b"".join(kept)]


def test_a_second_version_takes_the_place_of_the_first_which_stays(far, tmp_path):
    first = project(tmp_path / "old", b"old", train="1", gone="2")
    store.transfer(first, far)
    store.transfer(project(tmp_path / "new", b"new", train="5"), far)
    assert served(far) == b"new"
    assert {file.name for file in far.processed.iterdir()} == {".sealed", "train.csv"}
    store.transfer(far, first)
    assert served(first) == b"new"
    assert len(store.versions(far.models)) == 2


@pytest.mark.parametrize("writes", range(5))
def test_what_breaks_off_at_any_write_leaves_what_was_served(far, tmp_path, monkeypatch, writes):
    store.transfer(project(tmp_path / "old", b"old"), far)
    new = project(tmp_path / "new", b"new", train="7", test="8")
    with monkeypatch.context() as patch:
        patch.setattr(store, "_write", breaking(writes))
        with pytest.raises(ProjectError, match="line is down.*what is served there stays"):
            store.transfer(new, far)
    assert served(far) == b"old"
    store.transfer(new, far)
    assert served(far) == b"new"


# Writes most of a model, which is some of its parts, and dies as where the power fails.
DIE = """
import os, sys
from pathlib import Path
from kit import store
from kit.files import Paths
def write(file, content):
    part = file.open("wb")
    part.write(content[:55_000_000])
    os._exit(9)
store._write = write
store.transfer(Paths(Path(sys.argv[1])), Paths(store.place(sys.argv[2])))
"""


def test_a_large_model_comes_whole_or_not_at_all(far, emulator, tmp_path):
    store.transfer(project(tmp_path / "old", b"old"), far)
    new = project(tmp_path / "new", LARGE)
    done = child(emulator.env, DIE, new.root, far.root)
    assert done.returncode == 9, done.stderr
    assert served(far) == b"old"
    store.transfer(new, far)
    store.transfer(far, there := Paths(tmp_path / "there"))
    assert served(there) == LARGE


def test_a_model_that_was_swapped_is_refused(far, tmp_path):
    store.transfer(project(tmp_path / "here"), far)
    there = project(tmp_path / "there", b"served")
    version = store.current_version(far.models)
    (far.models / version / "model.bin").write_bytes(b"swapped")
    with pytest.raises(ModelError, match="not the one that was published"):
        store.transfer(far, there)
    with pytest.raises(ModelError, match="not the one that was published"):
        served(far)
    assert served(there) == b"served"


# What a user sees

COMMAND = """
import sys
from kit import ProjectError, store
from kit.files import Paths
try:
    store.transfer(*[Paths(store.place(word)) for word in sys.argv[1:]])
except ProjectError as error:
    error.show()
    sys.exit(error.exit_code)
"""


def child(env: dict[str, str], code: str, *args: object) -> subprocess.CompletedProcess[str]:
    """Run Python with this environment, and what a machine has that knows no cloud."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(HIDDEN)}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        env=kept | QUIET | {"PYTHONPATH": str(KIT.parent)} | env,
        capture_output=True,
        text=True,
    )


def refused(env: dict[str, str], source: object, target: object, *words: str) -> str:
    """What is said where a transfer must end with one message, soon."""
    start = time.monotonic()
    done = child(env, COMMAND, source, target)
    seconds = time.monotonic() - start
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert not [word for word in words if word not in done.stderr], done.stderr
    assert seconds < PATIENCE
    return done.stderr


ADVICE = "Check the address, and the credentials in the environment"


def test_a_bucket_that_is_not_there_is_said(emulator, tmp_path):
    here, there = project(tmp_path / "here"), tmp_path / "there"
    address = emulator.address.replace(BUCKET, "nobodys")
    refused(emulator.env, here.root, address, str(here.root), address, ADVICE, "stays")
    refused(emulator.env, address, there, address, "no model in", "correct the address")
    assert not there.exists()


@pytest.mark.parametrize("back", [False, True], ids=["push", "pull"])
def test_wrong_credentials_are_refused_and_not_shown(emulator, known, far, tmp_path, back):
    if not emulator.wrong:
        pytest.skip("this emulator lets in anybody: see what answers as Google does")
    here = project(tmp_path / "here")
    store.transfer(here, far)
    ends = (far.root, tmp_path / "there") if back else (here.root, far.root)
    said = refused(emulator.wrong, *ends, ADVICE, BUCKET)
    assert not [secret for secret in emulator.secrets if secret in said]


NOBODY = {"s3": "Unable to locate credentials", "az": "account_name with credentials"}


@pytest.mark.parametrize("scheme", NOBODY)
def test_missing_credentials_are_said(tmp_path, scheme):
    address = f"{scheme}://{BUCKET}/prefix"
    refused({}, address, tmp_path, NOBODY[scheme], BUCKET, ADVICE)


@pytest.mark.parametrize("wrong", ["nonsense", "AccountName=a;AccountKey=s3cretkey"])
def test_a_connection_string_that_is_none_is_not_shown(tmp_path, wrong):
    env = {"AZURE_STORAGE_CONNECTION_STRING": wrong}
    said = refused(env, f"az://{BUCKET}/prefix", tmp_path, BUCKET, ADVICE)
    assert wrong not in said
    assert "s3cretkey" not in said


@pytest.fixture
def google() -> Iterator[str]:
    """What answers as Google does where a key is wrong, or there is none."""
    told = "Anonymous caller does not have storage.objects.get access to the object."
    answers = {
        "GET": (401, {"error": {"code": 401, "message": told}}),
        "POST": (400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}),
    }

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length", 0)))
        status, content = answers[request.command]
        kind = {"Content-Type": "application/json"}
        answering(status, json.dumps(content).encode(), kind)(request)

    with serving(answer) as address:
        yield address


def test_google_without_a_key_is_refused(google, tmp_path):
    env = {"STORAGE_EMULATOR_HOST": google}
    refused(env, f"gs://{BUCKET}/prefix", tmp_path, BUCKET, "Anonymous caller", ADVICE)


def test_google_is_not_asked_by_grpc_as_well():
    code = "import sys; from kit import store; store.place('gs://a/b'); print(*sys.modules)"
    done = child({"STORAGE_EMULATOR_HOST": "http://127.0.0.1:1"}, code)
    assert "gcsfs.core" in done.stdout.split(), done.stderr
    assert "gcsfs.extended_gcsfs" not in done.stdout.split()


def test_googles_wrong_key_is_refused_and_not_shown(google, tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pem = (
        rsa.generate_private_key(65537, 2048)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )
    file = tmp_path / "key.json"
    key = {"type": "service_account", "client_email": "a@b.example", "private_key": pem}
    file.write_text(json.dumps(key | {"token_uri": google, "project_id": "mine"}), "utf-8")
    env = {"STORAGE_EMULATOR_HOST": google, "GOOGLE_APPLICATION_CREDENTIALS": str(file)}
    said = refused(env, f"gs://{BUCKET}/prefix", tmp_path / "there", BUCKET, ADVICE)
    assert not [line for line in pem.splitlines() if line in said]


@pytest.mark.parametrize("scheme", EMULATORS)
def test_a_server_that_is_down_is_said_soon(tmp_path, scheme):
    url = f"http://127.0.0.1:{free_port()}"
    account = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint={url}/a"
    env = {
        "s3": {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        "az": {"AZURE_STORAGE_CONNECTION_STRING": account},
        "gs": {"STORAGE_EMULATOR_HOST": url},
    }
    here = project(tmp_path / "here")
    refused(env[scheme], here.root, f"{scheme}://{BUCKET}/prefix", BUCKET, ADVICE)


# A server


def create_app(models: Path) -> FastAPI:
    model, metadata = store.load_current(models)
    app = FastAPI()
    app.get("/health")(lambda: {"version": metadata["version"], "model": model.decode()})
    return app


@pytest.fixture(params=EMULATORS)
def flaky(request, tmp_path, monkeypatch) -> Iterator[Emulator]:
    """A cloud of the test's own, to be stopped."""
    cloud = EMULATORS[request.param](tmp_path)
    cloud.start()
    use(monkeypatch, cloud.env)
    yield cloud
    cloud.stop()


def test_a_server_needs_the_bucket_alone_and_outlives_it(flaky, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(newest.Newest, "_follow", lambda self: None)  # it looks when we say so
    far = Paths(store.place(flaky.address))
    app = newest.Newest(create_app, store.current_version, store.place(f"{flaky.address}/models"))
    client = TestClient(app)
    answer = client.get("/health")
    assert answer.status_code == 503
    assert "no model in" in answer.json()["detail"]
    store.transfer(project(tmp_path / "one", b"one"), far)
    app.take()
    assert client.get("/health").json()["model"] == "one"
    store.transfer(project(tmp_path / "two", b"two"), far)
    app.take()
    assert client.get("/health").json()["model"] == "two"
    flaky.stop()
    start = time.monotonic()
    app.take()
    assert time.monotonic() - start < PATIENCE
    assert client.get("/health").json()["model"] == "two"
    assert "current.txt cannot be read" in caplog.text
    late = newest.Newest(create_app, store.current_version, far.models)
    assert ADVICE in TestClient(late).get("/health").json()["detail"]
    flaky.start()
    store.transfer(project(tmp_path / "three", b"three"), far)
    for server in (app, late):
        server.take()
        assert TestClient(server).get("/health").json()["model"] == "three"
