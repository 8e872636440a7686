"""A demo on the website, in Chromium: from the click to the first answer, and each further one.

Takes a project that has run `all` and has its environment; runs in the template's environment,
with its group `services`, npm and Chromium:

    .venv/bin/python benchmarks/demo.py PROJECT
"""

import functools
import http.server
import importlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from measure import report

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "projects")]
installed, demos = importlib.import_module("installed"), importlib.import_module("demos")
site = importlib.import_module("portfolio.site")
contract = importlib.import_module("portfolio.contract")

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STARTS, ANSWERS = 7, 50
# Bytes of the page and of all that it has loaded, unpacked.
LOADED = """["navigation", "resource"]
    .flatMap((kind) => performance.getEntriesByType(kind))
    .reduce((sum, one) => sum + one.decodedBodySize, 0)"""


def workspace(project: Path, folder: Path) -> None:
    """Build the website of a workspace with this project alone."""
    python = [sys.executable, "-m", "portfolio"]
    named = ["--name", "Ada Example", "--github-username", "ada", "--no-input"]
    env = installed.environment() | {"PYTHONPATH": str(ROOT)}
    subprocess.run([*python, "init", folder, *named], env=env, check=True, capture_output=True)
    npm = [shutil.which("npm") or "npm", "install", "--silent", "--ignore-scripts"]
    subprocess.run(npm, cwd=folder, check=True)
    file = folder / "portfolio.yaml"
    listed = file.read_text("utf-8").replace("projects: []", f"projects: [{project}]")
    file.write_text(listed, encoding="utf-8")
    subprocess.run([*python, "site", "build"], cwd=folder, env=env, check=True)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of the website."""
    handler = functools.partial(site.Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def start(browser, address: str, cached: bool) -> tuple[float, int, int]:
    """Seconds from the click to the first answer; bytes before and after the click."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    if cached:  # a second visit: what the first has loaded lies in the browser
        press(page)
        page.goto(address)
    page.wait_for_load_state("networkidle")
    before = page.evaluate(LOADED)
    spent = press(page)
    after = page.evaluate(LOADED) - before
    context.close()
    return spent, before, after


def press(page) -> float:
    """Press the button; seconds until the demo is there."""
    began = time.perf_counter()
    page.locator("[data-demo]").click()
    page.locator("#demo-status", has_text="The demo is ready.").wait_for()
    return time.perf_counter() - began


def in_browser(page, domain: str, cases: list) -> Callable[[], float]:
    """What asks the demo for one answer with its reasons, and says how long that took."""
    page.evaluate(demos.keeping(demos.BROWSER[domain]))
    turns = iter(cases * ANSWERS)
    return lambda: page.evaluate("one => window.answer([one])", next(turns)) / 1_000


def by_api(address: str, domain: str, cases: list) -> Callable[[], float]:
    """What asks the API for the same, and says how long both requests took."""
    turns = iter(cases * ANSWERS)

    def ask() -> float:
        case = next(turns)
        began = time.perf_counter()
        for path in ("predict", "explain"):
            body, kind = demos.request(domain, case, path)
            urlopen(Request(f"{address}/{path}", body, {"Content-Type": kind}), timeout=60).read()
        return time.perf_counter() - began

    return ask


def main(root: Path) -> None:
    """Build the site, start the demo several times, and ask it and the API in turns."""
    project, domain = installed.Project(root), contract.load(root).domain
    cases = demos.reference(project, demos.REFERENCES[domain])["cases"]
    playwright = importlib.import_module("playwright.sync_api").sync_playwright
    port = installed.free_port()
    command = [project.program(project.command), "serve", "--port", str(port)]
    api = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory() as folder,
        playwright() as started,
        installed.running(command, root, f"{api}/health"),
    ):
        workspace(root, Path(folder))
        program = shutil.which("chromium") or shutil.which("google-chrome")
        browser = started.chromium.launch(executable_path=program, args=FLAGS)
        with served(Path(folder) / "site") as address:
            page_address = f"{address}projects/{root.name}/"
            measure_starts(browser, page_address, root.name)
            page = browser.new_page()
            page.goto(page_address)
            asked = in_browser(page, domain, cases), by_api(api, domain, cases)
            measure_answers(*asked, root.name)
        browser.close()


def measure_starts(browser, address: str, name: str) -> None:
    """Report how long a start takes and what it loads."""
    for cached, visit in ((False, "first visit"), (True, "second")):
        found = [start(browser, address, cached) for _ in range(STARTS)]
        spent, before, after = (median(each) for each in zip(*found, strict=True))
        loaded = f"; page {before / 1e3:.0f} KB, demo {after / 1e6:.2f} MB"
        figure = f"{spent:.2f} s{'' if cached else loaded}"
        report(f"{name}, click to first answer, {visit}", figure, spent < 5, "under 5 s")


def measure_answers(demo: Callable[[], float], api: Callable[[], float], name: str) -> None:
    """Report how long further answers take, in turns."""
    demo(), api()
    pairs = [(demo(), api()) for _ in range(ANSWERS)]
    ours, theirs = median(one for one, _ in pairs), median(two for _, two in pairs)
    figure = f"{1e3 * ours:.1f} ms, the API {1e3 * theirs:.1f} ms"
    report(f"{name}, each further answer with reasons", figure, ours < 0.1, "under 100 ms")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
