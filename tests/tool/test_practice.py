"""`portfolio practice`: questions fit any data of a domain, and answers are judged by results."""

import importlib.util
import json
import math
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pytest
import yaml
from builder import PACKAGES, build
from click.testing import CliRunner
from details import enrich
from processed import prepare
from sklearn import metrics
from sklearn.feature_extraction.text import TfidfVectorizer

from portfolio import cli, workspace
from portfolio.contract import load
from portfolio.errors import UserError
from portfolio.filling import NAME
from portfolio.practice import child, database, exercises, judge, questions, roles
from portfolio.workspace import Workspace

WRONG = yaml.safe_load(Path(__file__).with_name("practice_wrong.yaml").read_text(encoding="utf-8"))
CUSTOMERS = questions.FOLDER / "tabular.yaml"
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT COUNT(*) FROM n"
# The same data sets with less in them: what becomes of the questions then.
LESS = {
    "foundations": {"simple": True},
    "tabular": {},
    "nlp": {"scraped": False},
    "cv": {"patients": False},
    "timeseries": {"freq": "MS", "n": 60},
    "recsys": {"bare": True},
}


def make(parent, domain, **other):
    return prepare(enrich(build(parent, domain), domain), domain, **other)


def sit(root, file):
    """A connection to the project's database, its roles, and its questions."""
    project = load(root)
    connection = database.opened(database.fresh(project, file))
    found = roles.find(project, connection)
    return connection, found, questions.sql(project.domain, found)


@pytest.fixture(scope="module", params=PACKAGES)
def sat(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("practice")
    return request.param, *sit(make(folder, request.param), folder / "rows.duckdb")


def test_the_right_answer_passes_and_finds_something(sat):
    _, connection, _, asked = sat
    for task in asked:
        assert not task.lacks, task
        assert connection.execute(task.answer).fetchall(), task.title
        assert judge.difference(connection, task, f"-- mine\n{task.answer};\n") == "", task.title
        placed = f"SELECT *, row_number() OVER () AS place FROM ({task.answer})"
        again = f"SELECT * EXCLUDE (place) FROM ({placed}) ORDER BY place DESC"
        order = judge.difference(connection, task, again)
        assert order == ("The rows are right, their order is not." if task.ordered else ""), task


def test_a_wrong_answer_does_not(sat):
    domain, connection, found, asked = sat
    wrong = WRONG[domain]["sql"]
    assert set(wrong) == {task.title for task in asked}
    for task in asked:
        sql = NAME.sub(lambda name: found[name[1]], wrong[task.title])
        said = judge.difference(connection, task, sql)
        assert "expected" in said or "their order" in said, (task.title, said)


def test_a_slow_answer_is_stopped(sat):
    _, connection, _, asked = sat
    for task in asked:
        assert judge.difference(connection, task, SLOW, limit=0.01).startswith("No answer within")


def test_there_are_enough_of_each_kind(sat):
    domain, _, _, asked = sat
    assert len(asked) >= 10
    text = "\n".join(task.answer for task in asked)
    for part in ("WHERE", "GROUP BY", "HAVING", "JOIN", "WITH", "OVER ("):
        assert part in text
    assert sum("OVER" in task.answer for task in asked) >= 3
    assert len({task.title for task in asked}) == len(asked)
    assert len(questions.python(domain)) >= 5


@pytest.mark.parametrize("domain", PACKAGES)
def test_questions_leave_out_what_other_data_lack(tmp_path, domain):
    root = make(tmp_path, domain, **LESS[domain])
    for name in ("predictions.csv", "forecasts.csv", "explain.json"):
        (root / "reports" / name).unlink(missing_ok=True)
    connection, found, asked = sit(root, tmp_path / "rows.duckdb")
    left = [task for task in asked if not task.lacks]
    assert len(left) >= 7
    for task in left:
        assert connection.execute(task.answer).fetchall(), task.title
        assert not NAME.search(task.ask + task.hint + task.answer)
    for task in asked:
        assert {*task.lacks} <= {*roles.WORDS}, task
    lacking = {role for task in asked for role in task.lacks}
    assert (
        lacking
        == {
            "foundations": {"unit", "class", "case"},
            "tabular": {"predictions", "rule"},
            "nlp": {"predictions", "rule", "product", "date"},
            "cv": {"predictions", "rule", "patients"},
            "timeseries": {"days", "forecasts", "ranges", "event"},
            "recsys": {"rating", "time"},
        }[domain]
    )
    assert not any("{" in line for line in questions.about(domain, found))


def test_columns_may_have_any_name(tmp_path):
    odd = {"contract": 'a "kind"', "tenure": "part", "charges": "order", "left": "Row_id"}
    root = make(tmp_path, "tabular", renamed=odd)
    connection, found, asked = sit(root, tmp_path / "rows.duckdb")
    assert (found["row"], found["part"]) == ("row_id_", "part_")
    assert found["target"] == "Row_id"
    assert {found["number"], found["number2"]} == {"part", '"order"'}
    assert '"a ""kind"""' in found.values()
    for task in asked:
        assert judge.difference(connection, task, task.answer) == "", task.title


def test_roles_follow_what_matters_to_the_model(tmp_path):
    root = make(tmp_path, "tabular")
    _, found, _ = sit(root, tmp_path / "rows.duckdb")
    assert [found[role] for role in ("category", "number", "number2")] == [
        "contract",
        "tenure",
        "charges",
    ]
    file = root / "reports" / "explain.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["importance"] = [{"feature": "charges", "value": 1.0}]
    file.write_text(json.dumps(content), encoding="utf-8")
    _, found, _ = sit(root, tmp_path / "rows.duckdb")
    assert (found["number"], found["number2"]) == ("charges", "tenure")


def test_predictions_belong_to_their_rows(tmp_path):
    root = make(tmp_path, "tabular")
    connection, *_ = sit(root, tmp_path / "rows.duckdb")
    query = """
        SELECT part, COUNT(*), corr("left", probability) > 0.5
        FROM customers JOIN predictions USING (row_id) GROUP BY part ORDER BY part
    """
    test, train = connection.execute(query).fetchall()
    assert test[2]
    assert train[2]
    assert test[1] + train[1] == 400


def test_predictions_of_other_rows_are_left_out(tmp_path):
    root, file = make(tmp_path, "tabular"), tmp_path / "rows.duckdb"
    report = root / "reports" / "predictions.csv"
    lines = report.read_text(encoding="utf-8").splitlines(keepends=True)
    for changed in (lines[:-1], [lines[0], lines[1].replace(",0,", ",1,"), *lines[2:]]):
        changed = changed if changed != lines else lines[:-2]
        report.write_text("".join(changed), encoding="utf-8")
        connection, found, _ = sit(root, file)
        assert "predictions" not in found
        connection.close()


def test_forecasts_of_other_rows_are_left_out(tmp_path):
    root = make(tmp_path, "timeseries")
    report = root / "reports" / "forecasts.csv"
    report.write_text(report.read_text(encoding="utf-8").replace("2024-", "2031-"), "utf-8")
    _, found, _ = sit(root, tmp_path / "rows.duckdb")
    assert "forecasts" not in found


def test_the_database_follows_the_data(tmp_path):
    root, file = make(tmp_path, "tabular"), tmp_path / "rows.duckdb"
    database.fresh(load(root), file)
    before = file.stat().st_mtime_ns
    assert database.fresh(load(root), file).stat().st_mtime_ns == before
    train = root / "data" / "processed" / "train.parquet"
    os.utime(train, ns=(before + 1, before + 1))
    assert database.fresh(load(root), file).stat().st_mtime_ns > before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["customer-churn", "rows.duckdb"]


def test_damaged_data_and_a_damaged_database_say_what_to_do(tmp_path):
    root, file = make(tmp_path, "tabular"), tmp_path / "rows.duckdb"
    train = root / "data" / "processed" / "train.parquet"
    train.write_bytes(train.read_bytes()[:-50])
    with pytest.raises(UserError, match="Run `uv run churn all` in it"):
        database.fresh(load(root), file)
    assert not file.exists()
    file.write_bytes(b"no database" * 1000)
    with pytest.raises(UserError, match="delete it: it is made again"):
        database.opened(file)


def test_a_description_of_other_rows_says_what_to_do(tmp_path):
    root = make(tmp_path, "tabular")
    file = root / "data" / "processed" / "dataset.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    for other in (content | {"numeric": ["gone"]}, {"target": "left"}):
        file.write_text(json.dumps(other), encoding="utf-8")
        with pytest.raises(UserError, match=r"does not describe these rows .*Run `uv run churn"):
            sit(root, tmp_path / "rows.duckdb")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "one SELECT"),
        ("SELECT 1; SELECT 2", "one SELECT"),
        ("DROP TABLE customers", "one SELECT"),
        ("SELEC 1", "syntax error"),
        ("SELECT tenur FROM customers", "tenure"),
        ("SELECT COUNT(*) FROM read_csv('/etc/passwd')", "disabled"),
        ("SELECT 1, 2", "Columns: 2; expected 1."),
        ("SELECT 1 UNION ALL SELECT 2", "Rows: 2; expected 1."),
        ("SELECT 1 FROM range(200000)", "more than 100,000; expected 1."),
        ("SELECT 7", "Row 1 is (7); expected ("),
        ("SELECT 'many'", "Row 1 is ('many'); expected ("),
        ("SELECT NULL", "Row 1 is (NULL); expected ("),
    ],
)
def test_what_is_said_of_an_answer(sat_customers, sql, said):
    connection, asked = sat_customers
    assert said in judge.difference(connection, asked[0], sql)


@pytest.fixture(scope="module")
def sat_customers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("customers")
    connection, _, asked = sit(make(folder, "tabular"), folder / "rows.duckdb")
    return connection, asked


def test_an_answer_without_bounds_fills_neither_memory_nor_disk(tmp_path):
    connection, _, asked = sit(make(tmp_path, "tabular"), tmp_path / "rows.duckdb")
    connection.execute("SET memory_limit = '30MB'")
    large = "SELECT i FROM range(10000000) AS t(i) ORDER BY hash(i)"
    assert "more memory than it may take" in judge.difference(connection, asked[0], large)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["customer-churn", "rows.duckdb"]


def test_rows_are_compared_by_their_values():
    with duckdb.connect() as connection:

        def rows(sql):
            return [judge._plain(row) for row in connection.execute(sql).fetchall()]

        def same(one, other):
            return judge.compare(rows(one), rows(other), ordered=False) == ""

        assert same("SELECT 1, 0.1 + 0.2", "SELECT true, 0.3::DOUBLE")
        assert same("SELECT DATE '2024-01-01'", "SELECT TIMESTAMP '2024-01-01'")
        assert same("SELECT 'nan'::DOUBLE", "SELECT NULL")
        assert same("VALUES (1, 'a'), (2, NULL)", "VALUES (2, NULL), (1, 'a')")
        assert same("VALUES (NULL, 1), (3, NULL)", "VALUES (3, NULL), (NULL, 1)")
        assert not same("VALUES (1), (1), (2)", "VALUES (1), (2), (2)")
        assert not same("SELECT 1", "SELECT 1.001")
        assert not same("SELECT '1'", "SELECT 1")
        assert not same("SELECT TIMESTAMP '2024-01-01 01:00'", "SELECT DATE '2024-01-01'")


def every_exercise():
    return [(domain, task) for domain in PACKAGES for task in questions.python(domain)]


@pytest.mark.parametrize("domain", PACKAGES)
def test_a_right_function_passes_and_a_wrong_one_does_not(tmp_path, domain):
    wrong, file = WRONG[domain]["python"], tmp_path / "answer.py"
    assert set(wrong) == {task.title for task in questions.python(domain)}
    for task in questions.python(domain):
        for text, keys in ((task.answer, set()), (wrong[task.title], {"case", "expected", "got"})):
            file.write_text(text, encoding="utf-8")
            found = child.check(task.title, str(file), task.answer, task.cases)
            assert set(found) == keys, (task.title, found)


def test_a_slow_function_is_stopped(tmp_path):
    def judged(one):
        domain, task = one
        file = tmp_path / f"{domain}-{task.title}.py"
        slow = f"import time\n\n{task.signature}\n    time.sleep(3600)\n"
        file.write_text(slow, encoding="utf-8")
        return exercises.difference(task, file, limit=0.2)

    with ThreadPoolExecutor(6) as pool:
        for said in pool.map(judged, every_exercise()):
            assert said.startswith("Not done within 0.2 seconds")


def test_a_right_function_passes_in_a_process_of_its_own(tmp_path):
    task = questions.python("recsys")[0]
    assert judge_first(tmp_path, f"print('on the way')\n{task.answer}") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def ndcg(a, b, k):\n    return 1 / 0\n", "line 2: ZeroDivisionError"),
        ("def ndcg(a):\n    return 1\n", "Error: TypeError: ndcg() takes 1 positional"),
        ("def ndcg(*a):\n    return ndcg(*a)\n", "Error: line 2: RecursionError"),
        ("def ndcg(*a):\n    raise SystemExit(3)\n", "Error: line 2: SystemExit: 3"),
        ("def ndcg(*a):\n    print('here', a[2])\n", "Got: None\nIt printed:\nhere 3"),
        ("def ndcg(*a):\n    print('x' * 10**6)\n    return 'x' * 10**6\n", "…\nIt printed:\nxxx"),
        ("class ndcg:\n    def __init__(self, *a): pass\n    __eq__ = 1\n", "TypeError"),
    ],
)
def test_what_is_said_of_a_function(tmp_path, text, said):
    found = judge_first(tmp_path, text)
    assert found.startswith("Case: ndcg([7, 3, 9], {3, 9, 5}, 3)\n")
    assert said in found
    assert len(found) < 4000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def ndcg(a, b, k)\n    return 1\n", "Error: line 1: SyntaxError"),
        ("\nimport gone\n", "Error: line 2: ModuleNotFoundError"),
        ("def nDCG(a, b, k): ...\n", "no function ndcg in the file"),
        ("input()\n", "EOFError"),
        ("import os\nos._exit(3)\n", "ended its own process (exit code 3)"),
    ],
)
def test_what_is_said_of_a_file(tmp_path, text, said):
    assert said in judge_first(tmp_path, text)


def judge_first(folder, text):
    file = folder / "answer.py"
    file.write_text(text, encoding="utf-8")
    return exercises.difference(questions.python("recsys")[0], file)


def test_right_answers_agree_with_libraries():
    right = {}
    for domain, task in every_exercise():
        exec(task.answer, right.setdefault((domain, task.title), {}))

    def call(domain, name, *values):
        return right[domain, name][name](*values)

    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200).tolist()
    p = rng.random(200).round(2).tolist()
    assert call("tabular", "roc_auc", y, p) == pytest.approx(metrics.roc_auc_score(y, p))
    cells = metrics.confusion_matrix(y, np.array(p) >= 0.3).ravel().tolist()
    tp, fp, fn, tn, money = call("tabular", "decision_money", y, p, 60, 500, 0.4)
    assert [tn, fp, fn, tp] == cells
    assert money == pytest.approx(tp * 200 - (tp + fp) * 60)
    assert call("nlp", "precision_recall", y, p, 200) == (pytest.approx(np.mean(y)), 1.0)
    texts = [["good", "good", "phone"], ["bad", "phone"], ["it", "works"]]
    vectors = TfidfVectorizer(analyzer=lambda words: words)
    table, names = vectors.fit_transform(texts).toarray(), vectors.get_feature_names_out()
    for row, found in zip(table, call("nlp", "tf_idf", texts), strict=True):
        assert found == pytest.approx({n: v for n, v in zip(names, row, strict=True) if v})
    x, z = rng.integers(0, 9, 50).tolist(), rng.integers(0, 9, 50).tolist()
    from scipy import ndimage, stats

    assert call("foundations", "spearman", x, z) == pytest.approx(stats.spearmanr(x, z).statistic)
    welch = stats.ttest_ind(x, z, equal_var=False).statistic
    assert call("foundations", "welch_t", x, z) == pytest.approx(welch)
    assert call("foundations", "quantile", x, 0.37) == pytest.approx(np.quantile(x, 0.37))
    image, kernel = rng.random((5, 6)), rng.random((3, 3))
    found = call("cv", "convolve", image.tolist(), kernel.tolist())
    assert np.allclose(found, ndimage.correlate(image, kernel, mode="constant"))
    scores = rng.permutation(20).tolist()
    liked = set(rng.choice(20, 6, replace=False).tolist())
    order = sorted(range(20), key=lambda item: -scores[item])
    relevant = [[float(item in liked) for item in range(20)]]
    assert call("recsys", "ndcg", order, liked, 10) == pytest.approx(
        metrics.ndcg_score(relevant, [scores], k=10)
    )
    assert call("recsys", "average_precision", order, liked) == pytest.approx(
        metrics.average_precision_score(relevant[0], scores)
    )
    assert call("timeseries", "mase", [1, 3, 2, 5], [4, 4], [3, 6], 1) == pytest.approx(1.5 / 2)
    assert call("timeseries", "difference", x, 1, 2) == np.diff(x, n=2).tolist()
    assert math.isclose(call("cv", "predictive_value", 0.9, 0.8, 0.01), 0.009 / (0.009 + 0.198))


def invoke(*arguments):
    return CliRunner().invoke(cli.cli, ["practice", *map(str, arguments)])


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A workspace with a project that has run, and one that has not."""
    home = tmp_path / "wörk space"
    home.mkdir()
    workspace.save(Workspace(home, "Ada", "ada", projects=("customer-churn", "mini-analysis")))
    make(home, "tabular")
    build(home, "foundations", ran=False)
    monkeypatch.chdir(home)
    return home


def test_a_learner_goes_through_the_questions(shop):
    first = invoke("sql", "customer-churn")
    assert first.exit_code == 0, first.output
    folder = shop / "private" / "practice" / "customer-churn"
    file = folder / "sql" / "01-filter.sql"
    assert f"Write your answer into {file}" in first.output
    text = file.read_text(encoding="utf-8")
    assert text.startswith("-- 1. Filter: How many customers of the training part have left?")
    assert "-- customers(row_id, part, contract," in text
    assert (folder / "customer-churn.duckdb").is_file()
    assert invoke("sql", "customer-churn").output == first.output, "an empty file is no attempt"
    assert "has not been tried yet" in invoke("sql", "customer-churn", "--solution").output
    assert "two conditions" in invoke("sql", "customer-churn", "--hint").output

    file.write_text(text + "SELECT 3\n", encoding="utf-8")
    wrong = invoke("sql", "customer-churn")
    assert wrong.exit_code == 1
    assert "Row 1 is (3); expected (" in wrong.output
    assert "1  Filter: tried 1 ×" in invoke("sql", "customer-churn", "--list").output
    solution = invoke("sql", "customer-churn", "--solution")
    assert solution.exit_code == 0
    file.write_text(text + solution.output, encoding="utf-8")
    right = invoke("sql", "customer-churn")
    assert right.exit_code == 0
    assert "Passed. 1 of 16 passed. Next: 2. Missing values." in right.output
    listed = invoke("sql", "customer-churn", "--list").output
    assert "1  Filter: passed, after a look at the solution\n  2  Missing values: open" in listed
    assert "2. Missing values" in invoke("sql", "customer-churn").output
    assert (folder / "sql" / "02-missing-values.sql").is_file()

    progress = folder / "progress.json"
    known = json.loads(progress.read_text(encoding="utf-8"))["sql"]["Filter"]
    titles = [task["title"] for task in yaml.safe_load(CUSTOMERS.read_text("utf-8"))["sql"]]
    progress.write_text(json.dumps({"sql": dict.fromkeys(titles, known)}), encoding="utf-8")
    assert "All 16 passed." in invoke("sql", "customer-churn").output


def test_a_learner_goes_through_the_exercises(shop, monkeypatch):
    monkeypatch.chdir(shop / "mini-analysis")  # it has not run, and need not
    first = invoke("python")
    file = shop / "private" / "practice" / "mini-analysis" / "python" / "01-one_spelling.py"
    assert str(file) in first.output
    text = file.read_text(encoding="utf-8")
    assert "# 1. one_spelling(values): give" in text
    assert text.endswith("def one_spelling(values):\n    ...\n")
    words = " ".join(text.replace("#", "").split())
    assert "gives ['Web', 'Web', 'Web', 'app', 'app']" in words
    assert invoke("python").exit_code == 0
    file.write_text(text.replace("...", "return values"), encoding="utf-8")
    wrong = invoke("python")
    assert wrong.exit_code == 1
    assert "Expected: ['Web', 'Web', 'Web', 'app', 'app']" in wrong.output
    file.write_text(questions.python("foundations")[0].answer, encoding="utf-8")
    assert "Passed. 1 of 5 passed. Next: 2. welch_t." in invoke("python").output


def test_a_left_out_question_says_why(shop):
    (shop / "customer-churn" / "reports" / "predictions.csv").unlink()
    listed = invoke("sql", "customer-churn", "--list").output
    assert "8  Join: left out, as the data have no predictions of these rows (run `all`)" in listed
    assert "0 of 11 passed; 5 left out, --list says why." in listed
    asked = invoke("sql", "customer-churn", "--question", 8)
    assert asked.exit_code == 2
    assert "left out, as the data have no predictions" in asked.output
    assert "there are 16 questions" in invoke("sql", "customer-churn", "--question", 17).output


def test_what_cannot_be_practised_is_one_line(shop, tmp_path, monkeypatch):
    for arguments, said in (
        (["sql", "mini-analysis"], "mini-analysis has no prepared data: run `uv run analysis all`"),
        (["sql", "gone"], "There is no such folder"),
        (["sql", "private"], "no project of this template"),
        (["sql"], "Say which project: portfolio practice sql PROJECT (customer-churn, mini-an"),
    ):
        (shop / "private").mkdir(exist_ok=True)
        done = invoke(*arguments)
        assert done.exit_code == 2, done.output
        assert said in done.output
        assert done.output.count("\n") == 1
    away = tmp_path / "away"
    away.mkdir()
    shutil.copytree(shop / "customer-churn", away / "customer-churn")
    assert invoke("sql", away / "customer-churn").exit_code == 0, "by path, from a workspace"
    monkeypatch.chdir(away)
    assert "make one: portfolio init" in invoke("sql", "customer-churn").output


def test_without_duckdb_the_remedy_is_said(shop, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "duckdb" else find(name, *a)
    )
    done = invoke("sql", "customer-churn")
    assert done.exit_code == 2
    assert 'uv tool install --force "ml-portfolio-template[practice] @ git+https://' in done.output
    assert invoke("python", "customer-churn").exit_code == 0


def test_at_a_terminal_the_editor_opens(shop, monkeypatch):
    texts = iter(["SELECT 3", None])

    def edit(filename):
        text = next(texts)
        if text is None:
            text = invoke("sql", "customer-churn", "--solution").output
        Path(filename).write_text(text, encoding="utf-8")

    monkeypatch.setattr("portfolio.practice.session.is_terminal", lambda: True)
    monkeypatch.setattr("click.edit", edit)
    done = CliRunner().invoke(cli.cli, ["practice", "sql", "customer-churn"], input="y\n")
    assert done.exit_code == 0, done.output
    assert "Row 1 is (3); expected (" in done.output
    assert "Passed. 1 of 16 passed." in done.output


def test_no_question_speaks_of_a_job():
    words = ("interview", "hiring", "recruit", " job", "career")
    for domain in PACKAGES:
        text = (questions.FOLDER / f"{domain}.yaml").read_text(encoding="utf-8").lower()
        assert not any(word in text for word in words)
