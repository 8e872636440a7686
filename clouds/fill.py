"""Rendering the chosen recipe. All recipes are copied as they are, since that is quick."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def fill(root: Path, answers: dict[str, str]) -> None:
    """Put the recipe of the chosen cloud into the project at `root`, with the answers in it."""
    clouds = Path(__file__).parent
    recipe = clouds / answers["cloud"]
    places = FileSystemLoader([recipe, clouds, root])
    env = Environment(loader=places, undefined=StrictUndefined, keep_trailing_newline=True)
    for file in (path for path in sorted(recipe.rglob("*")) if path.is_file()):
        name = file.relative_to(recipe).as_posix()
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        text = env.get_template(name).render(cookiecutter=answers)
        (root / name).write_text(text, encoding="utf-8", newline="\n")
