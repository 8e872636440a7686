"""Rendering the chosen recipe. All recipes are copied as they are, since that is quick."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def fill(root: Path, answers: dict[str, str]) -> None:
    """Put the answers into the files of the chosen cloud, which lie in `clouds/` of the project."""
    recipe = root / "clouds" / answers["cloud"]
    places = FileSystemLoader([recipe, recipe.parent, root])
    env = Environment(loader=places, undefined=StrictUndefined, keep_trailing_newline=True)
    for file in (path for path in recipe.rglob("*") if path.is_file()):
        template = env.get_template(file.relative_to(recipe).as_posix())
        text = template.render(cookiecutter=answers)
        file.write_text(text, encoding="utf-8", newline="\n")
