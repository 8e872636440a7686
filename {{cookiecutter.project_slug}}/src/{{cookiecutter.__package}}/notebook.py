"""What every notebook starts with: this project's folders and data, and quiet libraries."""

import os
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from .charts import STYLE
from .config import load_config
from .files import read_json
from .paths import Paths


def start() -> Paths:
    """Return the folders of the project that the notebook is in, with data to work on.

    Once there are results, notebooks are about the same data set; until then ``config.yaml``
    decides. Call it before other modules of the project are imported.
    """
    # What would differ at each run, or name folders of this machine, stays out of notebooks.
    os.environ["TQDM_DISABLE"] = "1"
    warnings.filterwarnings("ignore", "IProgress|Glyph|Matplotlib currently does not support")
    import pooch

    from .data import prepare

    pooch.get_logger().setLevel("WARNING")
    plt.rcParams.update(STYLE)
    pd.options.display.html.use_mathjax = False  # a "$" in a table is a dollar
    here = Path.cwd()
    folders = [here, *here.parents]
    paths = Paths(next(folder for folder in folders if (folder / "config.yaml").is_file()))
    if not (paths.processed / "dataset.json").exists():
        metrics = paths.reports / "metrics.json"
        name = read_json(metrics)["dataset"]["name"] if metrics.exists() else None
        prepare(load_config(paths.root / "config.yaml", name), paths)
    return paths
