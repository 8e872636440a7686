"""`portfolio site`: a static website out of the workspace and its projects."""

import functools
import http.server
from pathlib import Path

import click

from portfolio import template, workspace
from portfolio.errors import UserError
from portfolio.files import write_text
from portfolio.rendering import expanded
from portfolio.workspace import Workspace

OUTPUT = "site"
WORKFLOW = Path(".github", "workflows", "site.yml")


@click.group(help="Make a website out of your projects' results, show it, publish it.")
def command() -> None:
    """The commands around the website of the workspace that the current folder lies in."""


@command.command()
@click.option("--url", help="Where it will be: your GitHub Pages unless said.")
@click.option("--check", is_flag=True, help="Change nothing; fail where it differs from projects.")
def build(url: str | None, check: bool) -> None:
    """Write the website into the folder `site`, and say what projects lack."""
    here = workspace.find()
    if check:
        from portfolio.site import pages

        differences = pages.differences(here, here.root / OUTPUT, url)
        for line in differences:
            click.echo(line)
        if differences:
            click.echo("Build it again: portfolio site build", err=True)
            raise SystemExit(1)
        click.echo(f"{OUTPUT}/ says what the projects say.")
        return
    _build(here, url)
    click.echo(f"{here.root / OUTPUT}: look at it with `portfolio site serve`.")


@command.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
def serve(port: int) -> None:
    """Build the website and show it at http://127.0.0.1:8080/ until Ctrl-C."""
    here = workspace.find()
    _build(here, None)
    shown = functools.partial(Handler, directory=str(here.root / OUTPUT))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), shown) as server:
        click.echo(f"http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo()


@command.command()
def workflow() -> None:
    """Write the workflow that builds the website on GitHub and publishes it, weekly too."""
    here = workspace.find()
    address = expanded(here.template or template.address() or "")
    if not workspace.ADDRESS.match(address):
        raise UserError(
            f"GitHub installs this tool from the template's address: say it as `template` in "
            f"{workspace.FILE}, like https://github.com/user/ml-portfolio-template."
        )
    file = here.root / WORKFLOW
    text = Path(__file__).with_name("site.yml").read_text(encoding="utf-8")
    if file.is_file():
        raise UserError(f"{file} is there already: move it away for a fresh one.")
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, text.replace("TEMPLATE", address))
    click.echo(
        f"Written: {file}. On GitHub choose *Settings*, *Pages*, *Source*: *GitHub Actions*; "
        "then push."
    )


def _build(here: Workspace, url: str | None) -> None:
    """Build the site, and say what projects lack."""
    from portfolio.site import pages

    for note in pages.build(here, here.root / OUTPUT, url):
        click.echo(note, err=True)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files as GitHub Pages serves them: what is missing gets the site's own page."""

    # Windows may have been told something else, and a browser refuses scripts of another kind.
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def send_error(self, code: int, *args: object, **kwargs: object) -> None:
        """Answer with the page for what is missing."""
        page = Path(self.directory, "404.html")
        if code != 404 or not page.is_file():
            super().send_error(code, *args, **kwargs)
            return
        content = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing of each request."""
