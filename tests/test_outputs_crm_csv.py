"""What a CRM gets: the customers whose segment changed."""

from __future__ import annotations

import pytest
from small_model import study
from small_runs import make_run

from segcore.engine import DuckDB
from segcore.outputs import crm_csv

STUDY = study({"recency": {"classes": 3}})
HEAD = "customer_id,name,representative,previous,new,since,reason,run"


@pytest.fixture
def engine():
    with DuckDB() as engine:
        yield engine


def lines(engine, tmp_path, of=STUDY):
    crm_csv.write(engine, of, tmp_path / "crm.csv")
    return (tmp_path / "crm.csv").read_text(encoding="utf-8-sig").splitlines()


def test_who_changed_is_in_it_with_before_now_and_why_and_nobody_else(engine, tmp_path):
    names = ("VARCHAR", {"a": "Åse;=1", "b": "Bo", "c": "Cy", "d": "Di", "e": "Ed"})
    rep = ("VARCHAR", dict.fromkeys("abcde", "07"))
    was = {"a": "Lost", "b": "Loyal", "c": "Loyal", "e": "Lost"}
    now = {"a": "Loyal", "c": "Loyal", "d": "Lost", "e": "Lost"}
    old = make_run(engine, tmp_path / "2025-01-01", was, name=names, rep=rep)
    make_run(engine, tmp_path / "2025-02-15", now, earlier=[old], name=names, rep=rep)
    engine.execute("create table reps as select '07' as rep, 'Anke' as name")
    engine.execute("alter table moves add column mark varchar")
    engine.execute("update moves set mark = 'earned' where customer_id = 'a'")
    assert lines(engine, tmp_path) == [
        HEAD,
        "a,Åse;'=1,Anke,Lost,Loyal,2025-02-15,By their orders,acme/2025-02-15",
        "b,Bo,Anke,Loyal,,2025-02-15,No longer in the population,acme/2025-02-15",
        "d,Di,Anke,,Lost,2025-02-15,First order,acme/2025-02-15",
    ]


def test_a_first_run_changes_nobody(engine, tmp_path):
    make_run(engine, tmp_path / "2025-01-01", {"a": "Loyal"})
    assert lines(engine, tmp_path) == [HEAD]


def test_it_suits_the_spreadsheet_of_the_study(engine, tmp_path):
    make_run(engine, tmp_path / "2025-01-01", {"a": "Loyal"})
    german = STUDY.model_copy(update={"spreadsheet": "german"})
    assert lines(engine, tmp_path, german) == [HEAD.replace(",", ";")]
