"""Keys and tokens, in every version of every file that git knows, and in what would come there.

The kinds are those of detect-secrets (its fork that is kept up), with those that its field of work
leaves out and ours does not. What it only guesses from the look of a text (entropy, the word
"password") is left out: a check that cries wolf is switched off. A line of today's files with the
words `pragma: allowlist secret` says that what stands in it is none, in older versions either.
"""

import importlib
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from portfolio import git
from portfolio.checks.item import Item, code, item
from portfolio.checks.repository import MAX_FILE
from portfolio.contract import Project

# Its detectors, and words without which none of them can match; they also name the context in
# which a key of no clear form is one.
DETECTORS = {
    ("aws", "AWSKeyDetector"): ("a3t", "abia", "acca", "akia", "asia", "aws"),
    ("azure_storage_key", "AzureStorageKeyDetector"): ("azure", "accountkey"),
    ("basic_auth", "BasicAuthDetector"): ("://",),
    ("discord", "DiscordBotTokenDetector"): ("discord",),
    ("github_token", "GitHubTokenDetector"): ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    ("jwt", "JwtTokenDetector"): ("eyj",),
    ("mailchimp", "MailchimpDetector"): ("-us",),
    ("npm", "NpmDetector"): ("npm",),
    ("private_key", "PrivateKeyDetector"): ("private key", "putty-user-key"),
    ("sendgrid", "SendGridDetector"): ("sg.",),
    ("slack", "SlackDetector"): ("xox", "hooks.slack.com"),
    ("square_oauth", "SquareOAuthDetector"): ("sq0csp",),
    ("stripe", "StripeDetector"): ("k_live_",),
    ("twilio", "TwilioKeyDetector"): ("twilio",),
}
FIELD = re.compile(
    r"\bAIza[\w-]{35}|\bgithub_pat_\w{50}|\bglpat-[\w-]{20}|\b(?:hf|gsk)_[A-Za-z0-9]{34}"
    r"|\bpypi-[\w-]{50}|\bsk-(?:(?:proj|svcacct|ant|or)-[\w-]{20}|[A-Za-z0-9]{32})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)+[\w+/=:]{8}"
)
FILE = re.compile(
    r"(^|/)(\.env(\.local)?|\.netrc|id_(rsa|ed25519)|(kaggle|credentials)\.json|secrets\.toml)$"
    r"|\.p12$"
)
IMAGE = re.compile(r'"image/\w+": (?:"[^"]*"|\[[^\]]*\])')  # in notebooks: letters by the megabyte
ALLOWED = re.compile(r"pragma: ?(?:allowlist|whitelist) secret")
MADE_UP = re.compile(r"example|x{6}|\*{3}|\.{3}|<|\$\{?\w|\{", re.IGNORECASE)
MADE_UP_HOST = re.compile(
    r"(?:[\w.-]*\.)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|example|test|invalid|"
    r"example\.(?:com|org|net))(?![\w.-]*\w)",
    re.IGNORECASE,
)


def leaked(project: Project) -> Iterator[Item]:
    """No key of a known kind is in any commit, nor in a file that is not ignored."""
    root = project.root
    found: dict[str, set[str]] = {}
    wrong: list[str] = []
    allowed: set[str] = set()
    for name, content, now in _contents(root):
        where = code(name) + ("" if now else " of an earlier commit")
        if FILE.search(name) and content.strip():
            wrong.append(where)
        for value, line in keys(content):
            if now and ALLOWED.search(line):
                allowed.add(value)
            found.setdefault(where, set()).add(value)
    wrong += [where for where, values in found.items() if values - allowed]
    remedy = "revoke it where it was made, then take it out of the history (git filter-repo)"
    good = "none of a known kind in files and history"
    yield item("secrets", list(dict.fromkeys(wrong)), good, remedy, "fail")
    if git.ask(root, "rev-parse", "--is-shallow-repository") == "true":
        need = "git fetch --unshallow; in GitHub's workflow: fetch-depth: 0"
        yield Item("history", "unknown", "this clone is shallow: older commits are not here", need)


def keys(content: bytes) -> Iterator[tuple[str, str]]:
    """The keys in a file that are not made up, each with its line; none in what is no text."""
    if b"\0" in content[:8000]:
        return
    text = content.decode("utf-8", errors="replace")
    if '"image/' in text:
        text = IMAGE.sub("", text)
    for found in _candidates(text):
        value, end = found[0], text.find("\n", found.end())
        line = text[text.rfind("\n", 0, found.start()) + 1 : end if end >= 0 else len(text)]
        host = value.endswith("@") and MADE_UP_HOST.match(text, found.end())
        if not host and not MADE_UP.search(value):
            yield value, line


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """What looks like a key of a known kind."""
    low = text.lower()
    for (module, name), words in DETECTORS.items():
        if any(word in low for word in words):
            detector = _detector(module, name)
            is_valid = getattr(detector, "is_formally_valid", lambda _: True)  # of a web token
            for pattern in detector.denylist:
                yield from (found for found in pattern.finditer(text) if is_valid(found[0]))
    yield from FIELD.finditer(text)


@cache
def _detector(module: str, name: str):
    return getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)()


def _contents(root: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Each version of each file: its name, its bytes, and whether it is the one of now."""
    names = git.ask(root, "rev-list", "--objects", "--all", "--", ".") or ""
    blobs = dict(line.split(" ", 1) for line in names.splitlines() if " " in line)
    staged = (git.ask(root, "ls-files", "-z", "--stage") or "").split("\0")
    index = {line.split()[1]: line.split("\t", 1)[1] for line in staged if line}
    wanted = blobs | index
    for identity, content in _read(root, list(wanted)):
        yield wanted[identity], content, identity in index
    listed = git.ask(root, "ls-files", "-z", "--modified", "--others", "--exclude-standard")
    if listed is None:
        from portfolio.checks.documents import files

        listed = "\0".join(files(root))
    for name in filter(None, listed.split("\0")):
        file = root / name
        if file.is_file() and file.stat().st_size <= MAX_FILE:
            yield name, file.read_bytes(), True


def _read(root: Path, identities: list[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of git's objects that are files and not too big."""
    if not identities:
        return
    command = ["git", "cat-file", "--batch-check=%(objecttype) %(objectsize) %(objectname)"]
    given = "\n".join(identities).encode()
    done = subprocess.run(command, cwd=root, input=given, capture_output=True)
    kinds = [line.split() for line in done.stdout.decode().splitlines()]
    small = [one[2] for one in kinds if one[0] == "blob" and int(one[1]) <= MAX_FILE]
    given = "\n".join(small).encode() + b"\n"
    done = subprocess.run(
        ["git", "cat-file", "--batch"], cwd=root, input=given, capture_output=True
    )
    place, stream = 0, done.stdout
    for identity in small:
        start = stream.index(b"\n", place) + 1
        length = int(stream[place : start - 1].split()[2])
        yield identity, stream[start : start + length]
        place = start + length + 1
