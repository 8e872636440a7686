"""`portfolio interview`: questions whose answers are true of any data; what was weak comes back."""

import datetime
import json
import re
from random import Random

import pytest
from builder import PACKAGES, SLUGS, build
from click.testing import CliRunner
from details import change, enrich, strip

from portfolio import cli, workspace
from portfolio.contract import load
from portfolio.facts import candidates
from portfolio.interview import boxes, session
from portfolio.interview.boxes import Card, Deck, draw, graded
from portfolio.interview.questions import FOLDER, TOPICS, Question, questions, read
from portfolio.workspace import Workspace

DAY = datetime.date(2025, 3, 31)
# Who has chosen the tone `upskilling` reads no word of looking for work. "résumé" is one, too.
WORK = re.compile(
    r"\b(interview\w*|recruit\w*|hir(e|es|ed|ing)|employer\w*|careers?|vacanc\w+|salar(y|ies)"
    r"|r[ée]sum[ée]s?|jobs?|candidates?|appl(y|ying) for|open to work)\b",
    re.IGNORECASE,
)
EXTREMES = {
    "negative": lambda value: -value,
    "huge": lambda value: value * 10**9,
    "zero": lambda value: 0 * value,
    "absent": lambda value: None,
}


def make(root, *projects, **more):
    made = Workspace(root, "Ada", "ada", first_day=DAY, projects=projects, **more)
    workspace.save(made)
    return made


def asked(root, topic=None):
    found = questions(load(root))
    return {one.key.split("/")[1]: one for one in found if topic in (None, one.topic)}


def numbers(content, alter):
    """The content of a report with every number that a run has measured altered."""
    if isinstance(content, dict):
        return {key: numbers(value, alter) for key, value in content.items()}
    if isinstance(content, list):
        return [numbers(value, alter) for value in content]
    plain = isinstance(content, bool) or not isinstance(content, int | float)
    return content if plain else alter(content)


def one(key, topic="project"):
    return Question(key, topic, "", f"{key}?", "An answer.")


# What is asked


@pytest.mark.parametrize("domain", PACKAGES)
@pytest.mark.parametrize("synthetic", [False, True])
def test_every_question_is_whole(tmp_path, domain, synthetic):
    found = questions(load(enrich(build(tmp_path, domain, synthetic=synthetic), domain)))
    assert len({each.key for each in found}) == len(found)
    for topic, fewest in (("project", 15), ("theory", 39), ("behavioural", 12)):
        assert sum(each.topic == topic for each in found) >= fewest, topic
    for each in found:
        text = f"{each.ask}\n{each.answer}"
        assert not re.search(r"[{}]|\bNone\b|\bnan\b|\binf\b| // |  |\.\.|: \.", text), text
        assert each.ask[-1] in "?."
        assert len(each.answer) > 100, text
        assert each.answer.rstrip(")")[-1] in ".”", text


def test_all_names_in_the_texts_are_facts(tmp_path):
    for domain in PACKAGES:
        own = read(domain)
        known = set(candidates(load(enrich(build(tmp_path, domain), domain))))
        known |= own["words"].keys() | {"question", "metric_meaning"}
        used = set(re.findall(r"\{(\w+)\}", (FOLDER / f"{domain}.yaml").read_text("utf-8")))
        unknown = {each for each in used - known if not each.startswith(("price_", "test_"))}
        assert not unknown, domain
    for name in ("common", "theory"):
        used = set(re.findall(r"\{(\w+)\}", (FOLDER / f"{name}.yaml").read_text("utf-8")))
        everywhere = {each for domain in PACKAGES for each in names(tmp_path, domain)}
        assert not {each for each in used - everywhere if not each.startswith("test_")}, name


def names(tmp_path, domain):
    words = read(domain)["words"].keys() | {"question", "metric_meaning"}
    return candidates(load(tmp_path / SLUGS[domain])).keys() | words


@pytest.mark.parametrize("domain", PACKAGES)
def test_what_the_issue_names_is_asked(tmp_path, domain):
    found = asked(priced(tmp_path, domain))
    wanted = {"minute", "simpler", "metric", "headline", "chance", "tenfold", "leak", "wrong"}
    assert wanted <= found.keys()
    theory = {"bias-variance", "regularisation", "leakage", "calibration", "imbalance"}
    assert theory | {"cross-validation", "boosting-forest", "precision-recall"} <= found.keys()
    own = {
        "foundations": {"many", "t-test"},
        "tabular": {"threshold", "balancing", "shap"},
        "nlp": {"threshold", "tfidf-bert", "attention"},
        "cv": {"threshold", "regulator", "gradcam-theory"},
        "timeseries": {"threshold", "stationary", "adf"},
        "recsys": {"experiment", "factorisation", "peeking"},
    }
    assert own[domain] <= found.keys()


@pytest.mark.parametrize("domain", PACKAGES)
def test_a_question_without_its_figures_is_left_out(tmp_path, domain):
    found = asked(strip(build(tmp_path, domain)))
    gone = {"minute", "simpler", "after", "metric", "headline", "chance", "leak", "threshold"}
    assert not gone & found.keys()
    assert {"bias-variance", "proud"} <= found.keys()
    for each in found.values():
        assert not re.search(r"[{}]|\bNone\b|\bnan\b| // ", each.answer), each.answer


def test_a_project_that_has_not_run_is_asked_about_theory_and_work_alone(tmp_path):
    found = questions(load(build(tmp_path, "tabular", ran=False)))
    assert {each.topic for each in found} == {"theory", "behavioural"}


# What the numbers answer


def test_the_simpler_model_is_answered_by_the_paired_difference(tmp_path):
    answer = asked(enrich(build(tmp_path, "tabular"), "tabular"))["simpler"].answer
    assert answer.startswith(
        "By how much xgboost is ahead of each rung below it on the ladder, in ROC-AUC on the same "
        "rows: dummy 0.060 (0.050 to 0.070), logistic regression 0.040 (0.030 to 0.050), random "
        "forest 0.020 (0.010 to 0.030); in brackets 95 % intervals. All of these intervals lie "
        "above zero: the lead is more than chance among these rows explains."
    )


def test_a_difference_whose_interval_holds_zero_says_so(tmp_path):
    def close(content):
        content["models"][2]["difference"] = {"value": -0.001, "low": -0.004, "high": 0.002}

    answer = asked(change(build(tmp_path, "tabular"), close))["simpler"].answer
    assert "random forest 0.0010 (-0.0020 to 0.0040); in brackets" in answer
    assert "below zero it is behind" in answer
    assert "Of random forest the interval holds zero: these rows cannot tell which is better." in (
        answer
    )
    assert "more than chance" not in answer


def test_a_model_that_lost_says_so_where_less_is_better(tmp_path):
    def lost(content):
        content["models"][2]["difference"] = {"value": -0.05, "low": -0.08, "high": -0.02}

    answer = asked(change(build(tmp_path, "timeseries"), lost))["simpler"].answer
    assert "seasonal naive 0.060 (0.050 to 0.070)" in answer
    assert "prophet -0.05 (-0.08 to -0.02)" in answer or "prophet -0.050 (-0.080 to" in answer
    assert "prophet did better, by more than chance among these rows explains." in answer


def test_no_model_is_lost_behind_a_name_that_is_cut(tmp_path):
    def rename(content):
        for model in content["models"]:
            model["label"] = f"{'long ' * 20}{model['name']}"
        content["models"][0]["difference"] = {"value": 0.1, "low": 0.05, "high": 0.15}

    answer = asked(change(build(tmp_path, "tabular"), rename))["simpler"].answer
    assert "-0.100 (-0.150 to -0.050)" in answer
    assert "did better, by more than chance" in answer


def test_models_above_the_chosen_one_are_a_question_of_their_own(tmp_path):
    def second(content):
        for model in content["models"]:
            model["selected"] = model["name"] == "logistic_regression"
            model["difference"] = None if model["selected"] else {"value": -0.01}

    found = asked(change(build(tmp_path, "tabular"), second))
    assert found["after"].answer.startswith(
        "By how much logistic regression is ahead of each of them, in ROC-AUC on the same rows: "
        "random forest 0.01, xgboost 0.01. The project takes"
    )


def test_the_headline_names_what_it_assumes_and_whose_prices_they_are(tmp_path):
    root = enrich(build(tmp_path, "tabular"), "tabular")
    answer = asked(root)["headline"].answer
    assert "What it assumes: if 40 % accept the offer." in answer
    assert "The prices are examples until I replace them." in answer
    assert "a year: “contacting nobody” 170,000 EUR (153,000 to 187,000); “monthly" in answer
    assert "“the model”" not in answer


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (90000.0, 210000.0, "90,000 to 210,000 EUR a year, lies above zero: more than chance"),
        (-9e4, 21e4, "-90,000 to 210,000 EUR a year, holds zero: it may be chance, so nothing is"),
        (-9e4, -1e4, "-90,000 to -10,000 EUR a year, lies below zero, by more than chance"),
        (0.3, 2e5, "0.3 to 200,000 EUR a year, lies above zero: more than chance"),
    ],
)
def test_the_money_claims_no_more_than_its_interval(tmp_path, low, high, said):
    def move(content):
        content["business"] |= {"value": (low + high) / 2, "low": low, "high": high}

    answer = asked(change(build(tmp_path, "tabular"), move))["chance"].answer
    assert answer.startswith(f"The 95 % interval, {said}")


def test_money_that_the_test_does_not_find_may_be_chance(tmp_path):
    root = enrich(build(tmp_path, "recsys"), "recsys")
    change(root, lambda content: content.update(recsys=content["recsys"] | {"verdict": "chance"}))
    assert "it may be chance" in asked(root)["chance"].answer
    assert "gain" not in {name for name, text in candidates(load(root)).items() if text}


def test_real_sentences_of_each_domain(tmp_path):
    said = {
        ("foundations", "finding"): "The strongest: by customer_type, amount is higher for "
        "returning than for new, by 129 (97 to 161); it holds after Holm's correction.",
        ("foundations", "cleaning"): "The most frequent: spelling in channel, 90 times: unified.",
        ("foundations", "nothing"): "no difference of returned by wrapping was found.",
        ("tabular", "threshold"): "an offer pays for itself from a risk of 30.0 % on",
        ("tabular", "balancing"): "as chosen 0.137, SMOTE 0.151.",
        ("tabular", "wrong"): "On the test customers: 112 of 354 who left are not contacted.",
        ("tabular", "bias"): "What holds variance down: C 10, depth 2.",
        ("cv", "bias"): "The chosen cnn has 694,881 parameters.",
        ("nlp", "wrong"): "picks 58 % of the test reviews to be read, and reaches 89 % of the",
        ("nlp", "words"): "what speaks most for a good review are great and love.",
        ("nlp", "worst"): "on 92 reviews; that it is lower than the rest may be chance.",
        ("nlp", "aspect"): "40 reviews name it; that it leads may be chance.",
        ("cv", "threshold"): "referring pays from a probability of 7.4 % on",
        ("cv", "leak"): "Which images are of one patient is not known, so the split cannot be",
        ("cv", "gradcam"): "In 80 % (72 % to 88 %) of 120 cases the map points at the finding",
        ("timeseries", "threshold"): "over the sum of both: 95.2 %. The level that cost least on "
        "the validation windows is 90 %.",
        ("timeseries", "stationary"): "with the number of series: unit root: 1, stationary: 1.",
        ("timeseries", "intervals"): "Promised 95 %, they held 79 % (71 % to 86 %) of the",
        ("recsys", "experiment"): "it takes 120,185 users in each group",
        ("recsys", "because"): "An example: The Winter, because of The Forest and The Lake.",
        ("recsys", "wrong"): "rule 5.0 % (4.5 % to 5.5 %), model 15.0 % (13.5 % to 16.5 %).",
    }
    found = {domain: asked(priced(tmp_path, domain)) for domain in PACKAGES}
    for (domain, name), text in said.items():
        assert text in found[domain][name].answer, found[domain][name].answer


def priced(tmp_path, domain):
    root = enrich(build(tmp_path, domain), domain)
    if domain == "recsys":  # its prices stand in config.yaml alone
        prices = "prices: {currency: EUR, revenue_per_click: 0.2, visits_per_month: 100000}\n"
        (root / "config.yaml").write_text(prices, encoding="utf-8")
    return root


def test_patients_are_unknown_only_where_that_is_said(tmp_path):
    root = enrich(build(tmp_path, "cv"), "cv")
    change(root, lambda content: content["cv"]["data"].pop("patients"))
    assert "of one patient is not known" not in asked(root)["leak"].answer
    change(root, lambda content: content["cv"]["data"].update(patients=812))
    assert "Patients known here: 812." in asked(root)["leak"].answer


def test_no_case_missed_is_not_never(tmp_path):
    root = enrich(build(tmp_path, "cv"), "cv")
    assert "rule of three" not in asked(root)["wrong"].answer
    change(root, lambda content: content["test"].update(sensitivity={"value": 1.0}))
    assert "No miss in 240 cases is not never: up to 1.2 % may be (rule of three)." in (
        asked(root)["wrong"].answer
    )


def test_drivers_are_those_that_no_shuffled_copy_replaces(tmp_path):
    def judge(content):
        for row, driver in zip(content["importance"], (True, False, False), strict=True):
            row["driver"] = driver

    root = change(enrich(build(tmp_path, "tabular"), "tabular"), judge, "explain")
    answer = asked(root)["drivers"].answer
    assert answer.startswith("Strongest by SHAP values: contract.")
    assert "Beyond what a shuffled copy of the column does: contract." in answer


def test_figures_of_a_sample_say_so(tmp_path):
    found = asked(enrich(build(tmp_path, "tabular", synthetic=True), "tabular"))
    for each in found.values():
        marked = each.answer.endswith("(All numbers: synthetic sample.)")
        assert marked or not re.search(r"150,000|0\.850|26\.5 %|242", each.answer), each.answer
    assert found["simpler"].answer.endswith("synthetic sample.)")
    assert "synthetic" not in found["knn"].answer
    assert "of the world it shows nothing" in found["data"].answer


@pytest.mark.parametrize("domain", PACKAGES)
@pytest.mark.parametrize("extreme", EXTREMES)
def test_no_number_breaks_a_sentence(tmp_path, domain, extreme):
    root = enrich(build(tmp_path, domain), domain)

    def alter(content):
        kept = ["schema", "dataset"]
        if extreme == "absent":  # what the contract asks for is there
            kept += ["primary_metric", "business", "models"]
        content |= numbers({key: content[key] for key in content.keys() - kept}, EXTREMES[extreme])

    for each in questions(load(change(root, alter))):
        assert not re.search(r"[{}]|\bNone\b|\bnan\b|\binf\b| // ", each.answer), each.answer
    known = candidates(load(root))
    if extreme in ("negative", "zero"):
        assert known["gain"] is None
        assert "lies above zero" not in known["worth_verdict"]


def test_names_of_any_kind_stay_on_one_line(tmp_path):
    name = "a {very}\nlong\tname " * 20

    def rename(content):
        for model in content["models"]:
            model["label"] = f"{model['name']} {name}"

    answer = asked(change(build(tmp_path, "tabular"), rename))["simpler"].answer
    assert "\n" not in answer
    assert "{" not in answer
    assert len(answer) < 1200


def test_the_authors_own_words_are_the_material(tmp_path):
    found = asked(enrich(build(tmp_path, "tabular"), "tabular"), "behavioural")
    assert found["doubt"].material.startswith(
        "Your own words, from “Decisions” in README.md:\n\n> These are sentences that the author"
    )
    steps = re.findall(r"^(\w+): ", found["doubt"].answer, re.M)
    assert steps == ["Situation", "Task", "Action", "Result"]
    bare = asked(build(tmp_path / "bare", "tabular", written=False), "behavioural")
    assert bare["doubt"].material.startswith("“Decisions” in README.md is not written yet")


# What comes back when


@pytest.mark.parametrize(
    ("box", "grade", "next_box", "days"),
    [
        (None, "weak", 1, 1),
        (None, "so-so", 2, 2),
        (None, "good", 3, 4),
        (3, "good", 4, 8),
        (5, "good", 5, 16),
        (4, "so-so", 3, 4),
        (5, "weak", 1, 1),
    ],
)
def test_what_was_weak_comes_back_sooner(box, grade, next_box, days):
    card = box and Card(box, DAY, 60.0)
    assert graded(card, grade, 42.0, DAY) == Card(
        next_box, DAY + datetime.timedelta(days=days), 42.0
    )


def test_what_is_due_comes_first_then_topics_in_turn(tmp_path):
    deck = Deck(tmp_path / "answers.json", {})
    known = [one(f"old/{number}") for number in range(4)]
    for question, box, due in zip(known, (4, 1, 2, 3), (-1, -1, 0, 3), strict=True):
        deck.put(question, Card(box, DAY + datetime.timedelta(days=due), 1.0))
    fresh = [one(f"{topic}/{number}", topic) for topic in TOPICS for number in range(3)]
    drawn = draw([*fresh, *known], deck, DAY, 20, Random(1))
    assert [question.key for question in drawn[:3]] == ["old/1", "old/2", "old/0"]
    assert {question.topic for question in drawn[3:6]} == set(TOPICS)
    assert drawn[-1].key == "old/3"
    assert drawn == draw([*fresh, *known], deck, DAY, 20, Random(1))
    assert drawn != draw([*fresh, *known], deck, DAY, 20, Random(2))
    assert len(draw(fresh, deck, DAY, 2, Random(1))) == 2


@pytest.mark.parametrize("text", [b"{", b"\xff\xfe", b"[1]", b'{"questions": [1]}'])
def test_a_damaged_memory_is_put_aside(tmp_path, text):
    file = tmp_path / "answers.json"
    for number in range(2):
        file.write_bytes(text)
        deck, aside = boxes.open_deck(file)
        assert aside.read_bytes() == text
        assert deck.card(one("a")) is None
        deck.put(one("a"), Card(1, DAY, 1.0))
        assert boxes.open_deck(file)[0].card(one("a")) == Card(1, DAY, 1.0)
        assert len(list(tmp_path.iterdir())) == number + 2


@pytest.mark.parametrize(
    "entry",
    [None, 3, {}, {"box": 9, "due": "2025-01-01", "seconds": 1}, {"box": 1, "due": "soon"}]
    + [{"box": "x", "due": "2025-01-01", "seconds": 1}, {"box": 1, "due": 5, "seconds": 1}],
)
def test_what_another_version_has_remembered_counts_as_new_and_stays(tmp_path, entry):
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"more": 1, "questions": {"a": entry}}), encoding="utf-8")
    deck, aside = boxes.open_deck(file)
    assert aside is None
    assert deck.card(one("a")) is None
    deck.put(one("b"), Card(1, DAY, 1.0))
    content = json.loads(file.read_text(encoding="utf-8"))
    assert (content["more"], content["questions"]["a"]) == (1, entry)


# At the terminal


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A workspace with a churn project, in the current folder; each answer takes 75 seconds."""
    made = make(tmp_path, "customer-churn")
    enrich(build(tmp_path, "tabular"), "tabular")
    monkeypatch.chdir(tmp_path)
    clock = iter(range(0, 10**6, 75))
    monkeypatch.setattr(session.time, "monotonic", lambda: next(clock))
    return made


def run(*arguments, text=None):
    return CliRunner().invoke(cli.cli, ["interview", *map(str, arguments)], input=text)


def memory(here):
    file = here.private / "questions" / "answers.json"
    return json.loads(file.read_text(encoding="utf-8"))["questions"]


def test_a_round_takes_the_time_and_remembers(here):
    done = run(
        "--count", 3, "--seed", 1, "--topic", "project", text="\ng\n\nnonsense\nso\n\nWEAK\n"
    )
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Mock interview: Customer Churn\n")
    assert "Question 3 of 3 (Customer Churn)" in done.output
    assert done.output.count("That took 1 min 15 s.") == 3
    assert "Type one of good, so-so, weak, or its first letter." in done.output
    assert "3 of 3 answered: 1 good, 1 so-so, 1 weak; 1 min 15 s on average." in done.output
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)
    assert f"The first of them comes back on {tomorrow}." in done.output
    assert sorted(card["box"] for card in memory(here).values()) == [1, 2, 3]


def test_what_is_due_is_asked_again_with_the_time_of_before(here):
    run("--count", 1, "--seed", 1, text="\nw\n")
    (key,) = memory(here)
    file = here.private / "questions" / "answers.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'"due": ".*?"', '"due": "2025-01-01"', text), encoding="utf-8")
    done = run("--count", 1, "--seed", 2, text="\ng\n")
    assert "That took 1 min 15 s (the last time 1 min 15 s)." in done.output
    assert memory(here)[key]["box"] == 3


@pytest.mark.parametrize("text", ["\ng\n", "\ng\n\n", "\ng\nq\n", "\ng\n\nq\n"])
def test_the_end_of_input_keeps_what_was_answered(here, text):
    done = run("--count", 4, text=text)
    assert done.exit_code == 0, done.output
    assert "1 of 4 answered: 1 good; 1 min 15 s on average." in done.output
    assert len(memory(here)) == 1


def test_no_input_at_all_changes_nothing(here):
    done = run(text="")
    assert done.exit_code == 0
    assert "Nothing was answered, so nothing has changed." in done.output
    assert not here.private.exists()


def test_ctrl_c_keeps_what_was_answered(here, monkeypatch):
    def prompt(text, **more):
        answer = next(typed)
        if answer is KeyboardInterrupt:
            raise KeyboardInterrupt
        return answer

    typed = iter(("", "good", "", KeyboardInterrupt))
    monkeypatch.setattr(session.click, "prompt", prompt)
    done = run("--count", 4)
    assert done.exit_code == 0, done.output
    assert "1 of 4 answered: 1 good" in done.output
    assert len(memory(here)) == 1


def test_a_damaged_memory_does_not_end_a_round(here):
    file = here.private / "questions" / "answers.json"
    file.parent.mkdir(parents=True)
    file.write_text("{", encoding="utf-8")
    done = run("--count", 1, text="\ng\n")
    assert done.exit_code == 0, done.output
    assert "What was remembered cannot be read; it lies in" in done.output
    assert len(memory(here)) == 1


def test_the_sheet_is_a_private_document_that_keeps_what_was_edited(here):
    done = run("--sheet")
    file = here.private / "questions" / "customer-churn.md"
    assert done.output == f"Written: {file}\n"
    text = file.read_text(encoding="utf-8")
    heads = re.findall(r"^## (.+)$", text, re.M)
    assert heads == ["Customer Churn", "Theory", "How you work: Customer Churn"]
    assert text.count("\n### ") == len(questions(load(here.root / "customer-churn")))
    assert "### Why xgboost, and not a simpler model?\n\nBy how much xgboost is ahead" in text
    assert run("--sheet").exit_code == 0
    file.write_text(text + "mine\n", encoding="utf-8")
    again = run("--sheet")
    assert again.exit_code == 2
    assert "stays as it is: move or delete it to get a fresh sheet" in again.output
    assert file.read_text(encoding="utf-8").endswith("mine\n")


def test_what_projects_share_is_asked_once(here):
    build(here.root, "nlp")
    make(here.root, "customer-churn", "review-sentiment")
    assert run("--sheet").exit_code == 0
    text = (here.private / "questions" / "all-projects.md").read_text(encoding="utf-8")
    assert text.startswith("# Mock interview: Customer Churn, Review Sentiment\n")
    assert text.count("### What is leakage?") == 1
    assert text.count("### What does TF-IDF count?") == 1
    assert text.count("### Where do the data come from, and who is missing in them?") == 2


@pytest.mark.parametrize("domain", PACKAGES)
def test_the_tone_upskilling_never_speaks_of_looking_for_work(here, domain):
    make(here.root, tone="upskilling")
    root = enrich(build(here.root / "one", domain), domain)
    assert run(root, "--sheet").exit_code == 0
    text = (here.private / "questions" / f"{root.name}.md").read_text(encoding="utf-8")
    assert text.startswith("# Self-test: ")
    assert not WORK.search(text), WORK.search(text)
    said = run(root, "--count", 2, text="\ng\n\nw\n").output
    assert not WORK.search(said), WORK.search(said)


def test_a_project_that_cannot_be_asked_about_does_not_end_the_others(here):
    build(here.root, "nlp", ran=False)
    broken = build(here.root, "cv")
    (broken / "reports" / "metrics.json").write_text("{", encoding="utf-8")
    make(here.root, "customer-churn", "review-sentiment", "medical-imaging")
    done = run("--count", 1, text="\ng\n")
    assert done.exit_code == 0, done.output
    assert "Left out: medical-imaging/reports/metrics.json: no JSON" in done.output
    assert "review-sentiment has no results, so nothing is asked about them" in done.output
    named = run(broken)
    assert named.exit_code == 2
    assert "Left out" not in named.output
    nothing = run(here.root / "review-sentiment", "--topic", "project")
    assert nothing.exit_code == 2
    assert "There is nothing to ask yet: run `all` in a project first." in nothing.output


def test_without_a_workspace_it_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(build(tmp_path, "tabular"))
    assert done.exit_code == 2
    assert "portfolio init" in done.output
