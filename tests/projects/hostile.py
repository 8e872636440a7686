"""What the tests of hostile worlds share: a small project to be hurt, and ways of hurting it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml
from installed import Project, environment
from support import contents

# Marks of a bug in what a program says: a user's fault or a full disk gets one message instead.
BUGS = ("Traceback", "Exception ignored", "leaked", "Error in sys.excepthook")


@dataclass(frozen=True)
class World:
    """A folder with settings and results of its own, on which an installed project's code runs."""

    root: Path
    project: Project
    written: dict[str, list[str]]  # by each stage of `all`
    seconds: float  # that `all` took

    def command(self, *args: str | Path) -> list[str]:
        """The command line that a user would type."""
        words = [self.project.program(self.project.command), "--config", self.root / "config.yaml"]
        return [str(word) for word in (*words, *args)]

    def start(
        self,
        command: list[str],
        env: dict[str, str] | None = None,
        prepare: Callable[[], None] = lambda: None,
    ) -> subprocess.Popen[str]:
        """Start a program in a group of its own, as a terminal does, so that Ctrl-C reaches all.

        ``prepare`` is what the new process does first.
        """

        def begin() -> None:
            # Shells let what runs in the background ignore Ctrl-C, and children inherit that.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            prepare()

        return subprocess.Popen(
            command,
            cwd=self.root,
            env=environment() | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            preexec_fn=begin,
        )

    def run(self, *args: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, which must be good."""
        done = finished(self.start(self.command(*args), **options))
        assert done.returncode == 0, done.stderr
        return done

    def refuses(self, *args: str | Path, words: str, **options: Any) -> str:
        """Run a command that must end with one message and change nothing; return the message."""
        before = self.state()
        done = finished(self.start(self.command(*args), **options))
        check_refusal(done, words)
        assert self.state() == before
        return done.stderr

    def state(self) -> dict[str, bytes]:
        """The bytes of every file, and what git would say of the folder."""
        return contents(self.root) | {"git status": self.git("status", "--porcelain").encode()}

    def git(self, *args: str) -> str:
        """Run git in this folder."""
        return Project(self.root).git(*args)

    def commit(self) -> "World":
        """Put this folder under git as it is."""
        self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Yesterday")
        return self

    def copy(self, folder: Path) -> "World":
        """The same in another folder, to be hurt."""
        return replace(self, root=shutil.copytree(self.root, folder))

    def change(self, change: Callable[[dict], None]) -> None:
        """Change the settings."""
        file = self.root / "config.yaml"
        config = yaml.safe_load(file.read_text(encoding="utf-8"))
        change(config)
        file.write_text(yaml.safe_dump(config), encoding="utf-8")

    def make_stale(self) -> None:
        """Give `report` something to write, README alone: where that is fresh it writes nothing."""
        file = self.root / "README.md"
        text = file.read_text(encoding="utf-8")
        place = text.index("<!-- results -->\n") + len("<!-- results -->\n")
        file.write_text(f"{text[:place]}~{text[place + 1 :]}", encoding="utf-8")

    @property
    def version(self) -> Path:
        """The folder of the published model."""
        models = self.root / "models"
        return models / (models / "current.txt").read_text(encoding="utf-8").strip()


def whole_world(project: Project, root: Path) -> World:
    """A copy of a project as `all` has left it, under git; of which nothing is known but that."""
    kept_out = shutil.ignore_patterns(".venv", ".git", "*cache", "__pycache__")
    shutil.copytree(project.root, root, ignore=kept_out)
    world = World(root, project, {"report": ["README.md"]}, 0.0)
    world.written["data"] = [
        path.relative_to(root).as_posix() for path in (root / "data" / "processed").glob("[!.]*")
    ]
    metrics = json.loads((root / "reports" / "metrics.json").read_text(encoding="utf-8"))
    world.change(lambda config: config.update(dataset=metrics["dataset"]["name"]))
    return world.commit()


def small_world(project: Project, root: Path) -> World:
    """A project with the quick settings of its own tests and one model, after `all`, under git."""
    root.mkdir(parents=True)
    for name in project.git("ls-files").splitlines():
        if "/" not in name or name.startswith(("api/", "data/")):
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy(project.root / name, root / name)
    shutil.copy(project.root / "tests" / "config.yaml", root)
    world = World(root, project, {}, 0.0)
    world.change(lambda config: config.update(models=config["models"][:1]))
    start, stage = time.monotonic(), ""
    for line in world.run("all").stdout.splitlines()[:-1]:
        stage = stage if line.startswith(" ") else line.split(":")[0]
        world.written.setdefault(stage, []).extend(line.split("  wrote ")[1:])
    world.written["report"] = ["README.md"]
    return replace(world, seconds=time.monotonic() - start).commit()


def other_prices(world: World) -> None:
    """Prices that make another version of the same model; the one before is kept."""
    prices = yaml.safe_load((world.root / "config.yaml").read_text(encoding="utf-8"))["prices"]
    price = next(name for name, value in prices.items() if isinstance(value, int | float))
    world.change(lambda config: config["prices"].update({price: 2 * prices[price] + 1}))


def finished(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a program and return what it left; what it started must have ended too."""
    out, err = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def check_refusal(done: subprocess.CompletedProcess[str], words: str) -> None:
    """One message for people, and the exit code that says so."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert not [mark for mark in BUGS if mark in done.stderr], done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(said) == 1, done.stderr
    assert words in done.stderr, done.stderr


def check_stopped(done: subprocess.CompletedProcess[str]) -> None:
    """The answer to Ctrl-C; libraries may turn it into an error of their own."""
    assert done.returncode not in (0, 2), (done.returncode, done.stdout, done.stderr)


# Full disks and folders that cannot be written


def limited(size: int) -> Callable[[], None]:
    """What a process does first so that no file of its own grows beyond ``size`` bytes."""
    import resource

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def limits(world: World, stage: str) -> list[int]:
    """Sizes of files at which a stage fails: at its first file, or at one of the later ones."""
    sizes = {(world.root / file).stat().st_size for file in world.written[stage]}
    return sorted({0, *(size - 1 for size in sizes)})


NAMESPACE = ("unshare", "--map-root-user", "--mount", "sh", "-ec")
READ_ONLY = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; cd "$1"; shift; exec "$@"'
# $1: the folder that becomes small, $2: bytes left in it, $3: where its content goes at the end.
SMALL = """
cp -a "$1" "$3"
mount -t tmpfs -o size=64m none "$1"
cp -a "$3/." "$1"
rm -r "$3"
cat /dev/zero > "$1/.git/filler" 2> "$1/../filling" || truncate -s "-$2" "$1/.git/filler"
folder=$1 end=$3
cd "$folder"
shift 3
code=0
"$@" || code=$?
rm .git/filler
cp -a "$folder" "$end"
exit $code
"""


@cache
def may_mount() -> bool:
    """Whether this system lets its users mount in a name space of their own."""
    if sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = [*NAMESPACE, 'mount -t tmpfs none "$1"', "sh", folder]
        return subprocess.run(command, capture_output=True).returncode == 0


# Ctrl-C


def stopped(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Press Ctrl-C, and again where it comes to nothing, as a person would; wait for the end.

    Python tells of one that reaches it in a callback of its imports, and goes on.
    """
    os.killpg(process.pid, signal.SIGINT)
    told = []
    for line in process.stderr:
        told.append(line)
        if line.startswith("KeyboardInterrupt") and "Exception ignored in" in "".join(told[-9:]):
            os.killpg(process.pid, signal.SIGINT)
    done = finished(process)
    done.stderr = "".join(told)
    return done


def interrupted(
    world: World, command: list[str], moment: Callable[[subprocess.Popen[str]], None]
) -> subprocess.CompletedProcess[str]:
    """Start a command, press Ctrl-C once ``moment`` returns, and wait for the end."""
    process = world.start(command)
    first = process.stdout.readline()  # before that Python itself starts
    moment(process)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
    done = finished(process)
    done.stdout = first + done.stdout
    if done.returncode == -signal.SIGINT and "\nDone." in done.stdout:
        done.returncode = 0  # all was over; Python itself was still ending
    return done


def after(seconds: float) -> Callable[[subprocess.Popen[str]], None]:
    """The moment that is so many seconds after the first line, or the end."""

    def moment(process: subprocess.Popen[str]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.01)

    return moment


def while_writing(root: Path, number: int) -> Callable[[subprocess.Popen[str]], None]:
    """The moment at which the ``number``-th file or folder that we see is written, or the end."""

    def moment(process: subprocess.Popen[str]) -> None:
        folders = [root, *(root / name for name in ("models", "reports", "reports/figures"))]
        seen: set[str] = set()
        while len(seen) < number and process.poll() is None:
            for folder in folders:
                seen |= {path.name for path in folder.glob(f".{process.pid}-*")}

    return moment


# Downloads that go wrong


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A web server on this machine that gives every request the same ``answer``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def answering(
    status: int, body: bytes = b"", headers: dict[str, str] | None = None, promised: int = 0
) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer with this status and body, which promises so many bytes more than it sends."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in (headers or {}).items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(body) + promised))
        request.end_headers()
        request.wfile.write(body)

    return answer
