"""Hostile worlds: a clear message, the exit code that says so, and nothing good is lost.

The full set runs on churn, as the code under test is mostly the tree's; the worst of it on all
others. Every folder here has spaces and accents in its path (see `project` in conftest.py).
"""

import json
import os
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest
from hostile import (
    NAMESPACE,
    READ_ONLY,
    SMALL,
    World,
    after,
    answering,
    check_refusal,
    check_stopped,
    finished,
    interrupted,
    limited,
    limits,
    may_mount,
    serving,
    stopped,
    while_writing,
    whole_world,
)
from installed import free_port, running
from support import SERVED, contents

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="needs Ctrl-C and limits as Unix has them"
)
slow = pytest.mark.slow
each_served = pytest.mark.only(*SERVED)
tabular = pytest.mark.only("tabular")


def cases(names: tuple[str, ...], *rows: tuple) -> pytest.MarkDecorator:
    """Run a test for each row: as each takes a process, in `make test` for the first alone."""
    tiers = [(), pytest.mark.services, pytest.mark.services, *[slow] * len(rows)]
    marked = [pytest.param(*row, marks=tier) for row, tier in zip(rows, tiers, strict=False)]
    return pytest.mark.parametrize(names, marked)


needs_mounts = pytest.mark.skipif(not may_mount(), reason="nobody may mount here")

ROWS = b"id,tariff,calls,left\n" + b"".join(
    b"%d,%s,%d,%s\n" % (row, (b"a", b"b")[row % 3 == 0], row * 7 % 50, (b"no", b"yes")[row % 4 < 1])
    for row in range(400)
)
# Settings of Nepal (45 minutes past the hour) and Samoa (the first to see a day).
ZONES = ("Asia/Kathmandu", "Pacific/Apia")
# Not LC_ALL=C: with that Python 3.11 itself does not start in an environment below such a path.
PLAIN = {"LC_ALL": "", "LC_CTYPE": "C", "LANG": "C", "PYTHONIOENCODING": "ascii"}


@pytest.fixture(scope="session")
def yesterday(project, tmp_path_factory) -> World:
    """What ran well yesterday: tests read it and hurt copies."""
    return whole_world(project, tmp_path_factory.mktemp("wörld of all") / "yesterday")


@pytest.fixture
def world(yesterday: World, tmp_path: Path) -> World:
    """A copy for one test."""
    return yesterday.copy(tmp_path / "a wörld" / "project")


@pytest.fixture
def small(small_yesterday: World, tmp_path: Path) -> World:
    """A copy of one that trains in seconds."""
    return small_yesterday.copy(tmp_path / "a small wörld" / "project")


# A full disk


def test_disk_full_in_the_middle_of_data_and_report(world):
    world.make_stale()
    for stage in ("data", "report"):
        size = limits(world, stage)[1]
        world.refuses(stage, words="Free some disk space", prepare=limited(size))


@slow
def test_disk_full_at_every_file(small):
    small.make_stale()
    for stage in ("data", "train", "report"):
        for size in limits(small, stage):
            small.refuses(stage, words="Free some disk space", prepare=limited(size))


@slow
@tabular
def test_disk_full_while_notebooks_run(small, project):
    """What the stages write fits, what a notebook holds does not."""
    shutil.copytree(project.root / "notebooks", small.root / "notebooks")
    size = max((small.root / name).stat().st_size for name in sum(small.written.values(), []))
    file = small.root / "notebooks" / "01_explore.ipynb"
    notebook = json.loads(file.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = "long " * size
    file.write_text(json.dumps(notebook), encoding="utf-8")
    assert size < max(map(len, contents(small.root / "notebooks").values()))
    done = finished(small.start(small.command("all"), prepare=limited(size)))
    check_refusal(done, "Free some disk space")
    for notebook in contents(small.root / "notebooks").values():
        assert json.loads(notebook)["cells"]


@needs_mounts
@tabular
@pytest.mark.parametrize("left", [0, 4_096])
def test_no_space_left_on_device_for_report(world, tmp_path, left):
    check_no_space(world, tmp_path, "report", left)


@slow
@needs_mounts
@tabular
@pytest.mark.parametrize("left", [0, 4_096, 12_288])
def test_no_space_left_on_device_for_train(small, tmp_path, left):
    check_no_space(small, tmp_path, "train", left)


def check_no_space(world: World, tmp_path: Path, stage: str, left: int) -> None:
    world.make_stale()
    before, end = contents(world.root), tmp_path / "end"
    command = [*NAMESPACE, SMALL, "sh", str(world.root), str(left), str(end)]
    (world.root.parent / "filling").touch()
    done = finished(world.start([*command, *world.command(stage)]))
    check_refusal(done, "No space left on device")
    assert contents(end) == before


@needs_mounts
@tabular
def test_read_only_folder(world, tmp_path):
    world.make_stale()
    for stage in ("data", "train", "evaluate", "explain", "report", "all"):
        before = world.state()
        command = [*NAMESPACE, READ_ONLY, "sh", str(world.root), *world.command(stage)]
        check_refusal(finished(world.start(command)), "Read-only file system")
        assert world.state() == before


@needs_mounts
@tabular
def test_read_only_folder_is_served(world, tmp_path):
    port = free_port()
    serve = world.command("serve", "--port", str(port))
    command = [*NAMESPACE, READ_ONLY, "sh", str(world.root), *serve]
    with running(command, tmp_path, f"http://127.0.0.1:{port}/health"):
        pass


@tabular
@pytest.mark.parametrize(("blocked", "stage"), [("data", "data"), ("reports", "report")])
def test_file_where_a_folder_should_be(world, blocked, stage):
    folder = world.root / blocked
    folder.rename(world.root / "aside")
    folder.write_text("not a folder", encoding="utf-8")
    world.refuses(stage, words=str(folder))


# Ctrl-C


def check_between(world: World, yesterday: World) -> None:
    """After an interruption everything is whole: with the same settings, as it was."""
    assert world.git("status", "--porcelain") == ""
    assert (world.root / "models").exists() == (yesterday.root / "models").exists()
    left = [name for name in contents(world.root) if Path(name).name.startswith(".")]
    assert sorted(left) == sorted(
        name for name in contents(yesterday.root) if Path(name).name.startswith(".")
    )


def interrupt(world: World, yesterday: World, moment) -> bool:
    """Press Ctrl-C in a run of everything; False if the run was over before."""
    done = interrupted(world, world.command("all"), moment)
    if done.returncode == 0:
        return False
    check_stopped(done)
    check_between(world, yesterday)
    return True


def test_ctrl_c_and_a_second_run_at_the_same_time(world, yesterday):
    """The second is refused; the first, stopped in its second stage, leaves all as it was."""
    first = world.start(world.command("all"))
    assert first.stdout.readline().startswith("data: ")
    check_refusal(finished(world.start(world.command("data"))), "is at work")
    assert next(line for line in first.stdout if line.startswith(("train: ", "explain: ")))
    check_stopped(stopped(first))
    check_between(world, yesterday)
    world.run("report", "--check")


@slow
def test_two_interruptions(small, small_yesterday):
    """While it computes, and while it writes; then all is well. A run may be over before."""
    share = random.Random(small.project.command).uniform(0.1, 0.6)
    moments = (after(share * small.seconds / slower) for slower in (1, 3, 9))
    assert any(interrupt(small, small_yesterday, moment) for moment in moments)
    moments = (while_writing(small.root, number) for number in (4, 2, 1, 1))
    assert any(interrupt(small, small_yesterday, moment) for moment in moments)
    small.run("all")
    assert contents(small.root) == contents(small_yesterday.root)


@slow
def test_twenty_interruptions_when_everything_changes(small, tmp_path):
    """With another seed every file is either yesterday's or the one that a whole run makes."""
    small.change(lambda config: config.update(seed=config["seed"] + 1))
    whole = small.copy(tmp_path / "whole")
    whole.run("all")
    old, new = stable(contents(small.root)), stable(contents(whole.root))
    assert old != new
    draw, count, seconds = random.Random(0), 0, small.seconds
    for number in range(60):
        hurt = small.copy(tmp_path / f"hurt {number}")
        moment = after(seconds * draw.random())
        if number % 4 == 3:
            moment = while_writing(hurt.root, draw.randint(1, 10))
        done = interrupted(hurt, hurt.command("all"), moment)
        check_each_is_old_or_new(stable(contents(hurt.root)), old, new)
        if done.returncode == 0:
            seconds *= 0.9  # it was over before
            continue
        check_stopped(done)
        count += 1
        if count % 5 == 0:
            hurt.run("all")
            assert stable(contents(hurt.root)) == new
        if count == 20:
            return
    raise AssertionError(f"only {count} of 60 runs were interrupted")


def check_each_is_old_or_new(
    found: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]
) -> None:
    wrong = [name for name in found if found[name] not in (old.get(name), new.get(name))]
    assert not wrong
    # A file that a run makes again is there before and after; figures are listed once explained,
    # and what explains an earlier model, with its example images, goes before new ones come: it
    # must not pass for these.
    explained = ("figure ", "reports/examples/", "reports/explain.json")
    gone = [name for name in old if name in new and name not in found]
    assert not [name for name in gone if not name.startswith(explained)]
    if "models/current.txt" in found:
        assert f"models/{found['models/current.txt'].decode().strip()}/metadata.json" in found


def stable(found: dict[str, bytes]) -> dict[str, bytes]:
    """Without what differs between runs, or from stage to stage.

    That is when and from which commit a model was made; of the list of figures, which two stages
    write, the role: imaging's first picture leads until those are there that explain.
    """
    kept = dict(found)
    listed = json.loads(kept.pop("reports/figures.json", b"[]"))
    kept |= {f"figure {entry['file']}": repr(entry | {"role": ""}).encode() for entry in listed}
    for name, content in found.items():
        if name.endswith("metadata.json"):
            metadata = json.loads(content)
            for key in ("created", "commit"):
                del metadata[key]
            kept[name] = json.dumps(metadata).encode()
    return kept


@tabular
def test_run_that_was_killed_bars_nobody(world):
    first = world.start(world.command("all"))
    assert first.stdout.readline().startswith("data: ")
    os.killpg(first.pid, signal.SIGKILL)
    finished(first)
    assert world.git("status", "--porcelain") == ""
    world.run("data")


# Downloads


@tabular
@cases(
    ("answer", "options", "words"),
    (answering(200, ROWS, promised=10), {}, "cannot download"),
    (answering(200, b"<!DOCTYPE html><html>Log in</html>"), {}, "a web page"),
    (answering(404, b"no"), {}, "404"),
    (answering(500, b"no"), {}, "500"),
    (answering(302, headers={"Location": "/again"}), {}, "cannot download"),
    (answering(200, ROWS[:-9]), {"sha256": "0" * 64}, "cannot download"),
    (answering(200, b""), {}, "web.csv"),
)
def test_download_that_goes_wrong(world, answer, options, words):
    with serving(answer) as address:
        source = {"url": f"{address}/web.csv", "target": "left", "positive": "yes", **options}
        world.change(lambda config: config["datasets"].update(web=source))
        world.refuses("data", "--dataset", "web", words=words, env={"NO_PROXY": "127.0.0.1"})
    assert not (world.root / "data" / "downloads").exists() or not [
        path for path in (world.root / "data" / "downloads").rglob("*") if path.is_file()
    ]


# Models


@each_served
def test_tampered_model_is_not_served(world):
    tamper(world)
    world.refuses("serve", "--port", str(free_port()), words="its checksum or schema differs")


@slow
@each_served
def test_tampered_model_is_not_explained(world):
    tamper(world)
    world.refuses("explain", words="its checksum or schema differs")


def tamper(world: World) -> None:
    """Turn one bit of the published model round."""
    metadata = json.loads((world.version / "metadata.json").read_text(encoding="utf-8"))
    model = world.version / metadata["file"]
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)


@tabular
@cases(
    ("name", "content", "words"),
    ("model.onnx", None, "cannot be read"),
    ("metadata.json", b"5", "cannot be read"),
    ("../current.txt", b"../../..\n", "cannot be read"),
    ("metadata.json", None, "cannot be read"),
    ("metadata.json", b"", "cannot be read"),
    ("metadata.json", b"null", "cannot be read"),
    ("metadata.json", b"[]", "cannot be read"),
    ("metadata.json", b"\xff", "cannot be read"),
    ("metadata.json", b'{"file": "model.onnx"}', "cannot be read"),
    (
        "metadata.json",
        b'{"file": "model.onnx", "schema": 0, "version": "1"}',
        "cannot be read",
    ),
    (
        "metadata.json",
        b'{"file": "model.onnx", "schema": 2, "sha256": "0"}',
        "cannot be read: 'version'",
    ),
    ("../current.txt", None, "no model"),
    ("../current.txt", b"", "no model"),
    ("../current.txt", b"\xff\xfe", "cannot be read"),
    ("../current.txt", b"a\0b\n", "cannot be read"),
)
def test_damaged_publication(world, name, content, words):
    file = world.version / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    world.refuses("serve", "--port", str(free_port()), words=words)


# Settings


@tabular
@cases(
    ("content", "words"),
    (b"", "expected `key: value` lines"),
    (b"seed: [1, 2\n", "cannot be read as YAML"),
    (b"[" * 5_000, "cannot be read as YAML"),
    (b"- seed\n- dataset\n", "expected `key: value` lines"),
    (b"seed\n", "expected `key: value` lines"),
    (b"seed: 1\n  dataset: 2\n", "cannot be read as YAML"),
    (b"seed: 1\nseed: \xe9\n", "cannot be read as YAML in UTF-8"),
    (b"seed: \0\n", "cannot be read as YAML"),
    (b"a: &a [x, x]\nb: &b [*a, *a]\nc: *b\nseed: !!python/object:os.system {}\n", "YAML"),
    (b"? [1, 2]\n: 3\n", "cannot be read as YAML"),
    (b"1: 2\n", "  1: "),
)
def test_settings_that_are_no_settings(world, content, words):
    (world.root / "config.yaml").write_bytes(content)
    world.refuses("data", words=words)


@tabular
@cases(
    ("change", "words"),
    ({"sed": 1}, "sed: unknown key; did you mean `seed`?"),
    ({"split": {"test_siz": 0.2, "folds": 2}}, "did you mean `test_size`?"),
    ({"seed": "one"}, "seed"),
    ({"seed": 1e400}, "seed"),
    ({"seed": None}, "seed"),
    ({"dataset": 5}, "dataset"),
    ({"dataset": ["sample"]}, "dataset"),
    ({"datasets": [1]}, "datasets"),
    ({"datasets": {"web": 1}}, "datasets.web"),
    ({"models": "logistic_regression"}, "models"),
    ({"models": []}, "models"),
    ({"models": [1]}, "models"),
    ({"prices": {"currency": 1}}, "prices.currency"),
    ({"limits": None}, "limits"),
)
def test_wrong_settings_are_named(world, change, words):
    world.change(lambda config: config.update(change))
    message = world.refuses("data", words="config.yaml has")
    assert words in message


@tabular
def test_settings_with_a_byte_order_mark(world):
    """Notepad writes one."""
    file = world.root / "config.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    world.run("report")


# Other places


@slow
def test_every_time_zone_and_locale(small_yesterday, tmp_path):
    places = [{"TZ": ZONES[0], **PLAIN}, {"TZ": ZONES[1]}, PLAIN]
    for number, env in enumerate(places):
        same_results(small_yesterday.copy(tmp_path / f"a pläce {number}"), small_yesterday, env)


def same_results(world: World, yesterday: World, env: dict[str, str]) -> None:
    """From nothing, so that nothing is there already."""
    world.git("rm", "-rq", "--ignore-unmatch", "models", "reports")
    world.git("clean", "-fdxq")
    world.run("all", env=env)
    assert stable(contents(world.root)) == stable(contents(yesterday.root))


@tabular
def test_messages_for_a_plain_terminal(world):
    world.change(lambda config: config.update({"größe": 1}))
    world.refuses("data", words="unknown key", env=PLAIN)
