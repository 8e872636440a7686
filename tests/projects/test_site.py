"""The website of a project that has really run, in Chromium."""

import functools
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import demos
import pytest
from installed import Project
from learner import Learner
from npm import npm_install

from portfolio.site import Handler

pytestmark = pytest.mark.services

AXE, VALIDATE, LIGHTHOUSE = "axe-core@4.14.1", "html-validate@9.7.1", "lighthouse@12.8.2"
# A table that is laid out as blocks on a phone says by roles that it still is one.
RULES = {"extends": ["html-validate:recommended"], "rules": {"no-redundant-role": "off"}}
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
ALLOWED = 1e-4  # between a demo's numbers and those of the project's own predictor
# A slider of each demo that has some, and what moves with it.
SLIDERS = {
    "tabular": ("Cost of an offer", "figure svg"),
    "cv": ("Opacity of the map", "canvas"),
    "timeseries": ("Service level", ".facts"),
}
MOST_HOME, MOST_PROJECT = 300_000, 700_000
SCORES = {"performance", "accessibility", "best-practices", "seo"}


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if not program:
        pytest.skip("no Chromium: install Debian's package `chromium`")
    return program


@pytest.fixture(scope="module")
def site(project: Project, learner: Learner) -> Iterator[tuple[Path, str]]:
    """The folder of the workspace's site, and where it is served."""
    if npm := shutil.which("npm"):  # as the workflow does
        command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=learner.workspace, check=True, timeout=600)
    learner.portfolio("site", "build")
    folder = learner.workspace / "site"
    with served(folder, Handler) as address:
        yield folder, address


@contextmanager
def served(folder: Path, handler: type[http.server.SimpleHTTPRequestHandler]) -> Iterator[str]:
    """Serve a folder's files; the address."""
    shown = functools.partial(handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), shown) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:  # a test that fails must end, too
            server.shutdown()
            thread.join()


@pytest.fixture
def browser(chromium) -> Iterator[object]:
    """A browser; nothing else that tests look at is on the machine `example.test`."""
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    here = "--host-resolver-rules=MAP example.test 127.0.0.1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, here])
        yield started
        started.close()


@pytest.fixture
def demo(site, project) -> str:
    """The address of the project's page, which has a demo."""
    if not shutil.which("npm"):
        pytest.skip("no npm, so the site has no demos with ONNX: install Node.js")
    return f"{site[1]}projects/{project.root.name}/"


def addresses(folder: Path, domain: str) -> list[str]:
    """The site's pages, as a browser asks for them; what all sites share is churn's to show."""
    found = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.html"))
    named = [name.removesuffix("index.html") for name in found]
    return [name for name in named if domain == "tabular" or name.startswith("projects/")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(site, chromium, domain, scheme):
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    folder, address = site
    axe = (npm_install(AXE) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for path in addresses(folder, domain):
            for width in (360, 1280):
                said: list[str] = []
                # The page's own policy would refuse axe; that it is kept is seen below.
                context = browser.new_context(
                    bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 900}
                )
                page = context.new_page()
                page.on("console", lambda message, said=said: said.append(message.text))
                page.goto(address + path)
                for details in page.query_selector_all("details"):
                    details.evaluate("element => { element.open = true }")
                page.evaluate(axe)
                found = page.evaluate("axe.run()")["violations"]
                assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (path, width)
                wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                assert page.evaluate(wide) == 0, (path, width)
                assert not [text for text in said if "404" not in text or path != "404.html"]
                context.close()
        browser.close()


def test_pages_are_light_and_keep_their_own_policy(site, chromium, project):
    sync_playwright = pytest.importorskip("playwright.sync_api").sync_playwright
    _, address = site
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for path, most in (("", MOST_HOME), (f"projects/{project.root.name}/", MOST_PROJECT)):
            page, sizes, said = browser.new_page(), [], []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.on("response", lambda got, sizes=sizes: sizes.append(got))
            page.goto(address + path)
            for picture in page.query_selector_all("img"):
                picture.scroll_into_view_if_needed()
            page.wait_for_load_state("networkidle")
            assert all(response.status == 200 for response in sizes)
            assert all(response.url.startswith(address) for response in sizes)
            assert not [one.url for one in sizes if "/demo-" in one.url or "/model-" in one.url]
            assert sum(len(response.body()) for response in sizes) <= most
            drawn = "Array.from(document.images).every(one => one.complete && one.naturalWidth)"
            assert page.evaluate(drawn)
            assert said == []
            page.close()
        browser.close()


def test_html_is_valid(site, tmp_path):
    folder, _ = site
    program = npm_install(VALIDATE) / "node_modules" / ".bin" / "html-validate"
    (tmp_path / "rules.json").write_text(json.dumps(RULES), encoding="utf-8")
    files = sorted(folder.rglob("*.html"))
    command = [program, "--config", tmp_path / "rules.json", *files]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.only("tabular")
def test_lighthouse_finds_little(site, chromium, project, tmp_path):
    _, address = site
    program = npm_install(LIGHTHOUSE) / "node_modules" / ".bin" / "lighthouse"
    for path in ("", f"projects/{project.root.name}/"):
        file = tmp_path / "found.json"
        options = ["--quiet", "--output=json", f"--output-path={file}"]
        only = f"--only-categories={','.join(sorted(SCORES))}"
        command = [program, address + path, *options, only, f"--chrome-flags={' '.join(FLAGS)}"]
        subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": chromium})
        found = json.loads(file.read_text("utf-8"))
        scores = {name: category["score"] for name, category in found["categories"].items()}
        # How fast it is depends on what else this machine does; benchmarks measure that.
        assert {name for name, score in scores.items() if score >= 0.95} >= SCORES - {"performance"}


def started(page, address: str) -> None:
    """Open a page, press the button, and wait until the demo is there."""
    page.goto(address)
    page.locator("[data-demo]").press("Enter")
    page.locator("#demo-status", has_text="The demo is ready.").wait_for()


@pytest.mark.only(*demos.REFERENCES)
def test_a_demo_gives_the_predictor_s_answers(demo, browser, project, domain):
    wanted = demos.reference(project, demos.REFERENCES[domain])
    assert len(wanted["cases"]) == demos.CASES
    page = browser.new_page()
    page.goto(demo)
    found = page.evaluate(demos.in_browser(demos.BROWSER[domain]), wanted["cases"])
    assert demos.furthest(wanted["answers"], found["answers"]) <= ALLOWED
    for one, two in zip(wanted["reasons"], found["reasons"], strict=True):
        assert demos.furthest(demos.by_name(one), demos.by_name(two)) <= ALLOWED


@pytest.mark.only("nlp")
def test_words_are_the_same_in_the_browser(demo, browser, project):
    wanted = demos.reference(project, demos.TOKENS)
    page = browser.new_page()
    page.goto(demo)
    found = page.evaluate(demos.in_browser(demos.TOKENS_IN_BROWSER), wanted["cases"])
    for which in ("answers", "reasons"):
        pairs = zip(wanted["cases"], wanted[which], found[which], strict=True)
        assert [(case, one, two) for case, one, two in pairs if one != two] == []


@pytest.mark.only(*demos.REFERENCES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_a_demo(demo, browser, domain, scheme):
    axe = (npm_install(AXE) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    for width in (360, 1280):
        said: list[str] = []
        context = browser.new_context(
            bypass_csp=True,
            color_scheme=scheme,
            reduced_motion="reduce",
            viewport={"width": width, "height": 900},
        )
        page = context.new_page()
        page.on("console", lambda message, said=said: said.append(message.text))
        started(page, demo)
        place = page.locator("#demo-place")
        assert place.evaluate("place => place === document.activeElement")
        # By keyboard alone, and a screen reader is told what came of it.
        news = place.get_by_role("status")
        page.wait_for_timeout(1000)
        before = news.text_content()
        demos.by_keyboard(page, domain)
        page.wait_for_timeout(1500)
        assert news.text_content() not in ("", before)
        page.evaluate(axe)
        found = page.evaluate("axe.run()")["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], (width, scheme)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0, width
        assert said == []
        context.close()


@pytest.mark.only(*demos.REFERENCES)
def test_a_demo_loads_from_any_static_server_and_from_nowhere_else(demo, browser, learner, project):
    with served(learner.workspace, http.server.SimpleHTTPRequestHandler) as address:
        asked, page = [], browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        started(page, f"{address}site/projects/{project.root.name}/")
        assert all(url.startswith(address) for url in asked), asked
        page.close()


@pytest.mark.only(*demos.REFERENCES)
def test_a_model_that_is_not_the_published_one_is_refused(demo, browser):
    page = browser.new_page()

    def spoil(route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body()[:-1] + b"x")

    page.route("**/model-*", spoil)
    page.goto(demo)
    page.click("[data-demo]")
    page.locator("#demo-status", has_text="its checksum differs").wait_for()
    assert page.locator("#demo-place").is_hidden()
    page.unroute("**/model-*")
    page.click("[data-demo]")
    page.locator("#demo-status", has_text="The demo is ready.").wait_for()


@pytest.mark.only("cv")
def test_a_model_that_is_too_large_is_loaded_by_a_click_of_its_own(
    demo, browser, learner, project, tmp_path
):
    unwanted = shutil.ignore_patterns(".venv", ".git", "site")
    workspace = tmp_path / "workspace"
    shutil.copytree(learner.workspace, workspace, symlinks=True, ignore=unwanted)
    models = workspace / project.root.name / "models"
    small, large = (models / "current.txt").read_text("utf-8").strip(), "f" * 12
    shutil.copytree(models / small, models / large)
    (file,) = (models / large).glob("*.onnx")
    file.write_bytes(demos.padded(file.read_bytes(), 12_000_000))
    metadata = json.loads((models / large / "metadata.json").read_text("utf-8"))
    metadata |= {"version": large, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    (models / large / "metadata.json").write_text(json.dumps(metadata), "utf-8")
    (models / "current.txt").write_text(large, "utf-8")
    Learner(learner.template, workspace).portfolio("site", "build")
    with served(workspace / "site", Handler) as address:
        page, said, asked = browser.new_page(viewport={"width": 360, "height": 900}), [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}projects/{project.root.name}/")
        assert not [url for url in asked if "/model-" in url]
        answers = []
        for name, version in (("Load the demo", small), ("Load the published model", large)):
            page.get_by_role("button", name=name).press("Enter")
            page.locator("#demo-status", has_text=f"It runs version {version}.").wait_for()
            answers.append(page.locator("#demo-place .facts").text_content())
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(wide) == 0
        assert answers[0] == answers[1] != ""
        assert len({url for url in asked if "/model-" in url}) == 2
        assert said == []
        page.close()


@pytest.mark.only(*SLIDERS)
def test_sliders_move_what_they_are_about(demo, browser, domain):
    page = browser.new_page()
    started(page, demo)
    name, moved = SLIDERS[domain]
    place = page.locator("#demo-place")
    # A canvas says what it shows by its pixels.
    look = "one => one.tagName === 'CANVAS' ? one.toDataURL() : one.outerHTML"
    before = place.locator(moved).evaluate(look)
    slider = place.get_by_role("slider", name=name)
    said = slider.get_attribute("aria-valuetext")
    slider.press("Home")
    page.wait_for_timeout(1000)
    assert slider.get_attribute("aria-valuetext") != said
    assert place.locator(moved).evaluate(look) != before
    page.close()


@pytest.mark.only("tabular")
def test_at_the_published_prices_a_demo_earns_what_the_project_reports(demo, browser, project):
    report = json.loads((project.root / "reports" / "metrics.json").read_text("utf-8"))
    policies = {one["name"]: one for one in report["tabular"]["business"]["policies"]}
    share = policies["the model"]["contacted"]
    profit = policies["contacting nobody"]["saved_per_year"]["value"]
    page = browser.new_page()
    started(page, demo)
    caption = page.locator("#demo-place figcaption").text_content()
    assert f"Contacting {share:.1%} of" in caption
    assert f"would earn {profit:,.0f} " in caption
    page.close()


@pytest.mark.only("tabular")
def test_a_churn_demo_warns_of_what_the_model_does_not_know(demo, browser, project):
    page = browser.new_page()
    started(page, demo)
    place = page.locator("#demo-place")
    assert "does not know" not in place.text_content()
    place.locator("input[type=number]").nth(1).fill("1e6")
    choice = place.locator("select").first
    choice.select_option(label="(another)")
    place.locator("input[type=text]:visible").fill("nothing that it knows")
    place.locator(".warned li").nth(1).wait_for()
    assert "1,000,000, expected" in place.locator(".warned").text_content()
    assert "nothing that it knows, expected" in place.locator(".warned").text_content()
    place.get_by_role("status").get_by_text("The model does not know").wait_for()
    place.locator("input[type=number]").nth(1).fill("1")
    choice.select_option(index=0)
    place.locator(".warned").wait_for(state="detached")
    page.close()


@pytest.mark.only(*demos.REFERENCES)
def test_without_a_demo_the_page_says_what_was_recorded(demo, browser):
    page = browser.new_page(java_script_enabled=False)
    page.goto(demo)
    assert page.locator("#demo-recorded").is_visible()
    assert page.locator("[data-demo]").is_hidden()
    page = browser.new_page()
    page.goto(demo.replace("127.0.0.1", "example.test"))
    assert "needs this page over https" in page.locator("#demo-status").text_content()
    assert page.locator("#demo-recorded").is_visible()
    assert page.locator("[data-demo]").is_hidden()


@pytest.mark.only("tabular")
def test_a_slider_keeps_a_price_between_its_steps_until_it_is_moved(demo, browser):
    page = browser.new_page()
    page.goto(demo)
    found = page.evaluate(
        """async () => {
            const start = document.querySelector("script[type=module]").src;
            const { around, slider } = await import(new URL("shared.js", start));
            const made = slider("A price", around(37.123), String);
            const input = made.field.querySelector("input");
            const before = made.value();
            input.value = "40";
            input.dispatchEvent(new Event("input"));
            return [before, made.value(), input.getAttribute("aria-valuetext")];
        }"""
    )
    assert found == [37.123, 40, "40"]
