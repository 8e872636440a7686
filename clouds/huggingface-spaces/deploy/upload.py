# /// script
# requires-python = ">=3.11"
# dependencies = ["huggingface_hub>=1.19"]
# ///
"""Serve what is committed here from a Space; put back what it served before if it does not answer.

    uv run deploy/upload.py NAME/SPACE

It uses the hub's client, as a plain push by git may hold no binary files, such as models.
"""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

from huggingface_hub import CommitOperationAdd as Add
from huggingface_hub import CommitOperationCopy as Copy
from huggingface_hub import CommitOperationDelete as Delete
from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, OIDCError

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Dockerfile", "LICENSE", "api", "models", "pyproject.toml", "src")  # of the image
BUSY = ("APP_STARTING", "BUILDING", "RUNNING_APP_STARTING", "RUNNING_BUILDING")


def refuse(words: str) -> NoReturn:
    """Say in a line what is missing."""
    print(words, file=sys.stderr)
    raise SystemExit(2)


def files() -> dict[str, Path]:
    """What the image is made of, as far as git knows it, and the Space's own README."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", *PARTS]
    names = subprocess.run(command, capture_output=True, encoding="utf-8").stdout
    found = {name: ROOT / name for name in names.split("\0") if name}
    if "models/current.txt" not in found:
        refuse("No model is committed here: run `all`, then commit models/ and reports/.")
    return found | {"README.md": ROOT / "deploy" / "SPACE.md"}


def ask(url: str) -> dict[str, Any]:
    """The JSON at an address; nothing while there is none."""
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return {}


def serves(runtime: str, health: str, commit: str, version: str) -> bool:
    """Whether the Space comes to run the commit, in 20 minutes, and then answers, in one."""
    tries = 6
    for _ in range(120):
        now = ask(runtime)
        # While it builds, the commit before goes on answering, maybe with the same model.
        if now.get("sha") == commit and now.get("stage") not in BUSY:
            if ask(health).get("model_version") == version:
                return True
            tries -= 1
        if not tries:
            break
        time.sleep(10)
    return False


def deploy(api: HfApi, space: str) -> int:
    """Upload in one commit, wait for its answer, and go back if none comes."""
    ours = files()
    version = ours["models/current.txt"].read_text(encoding="utf-8").strip()
    if not api.repo_exists(space, repo_type="space"):
        api.create_repo(space, repo_type="space", space_sdk="docker")
    before = api.space_info(space).sha
    theirs = api.list_repo_files(space, repo_type="space", revision=before)

    def commit(operations: list[Any], message: str) -> str:
        done = api.create_commit(space, operations, repo_type="space", commit_message=message)
        return done.oid

    gone = set(theirs) - {".gitattributes", *ours}  # the first is the hub's own
    changes = [*(Add(name, path) for name, path in ours.items()), *map(Delete, gone)]
    made = commit(changes, f"Serve model {version}")
    host = api.space_info(space).host
    if serves(f"{api.endpoint}/api/spaces/{space}/runtime", f"{host}/health", made, version):
        print(f"{host} serves {version}.")
        return 0
    print(f"{host}/health does not name {version}: see the Space's logs.", file=sys.stderr)
    if "Dockerfile" in theirs:
        copies = [Copy(name, name, src_revision=before) for name in theirs]
        commit([*copies, *map(Delete, set(ours) - set(theirs))], "Go back to what answered")
        print("What was there before is there again.", file=sys.stderr)
    return 1


def main(words: list[str]) -> int:
    """Deploy to the Space that is named, if there is a token for it."""
    if len(words) != 1 or words[0].count("/") != 1:
        refuse("Which Space? uv run deploy/upload.py NAME/SPACE; deploy/README.md says more.")
    try:
        if not get_token():
            refuse("No token: set HF_TOKEN, or `uvx --from huggingface_hub hf auth login` once.")
        return deploy(HfApi(), words[0])
    except (HfHubHTTPError, OIDCError) as error:
        refuse(f"The hub refuses: {' '.join(str(error).split())}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
