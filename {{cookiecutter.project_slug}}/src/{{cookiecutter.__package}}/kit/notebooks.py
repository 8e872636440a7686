"""What every notebook starts with."""

import warnings
from pathlib import Path

import pandas as pd

from .charts import STYLE, plt
from .files import Paths


def start() -> Paths:
    """Return the folders of the project that the notebook is in, and make libraries quiet."""
    warnings.filterwarnings("ignore", "IProgress|Glyph|Matplotlib currently does not support")
    plt.style.use(STYLE)
    pd.options.display.html.use_mathjax = False  # a "$" in a table is a dollar
    here = Path.cwd()
    return Paths(next(f for f in (here, *here.parents) if (f / "config.yaml").is_file()))
