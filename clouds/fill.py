"""Rendering the chosen cloud's recipe into a project."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def fill(root: Path, answers: dict[str, str]) -> None:
    """Put the recipe of the chosen cloud into the project at `root`, with the answers in it.

    A file that the project has already, with other words, is a FileExistsError.
    """
    clouds = Path(__file__).parent
    recipe = clouds / answers["cloud"]
    places = FileSystemLoader([recipe, clouds, root])
    env = Environment(loader=places, undefined=StrictUndefined, keep_trailing_newline=True)
    for file in (path for path in sorted(recipe.rglob("*")) if path.is_file()):
        name = file.relative_to(recipe).as_posix()
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        text = env.get_template(name).render(cookiecutter=answers)
        if place.exists() and place.read_text(encoding="utf-8") != text:
            raise FileExistsError(f"both the project and the recipe have {place}")
        place.write_text(text, encoding="utf-8", newline="\n")
