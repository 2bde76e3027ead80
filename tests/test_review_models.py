"""``segcore model``: what a run's model is, in what two differ, and the model as SQL."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from small_archive import APRIL, MARCH, filled, rewrite
from small_model import model, rules

from segcore import archive
from segcore.cli import models
from segcore.engine import DuckDB
from segcore.errors import ArchiveError, ModelError
from segcore.model import Model
from segcore.rules import RuleTable


def known(**more: object) -> Model:
    """The small model that knows how sure its edges are."""
    recency, frequency = model(**more).variables
    wide = (
        replace(recency, low=(28, 80), high=(35, 90), sizes=(2, 3, 4), gvf=0.9),
        replace(frequency, low=(4,), high=(4,), sizes=(5, 4), gvf=0.75),
    )
    return replace(model(**more), variables=wide)


def publish(root: Path, date: dt.date, **files: Model | str) -> Path:
    places = archive.Places(root, "acme")
    facts = filled(places, date)
    for name, held in files.items():
        text = held if isinstance(held, str) else held.to_json()
        (places.staging(date) / f"{name}.json").write_text(text)
    return archive.publish(places, archive.seal(places.staging(date), facts)).folder


@pytest.fixture
def root(tmp_path, monkeypatch):
    for name in ("params", "notebooks"):
        (tmp_path / name).mkdir()
    publish(tmp_path, MARCH, model=known(), candidate=model(recency=(28, 95)))
    newer = rules("Loyal,>=2,*,\nLost,*,*,\n")
    publish(tmp_path, APRIL, model=_other(newer))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _other(table: RuleTable) -> Model:
    held = known()
    recency = replace(held.variables[0], edges=(28, 90), high=(33, 90))
    return replace(
        held, variables=(recency, held.variables[1]), rules=table, fitted_as_of=dt.date(2026, 3, 31)
    )


class TestShow:
    def test_a_model_is_read_out_in_words(self, root, capsys):
        models.show("acme/2025-03-01")
        assert capsys.readouterr().out == (
            "acme: breaks of 2025-12-31, each edge with the values between which it lies in 95 of 100 fits\n"
            "recency (Last order, days ago): 3 classes, linear scale; fitted to 9 customers, "
            "10.0% of their spread unexplained\n"
            "  class 3: up to 30 (28–35), 4 at the fit\n"
            "  class 2: above 30 (28–35) up to 90 (80–90), 3 at the fit\n"
            "  class 1: above 90 (80–90), 2 at the fit\n"
            "frequency (Orders, orders): 2 classes, linear scale; fitted to 9 customers, "
            "25.0% of their spread unexplained\n"
            "  class 2: above 4, 4 at the fit\n"
            "  class 1: up to 4, 5 at the fit\n"
            "segments, best first: Loyal, At risk and Lost\n"
            "line 2: Loyal if last order up to 30 days ago and 5 or more orders\n"
            "line 3: At risk if last order up to 90 days ago [call them]\n"
            "line 4: Lost for everyone else\n"
        )

    def test_the_candidate_is_shown_on_demand_and_does_not_know_its_intervals(self, root, capsys):
        models.show("acme/2025-03-01", candidate=True)
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == (
            "acme: breaks of 2025-12-31, the intervals of its edges are not known, for no run uses it"
        )
        assert lines[2:4] == ["  class 3: up to 28", "  class 2: above 28 up to 95"]

    def test_machines_get_the_model_as_it_stands_in_the_run(self, root, capsys):
        models.show("acme/2025-03-01", as_json=True)
        assert capsys.readouterr().out == (root / "runs/acme/2025-03-01/model.json").read_text()


class TestDiff:
    def test_two_models_differ_in_edges_intervals_date_and_rules(self, root, capsys):
        models.diff("acme/2025-03-01", "acme/2025-04-15")
        assert capsys.readouterr().out == (
            "breaks of was 2025-12-31, is 2026-03-31\n"
            "recency was 30 · 90 (linear), is 28 · 90 (linear)\n"
            "recency between was 28–35 · 80–90, is 28–33 · 80–90\n"
            "line 2 was Loyal if recency is class 3 and frequency is class 2, "
            "is Loyal if recency is class 2 or 3\n"
            "line 3 was At risk if recency is class 2 or 3 [call them], is Lost for everyone else\n"
            "line 4 is gone (Lost for everyone else)\n"
        )

    def test_the_same_model_differs_in_nothing(self, root, capsys):
        models.diff("acme/2025-03-01", "runs/acme/2025-03-01")
        assert capsys.readouterr().out == "nothing differs: both runs use the same model\n"

    def test_machines_get_what_differs(self, root, capsys):
        models.diff("acme/2025-03-01", "acme/2025-04-15", as_json=True)
        found = json.loads(capsys.readouterr().out)
        assert found[0] == {"what": "breaks of", "before": "2025-12-31", "after": "2026-03-31"}


class TestSql:
    def test_the_model_as_one_select_that_runs(self, root, capsys):
        models.sql("acme/2025-03-01", table="my customers")
        with DuckDB() as engine:
            engine.execute(
                'create table "my customers" as select 1 as customer_id, 5 as recency, 9 as frequency'
            )
            assert engine.rows(capsys.readouterr().out) == [(1, 5, 9, 3, 2, "Loyal", 2, 2)]

    def test_in_the_words_of_another_database(self, root, capsys):
        models.sql("acme/2025-03-01", dialect="spark", candidate=True)
        assert "WHEN `recency` <= 28" in capsys.readouterr().out

    def test_an_unknown_dialect(self, root):
        with pytest.raises(ModelError) as error:
            models.sql("acme/2025-03-01", dialect="snowflak")
        assert str(error.value).endswith("(got 'snowflak'); did you mean snowflake?")


class TestRefused:
    def test_no_such_run(self, root):
        with pytest.raises(ArchiveError) as error:
            models.show("acme/2024-01-01")
        assert str(error.value) == (
            "'acme/2024-01-01' must name a published run, like demo/2025-12-31, or its folder (there is "
            "none); segcore list shows what there is"
        )

    def test_a_run_without_a_candidate(self, root):
        with pytest.raises(ArchiveError) as error:
            models.show("acme/2025-04-15", candidate=True)
        assert str(error.value) == (
            "runs/acme/2025-04-15/candidate.json: the run must have a model (it has none); its segment "
            "notebook must call model.save, then make the run again with --force"
        )

    def test_a_model_that_was_altered(self, root):
        path = root / "runs/acme/2025-03-01/model.json"
        rewrite(path, path.read_text().replace("30", "31", 1))
        with pytest.raises(ArchiveError) as error:
            models.sql("acme/2025-03-01")
        assert str(error.value) == (
            "runs/acme/2025-03-01/model.json: must be as it was sealed (it was altered); put it back "
            "from a copy, or make that run again with --force"
        )

    def test_a_model_of_an_earlier_schema(self, root):
        publish(root, dt.date(2024, 12, 31), model=known().to_json().replace(": 2,", ": 1,", 1))
        with pytest.raises(ModelError) as error:
            models.show("acme/2024-12-31")
        assert str(error.value) == (
            "runs/acme/2024-12-31/model.json: must be a model with schema 2 (got 1); "
            "another version of segcore wrote it: use that one, or fit anew"
        )
