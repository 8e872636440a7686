"""`portfolio practice sql` over what a real run leaves: every question has an answer."""

from portfolio import contract
from portfolio.practice import database, judge, questions, roles


def test_every_question_can_be_answered(project, domain, tmp_path):
    known = contract.load(project.root)
    file = database.fresh(known, tmp_path / "rows.duckdb")
    with database.opened(file) as connection:
        rows = connection.execute(f"SELECT COUNT(*) FROM {database.rows_of(known)}").fetchone()
        assert rows == (known.results.dataset.rows,)
        asked = questions.sql(domain, roles.find(known, connection))
        asked = [task for task in asked if not task.lacks]
        assert len(asked) >= 10
        found = {task.title: connection.execute(task.answer).fetchall() for task in asked}
        assert all(found.values()), found
        assert not any(judge.difference(connection, task, task.answer) for task in asked)
        wanted = {"predictions", "decision"} if domain in ("tabular", "nlp", "cv") else set()
        assert wanted | ({"forecasts"} if domain == "timeseries" else set()) <= set(
            database.tables(connection)
        )
    if domain == "tabular":
        cells = known.results.detail["confusion"]
        kinds = ("true_positive", "false_positive", "false_negative", "true_negative")
        assert found["Case"] == [tuple(cells[kind] for kind in kinds)]
