"""Do groups really differ? Which test counts and why, how large the difference is, and for whom.

Rows of one customer, one day or one month may resemble each other. Taken for independent, they
make any difference look certain, so they are then compared by customer, day or month.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.stats.contingency import association
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from .kit.intervals import Array
from .roles import Info, as_number, kind, looks_like_dates, looks_like_label, rarer_class

MIN_ROWS, MIN_CLUSTERS = 10, 5  # in a group; with fewer it says too little to be compared
PERIODS = ("week", "month", "year")  # that days are put together to
MIN_DATES = 12  # from so many on, neighbouring ones can be compared
LEVEL = 0.05  # of the checks before a test, and of what lies outside an interval

Result = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """The test that counts, its twin (if any), and why, in words."""

    test: str
    p: float
    why: str
    twin: str | None = None
    twin_p: float | None = None


@dataclass(frozen=True)
class Together:
    """Which rows hang together: a number for each row, and what they have in common.

    ``found``: nobody said so, but rows with the same value in this column are alike.
    """

    by: str
    codes: Array
    found: bool = False

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return len(np.unique(self.codes))


def counted(by: str, count: int) -> str:
    """So many clusters, in words: periods have no column that is called so."""
    return f"{count:,} {by}s" if by in PERIODS else f"{count:,} `{by}`"


def compare_groups(table: pd.DataFrame, info: Info, alpha: float) -> tuple[list[Result], list[str]]:
    """Test each group against each outcome, and say which were not tested and why.

    Whoever tells of the largest of many differences has picked it, so p-values are corrected for
    their number (Holm 1979), and intervals are wide enough to hold all at once (Bonferroni).
    """
    if not info.groups:
        return [], ["no `group` is configured for this data set"]
    targets = [name for name in (info.regression_target, info.classification_target) if name]
    numbers = [name for name in info.numeric if name not in info.groups]
    asked, skipped = [], []
    for group, outcome in product(info.groups, targets or numbers):
        if group != outcome:
            known, small = enough_rows(table, info, group, outcome)
            skipped += small
            if known[group].nunique() > 1 and known[outcome].nunique() > 1:
                asked.append((known, info, group, outcome))
            else:
                skipped.append(
                    f"`{outcome}` by `{group}`: fewer than two groups of enough rows, or always "
                    "the same outcome"
                )
    results = [
        (number_by_group if question[-1] in info.numeric else class_by_group)(*question, len(asked))
        for question in asked
    ]
    if results:
        p = [result["p"] for result in results]
        holds, corrected, *_ = multipletests(p, alpha, method="holm")
        for result, held, q in zip(results, holds, corrected, strict=True):
            result |= {"p_holm": float(q), "holds": bool(held) and _clear_of_zero(result)}
    return results, skipped


def _clear_of_zero(result: Result) -> bool:
    return bool(result["difference"]["low"] > 0)


def enough_rows(
    table: pd.DataFrame, info: Info, group: str, outcome: str
) -> tuple[pd.DataFrame, list[str]]:
    """Rows of groups that are large enough, and which groups are not."""
    known = table.dropna(subset=[group, outcome])
    rows = known[group].value_counts()
    together = rows_together(known, info, group, outcome)
    codes = pd.Series(together.codes if together else np.arange(len(known)), known.index)
    spread = codes.groupby(known[group]).nunique()
    small = [name for name in rows.index if rows[name] < MIN_ROWS or spread[name] < MIN_CLUSTERS]
    if not small:
        return known, []
    names = ", ".join(f"`{name}` ({rows[name]:,})" for name in sorted(small, key=str))
    needed = f"{MIN_ROWS} rows" + (f" in {counted(together.by, MIN_CLUSTERS)}" if together else "")
    reason = f"`{outcome}` by `{group}`, groups with fewer than {needed}: {names}"
    return known[~known[group].isin(small)], [reason]


def rows_together(known: pd.DataFrame, info: Info, group: str, outcome: str) -> Together | None:
    """Which rows must not be taken for independent when groups are compared; None if all may.

    Clusters are at the level at which groups are dealt out (Abadie et al. 2023): all rows of a
    day for a holiday, all rows of a customer for a kind of customer. Where neighbouring days
    resemble each other, months are compared.
    """
    found = {}
    for name in (info.unit, info.date):
        if not name:
            continue
        same = known[name].dt.normalize() if name == info.date else known[name]
        if same.nunique() < same.notna().sum():
            codes = _codes(same)
            fixed = known[group].groupby(codes).nunique().max() == 1
            if fixed or name == info.unit:
                found[name] = (not fixed, len(np.unique(codes)), Together(name, codes))
    best = min(found.values(), key=lambda entry: entry[:2])[2] if found else None
    if best is None and not (info.date and known[info.date].is_unique):
        best = _unnamed(known, info, group, outcome)
    if info.date and (best is None or best.by == info.date):
        return _periods(known, info.date, group, outcome) or best
    return best


def _codes(same: pd.Series) -> Array:
    """A number for each row; of rows whose customer or day is unknown, each stands alone."""
    codes = pd.factorize(same)[0].astype(float)
    return np.where(codes < 0, -1 - np.arange(len(codes)), codes)


def _rest(known: pd.DataFrame, group: str, outcome: str) -> pd.Series:
    """What the group leaves of the outcome."""
    values = as_number(known[outcome])
    return values - values.groupby(known[group]).transform("mean")


def _unnamed(known: pd.DataFrame, info: Info, group: str, outcome: str) -> Together | None:
    """The column that nobody named as ``unit`` or ``date`` and whose rows are most alike, if any.

    Groups differ between its values and never within one, and within one the outcome varies less
    than between them (F-test, corrected for the number of such columns).
    """
    rest, alike = _rest(known, group, outcome), {}
    roles = [*info.groups, group, outcome, info.id, info.unit, info.date]
    for name in known.columns.difference(roles):
        column = known[name]
        if not (kind(column) != "number" or looks_like_label(column) or looks_like_dates(column)):
            continue
        codes = _codes(column)
        clusters = known[group].groupby(codes)
        if 2 * clusters.ngroups > len(known) or clusters.nunique().max() > 1:
            continue
        if clusters.first().value_counts().min() >= MIN_CLUSTERS:
            between = rest.groupby(codes).transform("mean")
            free = clusters.ngroups - known[group].nunique(), len(known) - clusters.ngroups
            inside = ((rest - between) ** 2).sum() / free[1]
            ratio = (between**2).sum() / free[0] / inside if inside > 0 else np.inf
            alike[name] = float(stats.f.sf(ratio, *free)), Together(str(name), codes, True)
    p, together = min(alike.values(), key=lambda entry: entry[0], default=(1.0, None))
    return together if p * len(alike) < LEVEL else None


def _periods(known: pd.DataFrame, date: str, group: str, outcome: str) -> Together | None:
    """Longer periods, if neighbouring dates are more alike than by chance.

    Of days these are months (or weeks, where there are few months), of weeks months, else years.
    """
    days = known[date].dt.normalize()
    rest = _rest(known, group, outcome).groupby(days).mean()
    if len(rest) < MIN_DATES or rest.std() == 0:
        return None
    echo = np.corrcoef(rest.iloc[1:], rest.iloc[:-1])[0, 1]
    if not echo > 2 / np.sqrt(len(rest)):
        return None
    step, months = rest.index.to_series().diff().median().days, days.dt.to_period("M").nunique()
    by = "year" if step > 14 else "month" if step >= 7 or months >= 12 else "week"
    return Together(by, _codes(days.dt.to_period(by[0].upper())))


def number_by_group(
    known: pd.DataFrame, info: Info, group: str, number: str, asked: int = 1
) -> Result:
    """Does a number differ between groups, and by how much between the two furthest apart?

    Args:
        asked: how many such questions there are: the interval allows for picking one of them.
    """
    parts = {str(name): part.to_numpy(float) for name, part in known.groupby(group)[number]}
    names, means = list(parts), [float(part.mean()) for part in parts.values()]
    low, high = int(np.argmin(means)), int(np.argmax(means))
    together = rows_together(known, info, group, number)
    alpha = LEVEL / (asked * _pairs(len(parts)))
    if together is None:
        verdict = compare_numbers(list(parts.values()))
        test = stats.ttest_ind(parts[names[high]], parts[names[low]], equal_var=False)
        interval = test.confidence_interval(1 - alpha)
        spans = [_t_interval(part) for part in parts.values()]
    else:
        fit = robust_means(known[number], known[group], together)
        why = f"rows that hang together may be alike: {counted(together.by, together.count)} count"
        verdict = Verdict("t-test, robust by cluster", fit.p, why)
        reach = float(fit.reach(alpha)[high, low])
        interval = means[high] - means[low] - reach, means[high] - means[low] + reach
        spans = [(float(start), float(end)) for start, end in fit.spans]
    pair = [parts[names[high]], parts[names[low]]]
    eta = eta_squared(list(parts.values()))
    return {
        **_question(group, number, "number", verdict, together),
        "difference": _difference(names, low, high, means, interval),
        "effects": {"Cohen's d": cohens_d(*pair), "eta squared": eta},
        "strength": float(np.sqrt(eta)),
        "groups": _groups(names, [len(part) for part in parts.values()], means, spans),
    }


def class_by_group(
    known: pd.DataFrame, info: Info, group: str, classes: str, asked: int = 1
) -> Result:
    """Do shares of classes differ between groups, and by how much that of the rarest class?"""
    counts, rare = pd.crosstab(known[group], known[classes]), rarer_class(known[classes])
    counts.columns = counts.columns.map(str)
    names, rows = [str(name) for name in counts.index], counts.sum(axis=1).to_numpy(float)
    shares = (counts[rare].to_numpy() / rows).tolist()
    low, high = int(np.argmin(shares)), int(np.argmax(shares))
    together = rows_together(known, info, group, classes)
    effect = design_effect(as_number(known[classes]), known[group], together)
    cases, n = counts[rare].to_numpy() / effect, rows / effect  # as many independent rows
    # Newcombe (1998): holds where a group is all of one kind, too.
    interval = confint_proportions_2indep(
        cases[high],
        n[high],
        cases[low],
        n[low],
        method="newcomb",
        alpha=LEVEL / (asked * _pairs(len(names))),
    )
    spans = np.transpose(proportion_confint(cases, n, LEVEL, method="wilson"))
    v = association(counts.to_numpy(), method="cramer")
    difference = _difference(names, low, high, shares, interval)
    return {
        **_question(group, classes, "class", compare_counts(counts, effect, together), together),
        "difference": difference | {"of": rare},
        "effects": {"Cramér's V": float(v)},
        "strength": float(v),
        "groups": _groups(names, rows.astype(int).tolist(), shares, spans),
    }


def compare_numbers(parts: Sequence[Array]) -> Verdict:
    """Test whether groups of independent numbers differ: by means, or by ranks."""
    if len(parts) == 2:
        means, ranks = stats.ttest_ind(*parts, equal_var=False), stats.mannwhitneyu(*parts)
        names = ("Welch's t-test", "Mann-Whitney")
    else:
        means, ranks = stats.f_oneway(*parts, equal_var=False), stats.kruskal(*parts)
        names = ("Welch's ANOVA", "Kruskal-Wallis")
    of_means, of_ranks = (names[0], float(means.pvalue)), (names[1], float(ranks.pvalue))
    if any(np.ptp(part) == 0 for part in parts):
        return Verdict(*of_ranks, "a group always has the same value: ranks count")
    # Cochran (Sampling Techniques, 1977): n > 25 times the squared skewness.
    if all(len(part) >= max(30, 25 * float(stats.skew(part)) ** 2) for part in parts):
        why = "the groups are large enough for means, whatever their shape"
    elif all(stats.shapiro(part).pvalue >= LEVEL for part in parts):
        why = "the groups are small, and their values look normal"
    else:
        why = "the groups are too small for means of such values: ranks count"
        return Verdict(*of_ranks, why, *of_means)
    return Verdict(*of_means, why, *of_ranks)


def compare_counts(counts: pd.DataFrame, effect: float, together: Together | None) -> Verdict:
    """Test whether shares differ between groups: chi-square, or Fisher's test of few rows.

    Where rows hang together, counts are divided by the design effect (Rao and Scott 1981).
    """
    cells = np.rint(counts.to_numpy() / effect).astype(int)
    cells = cells[cells.sum(axis=1) > 0][:, cells.sum(axis=0) > 0]
    by = f", counted by `{together.by}`" if together else ""
    if min(cells.shape) < 2:
        return Verdict("chi-square", 1.0, f"too few rows to tell{by}")
    chi = stats.chi2_contingency(cells, correction=False)
    if (chi.expected_freq < 5).mean() <= 0.2 and chi.expected_freq.min() >= 1:
        why = f"four of five expected counts are 5 or more (Cochran){by}"
        return Verdict("chi-square", float(chi.pvalue), why)
    # The exact test is drawn at random where it cannot be worked out: from a seed of its own.
    drawn = stats.MonteCarloMethod(rng=np.random.default_rng(0))
    exact = stats.fisher_exact(cells, method=None if cells.shape == (2, 2) else drawn)
    why = f"some expected counts are too small for chi-square{by}"
    return Verdict("Fisher's exact test", float(exact.pvalue), why)


@dataclass(frozen=True)
class Means:
    """Means of groups of rows that hang together, in alphabetical order.

    Args:
        covariance: (groups, groups) of the means. freedom: (groups,) clusters less one, of as many
            rows each as would tell as much (Kish 1965): a large one counts for few.
    """

    values: Array
    covariance: Array
    freedom: Array

    def reach(self, alpha: float) -> Array:
        """Half the width of the interval around each difference: (groups, groups)."""
        return np.asarray(stats.t.isf(alpha / 2, self._pooled) * self._errors)

    @property
    def p(self) -> float:
        """Whether any two differ: the smallest p of all pairs, times their number (Bonferroni)."""
        gaps = np.abs(self.values[:, np.newaxis] - self.values)
        differ = gaps > 1e-12 * np.abs(self.values).max()
        with np.errstate(divide="ignore"):  # no spread within two groups
            t = np.divide(gaps, self._errors, out=np.zeros_like(gaps), where=differ)
        smallest = 2 * stats.t.sf(t, self._pooled).min()
        return float(min(1, smallest * _pairs(len(self.values))))

    @property
    def spans(self) -> Array:
        """The interval of each mean: (groups, 2)."""
        reach = stats.t.isf(LEVEL / 2, self.freedom) * np.sqrt(np.diag(self.covariance))
        return np.transpose([self.values - reach, self.values + reach])

    @property
    def _errors(self) -> Array:
        own = np.diag(self.covariance)
        return np.sqrt(np.maximum(0, own[:, np.newaxis] + own - 2 * self.covariance))

    @property
    def _pooled(self) -> Array:
        """Degrees of freedom of each difference (Welch 1947)."""
        own = np.maximum(np.diag(self.covariance), 1e-300)
        own = own / own.max()
        part = own**2 / self.freedom
        return np.asarray((own[:, np.newaxis] + own) ** 2 / (part[:, np.newaxis] + part))


def robust_means(values: pd.Series, group: pd.Series, together: Together) -> Means:
    """The mean of each group, with errors that are robust by cluster (Liang and Zeger 1986)."""
    member, y = pd.get_dummies(group, dtype=float).to_numpy(), values.to_numpy(float)
    rows = member.sum(axis=0)
    means = y @ member / rows
    errors = member * (y[:, np.newaxis] - means)
    sizes, sums = (
        pd.DataFrame(part).groupby(together.codes).sum().to_numpy() for part in (member, errors)
    )
    clusters = rows**2 / (sizes**2).sum(axis=0)
    scaled = sums * np.sqrt(clusters / (clusters - 1)) / rows
    return Means(means, scaled.T @ scaled, np.maximum(1, clusters - 1))


def design_effect(values: pd.Series, group: pd.Series, together: Together | None) -> float:
    """How many rows tell as much as one that is independent; 1 or more.

    With few clusters more, so that intervals are as wide as by t (Korn and Graubard 1998).
    """
    if together is None:
        return 1.0
    fit = robust_means(values, group, together)
    own, robust = fit.values * (1 - fit.values), np.diag(fit.covariance)
    varied = own > 0
    effect = len(values) / together.count  # each group is all of one kind: count each cluster once
    if varied.any():
        rows = group.value_counts().sort_index().to_numpy()
        effect = (robust * rows)[varied] @ (1 / own[varied]) / varied.sum()
    part = np.maximum(robust, 1e-300) / np.maximum(robust, 1e-300).sum()
    few = stats.t.isf(LEVEL / 2, 1 / (part**2 / fit.freedom).sum()) / stats.norm.isf(LEVEL / 2)
    return float(max(1.0, effect) * few**2)


def cohens_d(one: Array, other: Array) -> float:
    """Difference of two means in pooled standard deviations (Cohen 1988); 0 without spread."""
    n, m = len(one), len(other)
    pooled = np.sqrt(((n - 1) * one.var(ddof=1) + (m - 1) * other.var(ddof=1)) / (n + m - 2))
    return float((one.mean() - other.mean()) / pooled) if pooled > 0 else 0.0


def eta_squared(parts: Sequence[Array]) -> float:
    """Share of a number's variance that lies between groups."""
    values = np.concatenate(parts)
    between = sum(len(part) * (part.mean() - values.mean()) ** 2 for part in parts)
    return float(between / ((values - values.mean()) ** 2).sum())


def _pairs(groups: int) -> int:
    """How many pairs there are to pick the furthest apart from: its interval allows for that."""
    return groups * (groups - 1) // 2


def _t_interval(part: Array) -> tuple[float, float]:
    reach = stats.t.ppf(1 - LEVEL / 2, len(part) - 1) * part.std(ddof=1) / np.sqrt(len(part))
    return float(part.mean() - reach), float(part.mean() + reach)


def _question(
    group: str, outcome: str, what: str, verdict: Verdict, together: Together | None
) -> Result:
    by = None
    if together:
        by = {"by": together.by, "count": together.count, "found": together.found}
    return {"group": group, "outcome": outcome, "kind": what, "together": by, **asdict(verdict)}


def _difference(
    names: list[str], low: int, high: int, values: list[float], interval: Any
) -> Result:
    ends = {"low": float(interval[0]), "high": float(interval[1])}
    return {"least": names[low], "most": names[high], "value": values[high] - values[low], **ends}


def _groups(names: list[str], rows: list[int], values: list[float], spans: Any) -> list[Result]:
    return [
        {"name": name, "rows": n, "value": value, "low": float(low), "high": float(high)}
        for name, n, value, (low, high) in zip(names, rows, values, spans, strict=True)
    ]
