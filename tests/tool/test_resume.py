"""`portfolio resume`: bullets that claim no more than a project's results hold."""

import re

import pytest
import yaml
from builder import PACKAGES, build, commit
from click.testing import CliRunner
from details import change, enrich, strip
from hypothesis import given
from hypothesis import strategies as st

from portfolio import cli
from portfolio.contract import Score, load
from portfolio.facts import candidates
from portfolio.facts.words import ends, money, sign, spread
from portfolio.resume import EXAMPLES, SYNTHETIC, read, section

FIGURES = st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 6))


def bullets(root):
    return re.findall(r"^- .+$", section(load(root)), re.M)


def move(root, **business):
    return change(root, lambda content: content["business"].update(business))


def run(*arguments):
    return CliRunner().invoke(cli.cli, ["resume", *map(str, arguments)])


@pytest.mark.parametrize("domain", PACKAGES)
def test_each_domain_has_bullets_of_what_was_done_measured_and_how(tmp_path, domain):
    found = bullets(enrich(build(tmp_path, domain), domain))
    assert len(found) >= 3
    for each in found:
        assert not re.search(r"[{}]|\bNone\b|\bnan\b| // |  |\.\.", each), each
        assert re.search(r", by \w+ing ", each) or "by rules" in each, each
        assert each.endswith(".")


def test_all_names_in_the_texts_are_facts(tmp_path):
    for domain in PACKAGES:
        known = set(candidates(load(enrich(build(tmp_path, domain), domain))))
        used = set(re.findall(r"\{(\w+)\}", " ".join(read()["bullets"][domain])))
        assert not {each for each in used - known if not each.startswith("test_")}, domain


def test_real_bullets(tmp_path):
    said = {
        "foundations": "Found that by customer_type, amount is higher for returning than for new, "
        "by 129 (97 to 161), worth about 150,000 EUR a year (90,000 to 210,000) if 40 % accept the "
        "offer, measured with Holm's correction over 2 tests",
        "tabular": "Showed how to save about 150,000 EUR a year (90,000 to 210,000) against "
        "“monthly contract”, if 40 % accept the offer, measured in pairs on test customers that no "
        "choice had seen, by contacting only those for whom an offer pays.",
        "nlp": "by reading the 58 % of reviews for which that pays.",
        "cv": "sensitivity 0.990 (0.891 to 1.089) and specificity 0.560 (0.504 to 0.616)",
        "timeseries": "measured in a simulated warehouse over 12 windows, by ordering",
        "recsys": "nDCG 0.391 (0.371 to 0.411) on a test slice that no choice had seen (today's "
        "rule: 0.100 (0.090 to 0.110)), by comparing 4 models on the same users (chosen: svd).",
    }
    for domain, text in said.items():
        whole = section(load(enrich(build(tmp_path, domain), domain)))
        assert text in whole, whole


@pytest.mark.parametrize("domain", PACKAGES)
def test_money_that_may_be_chance_is_not_claimed(tmp_path, domain):
    root = move(enrich(build(tmp_path, domain), domain), low=-1000.0, value=5000.0, high=11000.0)
    whole = section(load(root))
    assert not re.search(r"^- .*EUR", whole, re.M), whole
    assert "Nothing is said of money, because the difference may be chance: 5,000 EUR" in whole


@pytest.mark.parametrize(
    ("low", "value", "high", "note"),
    [
        (0.0, 0.0, 0.0, "the difference may be chance: 0 EUR (0 to 0) a year."),
        (-9000.0, -5000.0, -1000.0, "it would be a loss: -5,000 EUR (-9,000 to -1,000) a year."),
        (None, 5000.0, None, "the figure has no interval: 5,000 EUR a year."),
    ],
)
def test_why_nothing_is_said_of_money(tmp_path, low, value, high, note):
    root = move(enrich(build(tmp_path, "tabular"), "tabular"), low=low, value=value, high=high)
    whole = section(load(root))
    assert "- Showed" not in whole
    assert f"Nothing is said of money, because {note}" in whole


def test_a_difference_that_does_not_hold_is_not_a_finding(tmp_path):
    root = enrich(build(tmp_path, "foundations"), "foundations")
    change(root, lambda content: content["finding"].update(holds=False), "explain")
    whole = section(load(root))
    assert "Found that" not in whole
    assert "Tested 2 differences between groups" in whole


def test_a_figure_of_a_sample_says_so(tmp_path):
    for domain in PACKAGES:
        root = enrich(build(tmp_path, domain, synthetic=True), domain)
        whole = section(load(root))
        assert whole.count(SYNTHETIC) == len(bullets(root)), domain
    assert SYNTHETIC not in section(load(enrich(build(tmp_path / "real", "nlp"), "nlp")))


def test_untouched_prices_are_said_until_they_are_ones_own(tmp_path):
    root = enrich(build(tmp_path, "tabular"), "tabular")
    commit(root)
    assert section(load(root)).count(EXAMPLES) == 1
    content = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    content["prices"]["offer_cost"] = 45
    (root / "config.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    assert EXAMPLES not in section(load(root))


def test_a_medical_project_is_no_medical_device(tmp_path):
    assert "not a medical device" in section(load(enrich(build(tmp_path, "cv"), "cv")))


@pytest.mark.parametrize("domain", PACKAGES)
def test_without_figures_nothing_is_claimed(tmp_path, domain):
    whole = section(load(strip(build(tmp_path, domain))))
    assert "No figure that a bullet needs is in the results." in whole
    assert not re.search(r"^- ", whole, re.M)


def test_the_command_prints_or_writes_and_keeps_what_was_edited(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    one, two = (enrich(build(tmp_path, domain), domain) for domain in ("tabular", "nlp"))
    printed = run(one, two)
    assert printed.exit_code == 0, printed.output
    assert re.findall(r"^## (.+)$", printed.output, re.M) == ["Customer Churn", "Review Sentiment"]
    file = tmp_path / "private" / "bullets.md"
    assert run(one, two, "--to", file).output == f"Written: {file}\n"
    assert file.read_text(encoding="utf-8") == printed.output
    file.write_text("mine\n", encoding="utf-8")
    again = run(one, two, "--to", file)
    assert again.exit_code == 2
    assert "stays as it is: move or delete it to get fresh bullets." in again.output
    assert file.read_text(encoding="utf-8") == "mine\n"


def test_all_of_a_workspace_without_those_that_have_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(tmp_path, "tabular", ran=False)
    settings = "name: Ada\ngithub_username: ada\nfirst_day: 2025-03-31\ntone: upskilling\n"
    file = tmp_path / "portfolio.yaml"
    file.write_text(f"{settings}projects: [customer-churn]\n", encoding="utf-8")
    nothing = run()
    assert nothing.exit_code == 2
    assert "Left out: customer-churn has no results to write about" in nothing.output
    enrich(build(tmp_path, "nlp"), "nlp")
    file.write_text(f"{settings}projects: [customer-churn, review-sentiment]\n", encoding="utf-8")
    done = run()
    assert done.exit_code == 0
    assert "Left out: customer-churn" in done.stderr
    assert done.stdout.startswith("## Review Sentiment\n")
    named = run(tmp_path / "customer-churn")
    assert named.exit_code == 2
    assert "Left out" not in named.output
    assert not re.search(r"\bjobs?\b|interview|hir(e|ing)|r[ée]sum[ée]", done.stdout, re.I)


# Figures in words


@given(FIGURES, FIGURES, FIGURES)
def test_an_interval_in_words_lies_where_it_lies(first, second, third):
    low, value, high = sorted((first, second, third))
    for parts, places in ((5, 2), (20, 9)):
        shown = [each.replace(",", "") for each in ends(Score(value, low, high), parts, places)]
        numbers = [float(each) for each in shown]
        for number, exact in zip(numbers, (value, low, high), strict=True):
            assert (number > 0) == (exact > 0)
            assert (number < 0) == (exact < 0)
            width = high - low
            assert abs(number - exact) <= max(width / parts, 0.5) or abs(exact) < 1
        assert numbers[1] <= numbers[0] <= numbers[2]


@given(FIGURES, FIGURES, FIGURES)
def test_a_side_of_zero_is_one_only_if_the_whole_interval_is_there(first, second, third):
    low, value, high = sorted((first, second, third))
    assert sign(Score(value, low, high)) == (low > 0) - (high < 0)
    assert sign(Score(value)) is None


@pytest.mark.parametrize(
    ("figures", "in_money", "plain"),
    [
        ((48970.9, 25120.7, 75092.3), "49,000 EUR (25,000 to 75,000)", "49,000 (25,000 to 75,000)"),
        ((1522.8, 913.7, 2132.0), "1,500 EUR (900 to 2,100)", "1,520 (910 to 2,130)"),
        ((500.0, 0.4, 1000.2), "500 EUR (0.4 to 1,000)", "500 (0.4 to 1,000)"),
        ((2.8, 0.6, 5.0), "2.8 EUR (0.6 to 5.0)", "2.8 (0.6 to 5.0)"),
        ((5.0, None, None), "5 EUR", "5"),
        ((float("inf"), 0.0, 1.0), None, None),
        ((5.0, float("nan"), 9.0), "5 EUR", "5"),
    ],
)
def test_amounts_are_as_precise_as_their_interval(figures, in_money, plain):
    assert money(Score(*figures), "EUR") == in_money
    assert spread(Score(*figures)) == plain
