"""The demo's study, which users copy from, against the files that the demo writes."""

from __future__ import annotations

import csv
from pathlib import Path

from segcore.demo import RUN_DATES, write_demo
from segcore.demo.company import MARKETS
from segcore.demo.truth import SAFE, TRUTH
from segcore.demo.truth import STUDY as NAME
from segcore.params.file import load_study
from segcore.tables import TABLES

STUDY = Path(__file__).parents[1] / "params" / "demo.yaml"
RULES = STUDY.with_name("demo.rules.csv")
PAGE = STUDY.parents[1] / "docs" / "what-the-demo-holds.md"


def test_the_study_maps_every_column_of_every_source(tmp_path: Path) -> None:
    made = write_demo(tmp_path, customers=100)
    sources = load_study(STUDY).sources.given()
    files = {
        "transactions": made.deliveries[0].name,
        "customers": "accounts.csv",
        "followups": "visits_2025-12-31.csv",
        "reps": "reps.csv",
    }
    assert sources.keys() == files.keys()
    for kind, name in files.items():
        assert list(sources[kind].columns_by_file()) == (tmp_path / name).read_text("cp1252").partition("\n")[
            0
        ].split(";")


def test_the_page_about_the_demo_has_the_table_of_what_was_planted() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = [
        f"| {name} | {', '.join(t.who) or 'all'} | {t.value:g} | {t.since or 'always'} | {t.says} | "
        f"{', '.join(f'`{table}`' for table in t.found)} |"
        for name, t in TRUTH.items()
    ]
    assert [line for line in lines if line.startswith("| ")][1:] == found


def test_what_was_planted_is_to_be_found_in_tables_of_a_run() -> None:
    assert {table for planted in TRUTH.values() for table in planted.found} <= TABLES.keys()


def test_the_rule_table_has_a_column_per_variable_and_the_segments_of_the_study() -> None:
    study = load_study(STUDY)
    with RULES.open(encoding="utf-8", newline="") as file:
        rules = list(csv.DictReader(file))

    assert list(rules[0]) == ["segment", *study.variables, "note"]
    assert list(dict.fromkeys(rule["segment"] for rule in rules)) == list(study.segments)
    assert {rule["furniture_orders"] for rule in rules} == {"*"}
    assert set(list(rules[-1].values())[1:-1]) == {"*"}


def test_the_study_keeps_the_breaks_of_the_first_run_and_refits_once_before_the_last() -> None:
    study = load_study(STUDY)
    assert study.breaks.dates == (RUN_DATES[0], TRUTH["new breaks"].since)
    assert TRUTH["new breaks"].since in RUN_DATES[1:-1]
    assert study.follow_up.holdout == TRUTH["held out"].value < SAFE
    assert study.name == NAME
    assert study.data_dir == "data/demo"
    assert study.variables["furniture_orders"].sql is not None
    assert f"'{MARKETS[1]}'" in study.variables["furniture_orders"].sql
