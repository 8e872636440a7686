"""What the tests share: where things are, and how to read a generated project."""

import ast
import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import nbformat
import yaml

ROOT = Path(__file__).resolve().parents[1]
TREE_NAME = "{{cookiecutter.project_slug}}"
PACKAGE_NAME = "{{cookiecutter.__package}}"
TREE = ROOT / TREE_NAME
DOMAIN_FILES = ROOT / "domains"
CLOUD_FILES = ROOT / "clouds"
RECORD = ".cruft.json"
KIT = TREE / "src" / PACKAGE_NAME / "kit"

PROMPTS = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
DOMAINS: list[str] = PROMPTS["domain"]
LICENSES: list[str] = PROMPTS["license"]
CLOUDS: list[str] = PROMPTS["cloud"][1:]  # the first is none

# Words for what is done over projects, which no project says anything of.
TOOL_WORDS = re.compile(
    r"\b(weeks? \d+|interviews?|hashtags?|linkedin|tweets?|roadmap|syllabus|r[eé]sum[eé]"
    r"|portfolio)\b",
    re.IGNORECASE,
)

# What the generator itself consists of: all that a copy of the template needs.
TEMPLATE_PARTS = ("clouds", "cookiecutter.json", "domains", "hooks", "templates", TREE_NAME)


def load(file: Path) -> ModuleType:
    """Import a file that lies in no package."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_hook(name: str) -> ModuleType:
    """Import a hook as it stands in the repository, without rendering or running it."""
    return load(ROOT / "hooks" / f"{name}.py")


SERVED = [name for name in DOMAINS if name not in load_hook("post_gen_project").UNSERVED]


def files(folder: Path) -> dict[str, Path]:
    """Return every file below a folder, by its path with slashes."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path
        for path in found
        if not {".git", "__pycache__"} & set(path.relative_to(folder).parts)
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {name: path.read_bytes() for name, path in files(folder).items()}


class Tagged(yaml.SafeLoader):
    """Reads CloudFormation's own tags, such as ``!Sub``, as well."""


Tagged.add_multi_constructor("!", lambda loader, tag, node: node.tag)


def parse(path: Path) -> None:
    """Parse a file of a known format; raise if it does not."""
    if path.suffix == ".toml":
        tomllib.loads(path.read_text(encoding="utf-8"))
    elif path.suffix in (".yaml", ".yml"):
        list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=Tagged))
    elif path.suffix == ".json":
        json.loads(path.read_text(encoding="utf-8"))
    elif path.suffix == ".py":
        ast.parse(path.read_text(encoding="utf-8"), str(path))
    elif path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                ast.parse(without_magic(cell.source), str(path))


def without_magic(source: str) -> str:
    """Return a cell's code without the lines that IPython alone understands."""
    return "\n".join(line for line in source.splitlines() if not line.startswith("%"))


def parse_errors(project: Path) -> dict[str, str]:
    """Return the files of a project that do not parse, with the error."""
    errors = {}
    for name, path in files(project).items():
        try:
            parse(path)
        except Exception as error:
            errors[name] = f"{type(error).__name__}: {error}"
    return errors
