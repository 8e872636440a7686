"""Demos on the website: what a page offers, what it loads, and what stands in a demo's way."""

import csv
import hashlib
import io
import json
import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import builder
import pytest
from click.testing import CliRunner
from reader import Reader
from support import ROOT

from portfolio import workspace
from portfolio.cli import cli
from portfolio.site import demos, pages
from portfolio.site.demos import runtime
from portfolio.site.demos.parts import MOST
from portfolio.workspace import Workspace

HOSTILE = '</script><img src=x onerror="alert(1)">'
ROWS = [
    {"part": "validation", "y": 1, "probability": 0.9},
    {"part": "test", "y": 1, "probability": 0.75},
    {"part": "test", "y": 0, "probability": 0.125},
]


def published(root: Path, content: bytes, **more: object) -> None:
    """Publish a model in a project that `builder` has made."""
    folder = root / "models" / builder.VERSION
    metadata = json.loads((folder / "metadata.json").read_text("utf-8"))
    (folder / metadata["file"]).write_bytes(content)
    metadata |= {"sha256": hashlib.sha256(content).hexdigest(), **more}
    (folder / "metadata.json").write_text(json.dumps(metadata), "utf-8")


def changed(root: Path, **more: object) -> None:
    """Change what is known of the published model."""
    file = root / "models" / builder.VERSION / "metadata.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | more), "utf-8")


def churn(parent: Path) -> Path:
    """A churn project with what its demo needs."""
    root = builder.build(parent, "tabular")
    columns = [
        {"name": f"tenure{HOSTILE}", "type": "number", "typical": [1.0, 24.0, 60.0]},
        {"name": "plan", "type": "category", "typical": {"9": 0.5, "10": 0.3, HOSTILE: 0.2}},
    ]
    prices = {
        "currency": "EUR",
        "customer_value": 500.0,
        "offer_cost": 60.0,
        "offer_acceptance": 0.4,
        "customers_per_year": 1000,
    }
    published(root, b"a tree", signature=columns, prices=prices)
    predictions(root)
    return root


def npz(**arrays: tuple[str, tuple[int, ...], bytes]) -> bytes:
    """An archive as NumPy writes it: of each array its type, shape and bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (kind, shape, content) in arrays.items():
            header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
            before = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
            archive.writestr(f"{name}.npy", before + header + content)
    return file.getvalue()


def text(value: object) -> tuple[str, tuple[int, ...], bytes]:
    """JSON as an array of bytes."""
    content = json.dumps(value).encode()
    return "|u1", (len(content),), content


WEIGHTS = {
    "bias": ("<f4", (2,), struct.pack("<2f", 0.5, 0.25)),
    "starts": ("<i8", (3,), struct.pack("<3q", 0, 1, 2)),
    "columns": ("<u2", (2,), struct.pack("<2H", 1, 0)),
    "values": ("<f4", (2,), struct.pack("<2f", 1.5, -1)),
    "items": text(["a", "b"]),
    "titles": text(["A", HOSTILE]),
    "users": text(["somebody's name"]),
}


FORECASTS = {
    "forecasts": ("<f4", (1, 2), struct.pack("<2f", 3, 4)),
    "scale": ("<f4", (1,), struct.pack("<f", 1)),
    "levels": ("<f4", (2,), struct.pack("<2f", 0.1, 0.9)),
    "offsets": ("<f4", (2, 2), struct.pack("<4f", -1, 1, -1, 1)),
    "total_offsets": ("<f4", (2,), struct.pack("<2f", -1, 1)),
    "history": ("<f4", (1, 1), struct.pack("<f", 3)),
    "values": ("<f4", (1, 2, 1), bytes(8)),
    "contributions": ("<f4", (1, 2, 1), bytes(8)),
    "ids": text([HOSTILE]),
    "dates": text(["2025-01-02", "2025-01-03"]),
    "history_dates": text(["2025-01-01"]),
    "features": text(["level"]),
}


def recommender(parent: Path) -> Path:
    """A recommender with what its demo needs."""
    root = builder.build(parent, "recsys")
    published(root, npz(**WEIGHTS), signature={"k": 3})
    file = root / "reports" / "explain.json"
    example = {"title": "A", "because": ["B", HOSTILE], "score": 1.0}
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"examples": [example]}))
    return root


WORDS = b"\x72\n\n\x0avocabulary\x12\x02[]"  # metadata of ONNX, and nothing else


def sentiment(parent: Path) -> Path:
    """A review project with what its demo needs."""
    root = builder.build(parent, "nlp")
    prices = {"currency": "EUR", "customer_value": 120, "win_back": 0.15, "reading_cost": 6}
    published(root, WORDS, prices=prices)
    predictions(root)
    features = ROOT / "domains" / "nlp" / "src" / "sentiment" / "features.py"
    shutil.copy(features, root / "src" / "sentiment")
    return root


def demand(parent: Path) -> Path:
    """A forecasting project with what its demo needs: one series, two steps, one feature."""
    root = builder.build(parent, "timeseries")
    prices = {"currency": "EUR", "holding_cost": 0.1, "stockout_cost": 2}
    published(
        root,
        npz(**FORECASTS),
        signature={"lead_time": 1, "season_length": 7, "whole": True, "freq": "D"},
        prices=prices,
        curve={"held": [1, 2], "short": [2, 1]},
    )
    file = root / "reports" / "metrics.json"
    metrics = json.loads(file.read_text("utf-8"))
    metrics["timeseries"] = {"business": {"curve": {"service_level": [0.5, 0.9]}}}
    file.write_text(json.dumps(metrics), "utf-8")
    header = "unique_id,ds,y,yhat,low_95,high_95"
    text = f"{header}\n{HOSTILE.replace(chr(34), '')},2025-01-01,5557,4816.09,1285.33,6252.43\n"
    (root / "reports" / "forecasts.csv").write_text(text, "utf-8")
    return root


def imaging(parent: Path) -> Path:
    """An imaging project with what its demo needs, and an example."""
    root = builder.build(parent, "cv")
    signature = {"size": 28, "channels": 1, "mean": [0.5], "std": [0.2], "positive": ["ill"]}
    published(
        root,
        b"a network",
        signature=signature | {"positive_share": 0.7, "strong": 30.0, "bits": None},
        prices={"currency": "EUR", "missed_case": 5000, "false_alarm": 400, "prevalence": None},
        limits={"pixels": 25_000_000},
        packages={"pillow": "12.1.0"},
    )
    predictions(root)
    reports = root / "reports"
    builder.picture(reports / "examples" / "caught_1.png")
    file = reports / "explain.json"
    example = {"class": HOSTILE, "outcome": "caught", "file": "caught_1.png"}
    example |= {"probability": 0.99, "decision": "refer"}
    outside = example | {"file": "../figures/headline.png"}
    content = json.loads(file.read_text("utf-8")) | {"examples": [example, outside]}
    file.write_text(json.dumps(content), "utf-8")
    receipt = json.loads((reports / "data.json").read_text("utf-8")) | {"allowed": ["share_images"]}
    (reports / "data.json").write_text(json.dumps(receipt), "utf-8")
    return root


def predictions(root: Path) -> None:
    """Write what `evaluate` writes of each case."""
    with (root / "reports" / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)


def with_runtime(root: Path) -> None:
    """Lay files where npm lays the runtime."""
    package = root / "node_modules" / runtime.PACKAGE
    (package / "dist").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "1.2.3"}', "utf-8")
    for name in runtime.SOURCES.values():
        (package / "dist" / name).write_text(name, "utf-8")


@pytest.fixture
def here(tmp_path) -> Workspace:
    """A workspace with a churn project, one that has no demo, and the runtime."""
    churn(tmp_path)
    builder.build(tmp_path, "foundations")
    with_runtime(tmp_path)
    projects = ("customer-churn", "mini-analysis")
    workspace.save(Workspace(tmp_path, "Ada", "ada-example", projects=projects))
    return workspace.read(tmp_path)


def built(here: Workspace) -> tuple[Path, list[str]]:
    """The site's folder, and what was said of demos."""
    notes = pages.build(here, here.root / "site", None)
    return here.root / "site", [note for note in notes if "demo" in note]


def page(site: Path, name: str = "customer-churn") -> Reader:
    return Reader(site / "projects" / name / "index.html")


def data(site: Path, name: str = "customer-churn") -> dict:
    """What the button of a page loads."""
    (file,) = page(site, name).all("button", "data-demo")
    return json.loads((site / "projects" / name / file).read_text("utf-8"))


def test_a_button_offers_the_model_that_was_published(here):
    site, said = built(here)
    assert said == []
    found, folder = data(site), site / "projects" / "customer-churn"
    model = (folder / found["model"]["file"]).read_bytes()
    assert model == b"a tree"
    assert found["model"]["sha256"] == hashlib.sha256(model).hexdigest()
    assert found["model"]["version"] == builder.VERSION
    for file in found["runtime"].values():
        assert (folder / file).resolve().is_file()
    # In the order of the signature, which an object in JavaScript would not keep.
    assert found["columns"][1]["typical"] == [["9", 0.5], ["10", 0.3], [HOSTILE, 0.2]]
    assert found["test"] == {"y": [1, 0], "probability": [0.75, 0.125]}
    (button,) = [attrs for tag, attrs in page(site).tags if tag == "button"]
    assert "hidden" in button, "without JavaScript there is nothing to press"


def test_a_number_s_range_is_what_the_project_s_predictor_warns_by(here):
    columns = data(built(here)[0])["columns"]
    assert columns[0]["range"] is None, "older models have none"
    number = {"name": "a", "type": "number", "typical": [1.0], "range": [-0.5, 200000.0]}
    changed(here.root / "customer-churn", signature=[number])
    (column,) = data(built(here)[0])["columns"]
    ends = {"low": -0.5 - 1e-5 * 200000.0, "high": 200000.0 + 1e-5 * 200000.0}
    assert column["range"] == {**ends, "expected": "-0.5 to 200000"}


def test_what_is_typical_is_what_the_project_s_own_code_takes(here):
    file = here.root / "customer-churn" / "src" / "churn" / "predictor.py"
    for code, mean in (("np.median(values)", True), ("values[len(values) // 2]", False)):
        file.write_text(code, "utf-8")
        assert data(built(here)[0])["mean_of_middle"] is mean


def test_what_the_project_recorded_is_there_without_javascript(here):
    text = page(built(here)[0]).text
    for part in ("75.0%", "contact", "90.00", "left", "12.5%", "leave alone", "-35.00", "stayed"):
        assert part in text
    assert "90.0%" not in text, "a customer of the validation"


def test_only_pages_with_a_demo_allow_scripts_and_these_our_own(here):
    site, _ = built(here)
    for file in site.rglob("*.html"):
        shown = Reader(file)
        policy = next(one for one in shown.all("meta", "content") if "default-src" in one)
        sources = shown.all("script", "src")
        if file.parent.name == "customer-churn":
            assert "script-src 'self' 'wasm-unsafe-eval';" in policy
            (source,) = sources
            assert (file.parent / source).resolve().is_file()
        else:
            assert "script-src" not in policy
            assert sources == []
        assert "'unsafe" not in policy
        assert not [tag for tag, attrs in shown.tags if "onerror" in attrs]


def test_modules_take_no_html_and_nothing_from_elsewhere(here):
    site, _ = built(here)
    modules = [file for file in site.glob("demos/*/*.js")]
    assert {file.name for file in modules} == {file.name for file in demos.JS.glob("*.js")}
    for file in modules:
        text = file.read_text("utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"):
            assert word not in text, (file.name, word)
        addresses = text.replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in addresses, file.name
        assert "https:" not in addresses, file.name


def test_modules_are_javascript():
    if not (node := shutil.which("node")):
        pytest.skip("no node: install Node.js")
    for file in demos.JS.glob("*.js"):
        command = [node, "--input-type=module", "--check"]
        checked = subprocess.run(command, input=file.read_bytes(), capture_output=True)
        assert checked.returncode == 0, checked.stderr.decode()
        assert max(map(len, file.read_text("utf-8").splitlines())) <= 100, file.name


def test_a_recommender_s_demo_holds_weights_and_titles_and_nobody_s_history(here):
    root = recommender(here.root)
    site, said = built(replace(here, projects=(*here.projects, root.name)))
    assert said == []
    found, folder = data(site, root.name), site / "projects" / root.name
    assert (found["items"], found["titles"], found["k"]) == (["a", "b"], ["A", HOSTILE], 3)
    packed = (folder / found["model"]["file"]).read_bytes()
    assert hashlib.sha256(packed).hexdigest() == found["model"]["sha256"]
    (length,) = struct.unpack("<I", packed[:4])
    header = json.loads(packed[4 : 4 + length])
    assert set(header) == {"bias", "starts", "columns", "values"}
    assert header["starts"] == {"type": "Int32Array", "shape": [3], "start": 8}
    assert (4 + length) % 8 == 0, "typed arrays begin at multiples of their size"
    start = 4 + length + header["values"]["start"]
    assert struct.unpack("<2f", packed[start : start + 8]) == (1.5, -1)
    for file in folder.iterdir():
        assert b"somebody" not in file.read_bytes()
    shown = page(site, root.name)
    assert "Because they liked" in shown.text
    policy = next(one for one in shown.all("meta", "content") if "default-src" in one)
    assert "script-src 'self';" in policy
    assert "wasm" not in policy


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (b"no archive", "no archive of arrays that can be read"),
        (npz(bias=WEIGHTS["bias"]), "no names of items ('items')"),
        (npz(**WEIGHTS | {"items": text([1])}), "should be text"),
        (npz(**WEIGHTS | {"items": text(["a"])}), "not as many titles as items"),
        (npz(**{name: of for name, of in WEIGHTS.items() if name != "starts"}), "no starts"),
        (npz(**WEIGHTS | {"bias": ("<f8", (2,), bytes(16))}), "can be read ('<f8')"),
        (npz(**WEIGHTS | {"bias": ("<f4", (3,), bytes(8))}), "not as its header says"),
        (npz(**WEIGHTS | {"starts": ("<i8", (1,), b"\xff" * 7 + b"\x7f")}), "can be read"),
        (npz(**WEIGHTS | {"bias": ("<f4'+", (1,), bytes(4))}), "can be read"),
        (npz(**WEIGHTS)[:60] + b"x" * 20 + npz(**WEIGHTS)[80:], "can be read"),
    ],
)
def test_a_recommender_that_cannot_be_read_has_no_demo(here, model, says):
    root = recommender(here.root)
    published(root, model)
    _, said = built(replace(here, projects=(root.name,)))
    assert len(said) == 1
    assert says in said[0]


def test_a_review_project_s_demo_makes_words_as_the_project_does(here):
    root = sentiment(here.root)
    here = replace(here, projects=(root.name,))
    site, said = built(here)
    assert said == []
    assert data(site, root.name)["prices"]["win_back"] == 0.15
    for part in ("75.0%", "skip", "-1.50", "good", "12.5%", "read", "9.75", "bad"):
        assert part in page(site, root.name).text
    file = root / "src" / "sentiment" / "features.py"
    text = file.read_text("utf-8")
    file.write_text(f"# Another comment.\n{text}".replace('"""The words, num', '"""Num'), "utf-8")
    assert built(here)[1] == []
    file.write_text(text.replace("PART_SIZE = 4", "PART_SIZE = 5"), "utf-8")
    assert "features.py is not the template's" in built(here)[1][0]
    file.write_text("def", "utf-8")
    assert "features.py: no Python" in built(here)[1][0]


def test_a_forecasting_project_s_demo_has_forecasts_prices_and_the_curve(here):
    root = demand(here.root)
    here = replace(here, projects=(root.name,))
    site, said = built(here)
    assert said == []
    found = data(site, root.name)
    assert (found["ids"], found["service_levels"]) == ([HOSTILE], [0.5, 0.9])
    assert found["signature"] == {"lead_time": 1, "season_length": 7, "whole": True}
    for part in ("4,816.09", "1,285.33 to 6,252.43", "5,557"):
        assert part in page(site, root.name).text
    assert not [attrs for _, attrs in page(site, root.name).tags if "onerror" in attrs]
    changed(root, curve={"held": [1], "short": [2]})
    assert "`curve` is not as long" in built(here)[1][0]
    published(root, npz(**{name: of for name, of in FORECASTS.items() if name != "scale"}))
    assert "no scale" in built(here)[1][0]
    published(root, npz(**FORECASTS | {"features": text(["a", "b"])}))
    assert "not as long as their names" in built(here)[1][0]
    published(root, npz(**FORECASTS), curve={"held": [1, 2], "short": [2, 1]})
    (root / "reports" / "forecasts.csv").write_text("unique_id,ds\na,b\n", "utf-8")
    assert "forecasts.csv cannot be read" in built(here)[1][0]


def test_an_imaging_project_s_demo_shows_images_only_where_they_may_be_shared(here):
    root = imaging(here.root)
    here = replace(here, projects=(root.name,))
    site, said = built(here)
    assert said == []
    found, folder = data(site, root.name), site / "projects" / root.name
    (example,) = found["examples"]
    assert example["name"] == f"{HOSTILE}: caught"
    picture = (root / "reports" / "examples" / "caught_1.png").read_bytes()
    assert (folder / example["file"]).read_bytes() == picture
    assert found["tall_by_columns"] is False, "Pillow 12 takes the rows first"
    assert "Not a medical device" in page(site, root.name).text
    assert "99.0%" in page(site, root.name).text
    file = root / "reports" / "data.json"
    receipt = json.loads(file.read_text("utf-8")) | {"allowed": []}
    file.write_text(json.dumps(receipt), "utf-8")
    changed(root, packages={})
    site, said = built(here)
    assert said == []
    assert data(site, root.name)["examples"] == []
    assert data(site, root.name)["tall_by_columns"] is True, "as the newest does"
    assert not list((site / "projects" / root.name).glob("example-*"))
    assert "not ill" in page(site, root.name).text


MORE = {
    "data": "d" * 64,
    "model": "deep_network",
    "primary_metric": {"name": "roc_auc", "value": 0.95, "higher_is_better": True},
}


def kept(root: Path, version: str, content: bytes, **more: object) -> None:
    """Keep an older version of the published model."""
    now, then = root / "models" / builder.VERSION, root / "models" / version
    then.mkdir()
    metadata = json.loads((now / "metadata.json").read_text("utf-8"))
    (then / metadata["file"]).write_bytes(content)
    metadata |= {"version": version, "sha256": hashlib.sha256(content).hexdigest(), **MORE, **more}
    (then / "metadata.json").write_text(json.dumps(metadata), "utf-8")


def scored(value: float, **more: object) -> dict:
    """The score of an older version."""
    return {"primary_metric": MORE["primary_metric"] | {"value": value} | more}


def test_where_the_published_model_is_too_large_the_best_that_fits_runs(here):
    root = imaging(here.root)
    here = replace(here, projects=(root.name,))
    changed(root, **MORE)
    published(root, bytes(14_000_000))
    kept(root, "aaaaaaaaaaaa", b"weak", **scored(0.8))
    kept(root, "bbbbbbbbbbbb", b"good", **scored(0.9, low=0.88, high=0.92), model="small_network")
    kept(root, "cccccccccccc", b"of other data", **scored(0.99), data="e" * 64)
    kept(root, "dddddddddddd", b"by another metric", **scored(0.99, name="accuracy"))
    kept(root, "eeeeeeeeeeee", b"damaged", **scored(0.99), sha256="0" * 64)
    kept(root, "ffffffffffff", bytes(13_000_000), **scored(0.99))
    site, said = built(here)
    assert len(said) == 1
    assert "version bbbbbbbbbbbb, small network, ROC-AUC 0.900 (0.880 to 0.920) runs" in said[0]
    assert "is larger than a page loads at once (14.0 MB, of at most 6.0 MB)" in said[0]
    shown, folder = page(site, root.name), site / "projects" / root.name
    small, large = (
        json.loads((folder / file).read_text("utf-8")) for file in shown.all("button", "data-demo")
    )
    assert (folder / small["model"]["file"]).read_bytes() == b"good"
    assert (folder / large["model"]["file"]).read_bytes() == bytes(14_000_000)
    assert large["model"]["version"] == builder.VERSION
    assert "version bbbbbbbbbbbb, small network, ROC-AUC 0.900 (0.880 to 0.920)." in shown.text
    assert f"(version {builder.VERSION}, deep network, ROC-AUC 0.950) is larger" in shown.text
    assert "Load the published model: 14.0 MB" in shown.text
    assert "these are the published model's answers" in shown.text
    assert pages.differences(here, site, None) == []


def test_less_may_be_better(here):
    root = demand(here.root)
    here = replace(here, projects=(root.name,))
    errors = {"name": "mase", "higher_is_better": False}
    many = npz(**FORECASTS | {"history": ("<f4", (1, 1_600_000), bytes(6_400_000))})
    published(root, many, data=MORE["data"], **scored(0.5, **errors))
    kept(root, "aaaaaaaaaaaa", npz(**FORECASTS), **scored(0.9, **errors))
    kept(root, "bbbbbbbbbbbb", npz(**FORECASTS), **scored(0.8, **errors))
    assert "in its demo version bbbbbbbbbbbb" in built(here)[1][0]


def test_a_curve_of_another_model_s_answers_says_so(here):
    root = here.root / "customer-churn"
    assert data(built(here)[0])["test_of"] is None
    changed(root, **MORE)
    published(root, bytes(MOST))
    kept(root, "aaaaaaaaaaaa", b"a small tree")
    site, said = built(here)
    assert "runs instead" in said[0]
    file, _ = page(site).all("button", "data-demo")
    found = json.loads((site / "projects" / root.name / file).read_text("utf-8"))
    assert (found["model"]["version"], found["test_of"]) == ("aaaaaaaaaaaa", builder.VERSION)


def test_a_large_model_alone_is_loaded_by_those_who_ask_for_it(here):
    published(here.root / "customer-churn", bytes(MOST))
    site, said = built(here)
    assert "no other version that it keeps fits" in said[0]
    shown = page(site)
    (_,) = shown.all("button", "data-demo")
    assert "Load the published model: 6.0 MB" in shown.text
    assert "75.0%" in shown.text, "what was recorded is shown"


def test_a_model_that_is_not_of_words_runs_nowhere_and_it_is_said(here):
    root = sentiment(here.root)
    here = replace(here, projects=(root.name,))
    published(root, b"a small transformer")
    assert (
        "the published model counts no words, and the demo runs models that do"
        in (built(here)[1][0])
    )
    published(root, bytes(23_000_000), **MORE)
    site, said = built(here)
    assert "no other version that it keeps fits" in said[0]
    assert "is larger than a page loads at once (23.0 MB, of at most 6.0 MB)" in said[0]
    shown = page(site, root.name)
    assert "No demo runs on this page." in shown.text
    assert "Its file has 23.0 MB." in shown.text
    assert "75.0%" in shown.text, "what was recorded is shown"
    assert not shown.all("script", "src")
    address = f"https://github.com/ada-example/{root.name}/blob/HEAD/models/{builder.VERSION}"
    assert f"{address}/model.onnx" in shown.all("a", "href")
    kept(root, "aaaaaaaaaaaa", WORDS, model="logistic_regression")
    site, said = built(here)
    assert "version aaaaaaaaaaaa, logistic regression, ROC-AUC 0.950 runs instead" in said[0]
    assert data(site, root.name)["model"]["version"] == "aaaaaaaaaaaa"


def test_without_the_runtime_the_page_is_as_before_and_it_is_said(here):
    shutil.rmtree(here.root / "node_modules" / runtime.PACKAGE / "dist")
    site, said = built(here)
    assert len(said) == 1
    assert "npm install --save-exact onnxruntime-web@" in said[0]
    assert not page(site).all("script", "src")
    assert not (site / "demos").exists()
    assert not (site / "onnxruntime").exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda root: changed(root, sha256="0" * 64), "its checksum is not that of metadata.json"),
        (lambda root: changed(root, file="../metadata.json"), "`file` leads out of its folder"),
        (lambda root: changed(root, file="nothing.onnx"), "nothing.onnx: there is no such file"),
        (lambda root: changed(root, prices={}), "`prices.currency` is missing"),
        (lambda root: changed(root, signature=[{"name": "a"}]), "`signature[0].type` is missing"),
        (
            lambda root: changed(root, signature=[{"name": "a", "type": "x", "typical": [1]}]),
            "a is neither a number nor a category",
        ),
        (
            lambda root: changed(root, signature=[{"name": "a", "type": "number", "typical": []}]),
            "a has no typical values",
        ),
        (lambda root: (root / "reports" / "predictions.csv").unlink(), "predictions.csv cannot be"),
        (
            lambda root: (root / "reports" / "predictions.csv").write_text(
                "part,y,probability\ntest,1,nan\n"
            ),
            "is no JSON",
        ),
        (
            lambda root: (root / "reports" / "predictions.csv").write_text("part,y\ntest,1\n"),
            "predictions.csv cannot be read ('probability')",
        ),
        (
            lambda root: (root / "reports" / "predictions.csv").write_text("part,y,probability\n"),
            "no cases of the test",
        ),
    ],
)
def test_what_stands_in_its_way_is_said_and_the_page_is_there(here, spoil, says):
    spoil(here.root / "customer-churn")
    site, said = built(here)
    assert len(said) == 1
    assert said[0].startswith("customer-churn: shown without its demo: ")
    assert says in said[0]
    assert not page(site).all("button", "data-demo")


def test_a_model_that_is_a_link_out_of_the_project_is_left_out(here):
    secret = here.root / "secret.onnx"
    secret.write_bytes(b"a tree")
    model = here.root / "customer-churn" / "models" / builder.VERSION / "model.onnx"
    model.unlink()
    model.symlink_to(secret)
    assert "leads out of its folder" in built(here)[1][0]


def test_a_demo_that_changed_has_another_address_and_a_check_sees_it(here):
    site, _ = built(here)
    before = data(site)
    assert pages.differences(here, site, None) == []
    published(here.root / "customer-churn", b"another tree")
    assert any("model-" in line for line in pages.differences(here, site, None))
    assert data(built(here)[0])["model"]["file"] != before["model"]["file"]


def test_a_new_workspace_says_what_npm_installs(tmp_path):
    named = ["--name", "Ada", "--github-username", "ada"]
    assert CliRunner().invoke(cli, ["init", str(tmp_path / "new"), *named]).exit_code == 0
    manifest = json.loads((tmp_path / "new" / "package.json").read_text("utf-8"))
    assert manifest["dependencies"] == {runtime.PACKAGE: runtime.VERSION}
    assert "node_modules/" in (tmp_path / "new" / ".gitignore").read_text("utf-8").splitlines()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "package.json").write_text("{}")
    assert CliRunner().invoke(cli, ["init", str(tmp_path / "old"), *named]).exit_code == 0
    assert (tmp_path / "old" / "package.json").read_text() == "{}"
