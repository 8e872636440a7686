"""Optional rungs, each with its extra: the LSTM that the room is named after, and Prophet.

Prophet is a single short function, too little for a room of its own.
"""

from importlib.util import find_spec

from ..backtest import Forecaster
from ..kit import ProjectError

EXTRAS = {"prophet": "prophet", "lstm": "torch"}


def optional(name: str) -> Forecaster:
    """The forecaster of an optional rung.

    A ProjectError says that its library is not installed.
    """
    library = EXTRAS[name]
    if find_spec(library) is None:
        raise ProjectError(
            f"`models` in config.yaml lists {name}, which needs {library}, and {library} is not "
            f"installed. Run `uv sync --extra {name}` (or `pip install {library}`), or take {name} "
            "off the list."
        )
    if name == "prophet":
        from .prophet_model import forecast
    else:
        from .network import forecast
    return forecast
