"""The settings of this project: what ``config.yaml`` may say."""

import re
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PositiveInt, field_validator, model_validator

from .kit.settings import Limits, Section, ServedSettings, TableSource, read_settings

# pandas' names of steps in time, and how many make the seasons that are usual for them.
SEASONS = {"h": [24, 168], "D": [7, 365], "B": [5], "W": [52], "MS": [12], "ME": [12]}
SEASONS |= {"QS": [4], "QE": [4], "YS": [1], "YE": [1]}
STEPS = {"h": "hour", "D": "day", "B": "working day", "W": "week"}
STEPS |= {f"{name[0].upper()}{end}": name for name in ("month", "quarter", "year") for end in "SE"}
DAYS, MONTHS = "MON|TUE|WED|THU|FRI|SAT|SUN", "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
FREQUENCY = re.compile(rf"([1-9]\d?\d?)?(min|h|D)|B|W(-({DAYS}))?|M[SE]|[QY][SE](-({MONTHS}))?")


class Rule(Section):
    """How stock is ordered without a model: last season's demand, and a share of it more."""

    name: str = Field(min_length=1, max_length=100)
    extra: float = Field(ge=0, le=10)


class Dataset(TableSource):
    """A table with one row per series and date, and the roles of its columns."""

    unique_id: tuple[str, ...] = ()
    together: tuple[str, ...] = ()  # those of unique_id whose series move together
    ds: str
    y: str
    date_format: str | None = None
    timezone: ZoneInfo | None = None
    freq: str
    season_length: tuple[PositiveInt, ...] = ()
    horizon: int = Field(ge=1)
    windows: int = Field(ge=2)  # intervals of one are calibrated on the others
    known_future: tuple[str, ...] = ()
    holidays: str | None = None
    fill: Literal["zero", "forward"] | None = None
    rule: Rule

    @field_validator("unique_id", "together", "season_length", mode="before")
    @classmethod
    def _one_or_many(cls, given: object) -> object:
        return (given,) if isinstance(given, str | int) else () if given is None else given

    @field_validator("freq")
    @classmethod
    def _freq_is_a_step_in_time(cls, freq: str) -> str:
        if not FREQUENCY.fullmatch(freq):
            raise ValueError("expected a step in time such as h, D, W, MS (month start) or QS-FEB")
        return freq

    @model_validator(mode="after")
    def _roles_fit_together(self) -> Self:
        roles = [*self.unique_id, self.ds, self.y, *self.known]
        if twice := sorted({name for name in roles if roles.count(name) > 1}):
            raise ValueError(f"column {twice[0]!r} has two roles; expected one for each column")
        if taken := sorted({"unique_id", "group", "ds", "y"}.intersection(self.known)):
            raise ValueError(f"known column {taken[0]!r} has a name of our own: rename it")
        if strangers := sorted(set(self.together) - set(self.unique_id)):
            raise ValueError(f"together: {strangers[0]!r} is no column of unique_id")
        if not self.season_length and self.freq.split("-")[0] not in SEASONS:
            raise ValueError(f"season_length is needed for freq {self.freq}: steps in one season")
        return self

    @property
    def known(self) -> tuple[str, ...]:
        """All columns whose values a forecast may use for the days ahead."""
        return (*([self.holidays] if self.holidays else []), *self.known_future)

    @property
    def seasons(self) -> list[int]:
        """Steps in each season that there may be, the shortest first."""
        return sorted(set(self.season_length or SEASONS[self.freq.split("-")[0]]))


class Prices(Section):
    """Money, in ``currency``: a unit in stock for one period, and a unit asked for in vain."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    holding_cost: float = Field(gt=0, le=1e12)
    stockout_cost: float = Field(gt=0, le=1e12)


class Inventory(Section):
    """How many periods later an order arrives; stock is counted and ordered each period."""

    lead_time: int = Field(ge=0)


# seasonal_naive, the baseline, is always there.
ModelName = Literal["moving_average", "ets", "arima", "sarima", "lightgbm", "prophet", "lstm"]


class Config(ServedSettings):
    """The whole of ``config.yaml``."""

    datasets: dict[str, Dataset] = Field(default_factory=dict)
    models: tuple[ModelName, ...] = Field(min_length=1)
    prices: Prices
    inventory: Inventory
    limits: Limits


def step_name(freq: str) -> str:
    """What one step in time is called; several minutes, hours or days are a ``step``."""
    return STEPS.get(freq.split("-")[0], "step")


def load_config(path: Path, dataset: str | None = None) -> Config:
    """Read and check ``config.yaml``; ``dataset`` overrides the data set it names. A ProjectError
    says that it is missing, is not YAML, or has a wrong or unknown setting."""
    return read_settings(path, Config, dataset)
