"""What a study means once it has been read."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from small_sources import study_in, written

from segcore.kinds import KINDS
from segcore.params import Format, Study
from segcore.params.file import load_study
from segcore.project import studies_in
from segcore.variables import RECENCY, VARIABLES

STUDIES = studies_in(Path(__file__).parents[1] / "params")
MORE = (
    "variables:",
    """\
  customers: {files: [accounts.csv], columns: {customer_id: Kunde, region: Gebiet}}
  reps: {files: [reps.csv], format: {delimiter: "|"}, columns: {rep: Vertreter}, unique: record}
variables:""",
)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_the_shipped_studies_load_and_have_their_rule_tables(path: Path) -> None:
    study = load_study(path)
    assert study.name == path.stem
    assert study.rules_path.is_file()


def test_a_study_cannot_be_changed(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    with pytest.raises(ValidationError, match="Instance is frozen"):
        study.title = "another"  # type: ignore[misc]


def test_what_a_study_leaves_out_has_a_default(tmp_path: Path) -> None:
    study = study_in(tmp_path)
    assert (study.run_every, study.memory_limit, study.max_gap_days) == ("45 days", "2GB", 7)
    assert study.population.active_within is None
    assert study.heading == "Customer segments"
    assert (study.data_dir, study.mail, study.follow_up.target) == (None, None, ())


def test_a_source_without_a_format_is_written_as_the_transactions_are(tmp_path: Path) -> None:
    sources = study_in(tmp_path, MORE).sources.given()
    assert list(sources) == ["customers", "reps", "transactions"]
    assert sources["customers"].format == sources["transactions"].format
    assert sources["reps"].format == Format(delimiter="|")


def test_a_source_without_a_key_has_that_of_its_kind(tmp_path: Path) -> None:
    sources = study_in(tmp_path, MORE).sources.given()
    assert sources["customers"].unique == ("customer_id",)
    assert sources["reps"].unique == "record"


def test_every_kind_of_source_has_required_columns_and_a_key() -> None:
    for kind in KINDS.values():
        assert set(kind.required) <= set(kind.columns)
        assert kind.key == "record" or set(kind.key) <= set(kind.required)


def test_a_column_may_be_written_in_short_and_knows_its_place_in_the_file(tmp_path: Path) -> None:
    study = study_in(
        tmp_path, ("Kunde\n", "{from: Kunde, zero_pad: 10}\n"), ("Sparte", '{sql: "left(order_id, 1)"}')
    )
    transactions = study.sources.transactions
    assert transactions.columns["order_id"].from_ == "Auftrag"
    assert transactions.columns["customer_id"].zero_pad == 10
    assert transactions.columns_by_file() == {
        "Kunde": "customer_id",
        "Auftrag": "order_id",
        "Position": "item",
        "Datum": "order_date",
        "Umsatz": "amount",
    }


def test_a_known_variable_keeps_its_definition_and_takes_the_study_s_words(tmp_path: Path) -> None:
    change = ("{classes: 2}", "{classes: 2, label: Pause, unit: Tage}")
    recency = study_in(tmp_path, change).resolved_variables()["recency"]
    assert (recency.label, recency.unit) == ("Pause", "Tage")
    assert (recency.sql, recency.better) == (RECENCY.sql, "low")


def test_a_variable_of_the_study_needs_nothing_but_its_sql(tmp_path: Path) -> None:
    change = ("{recency: {classes: 2}}", "{big_orders: {classes: 2, sql: count(*)}}")
    mine = study_in(tmp_path, change).resolved_variables()["big_orders"]
    assert (mine.label, mine.unit, mine.better, mine.windowed) == ("Big orders", "", "high", True)


def test_low_is_good_for_recency_alone() -> None:
    assert [name for name, variable in VARIABLES.items() if variable.better == "low"] == ["recency"]


def test_a_manifest_can_hold_a_study_and_give_it_back(tmp_path: Path) -> None:
    study = study_in(tmp_path, MORE, ("policy: refit", "policy: keep, from: 2025-12-31"))
    record = json.loads(json.dumps(study.resolved()))
    assert record["breaks"] == {"policy": "keep", "from": "2025-12-31"}
    assert "path" not in record
    assert Study(**record, path=study.path) == study


def test_breaks_may_be_of_several_dates_and_a_run_uses_the_latest_up_to_its_own(tmp_path: Path) -> None:
    study = study_in(tmp_path, ("policy: refit", "policy: keep, from: [2025-03-31, 2025-12-31]"))
    record = json.loads(json.dumps(study.resolved()))
    days = ("2025-01-01", "2025-03-31", "2025-12-30", "2025-12-31", "2026-12-31")

    assert record["breaks"] == {"policy": "keep", "from": ["2025-03-31", "2025-12-31"]}
    assert Study(**record, path=study.path) == study
    assert [str(study.breaks.at(dt.date.fromisoformat(day))) for day in days] == [
        "2025-03-31",
        "2025-03-31",
        "2025-03-31",
        "2025-12-31",
        "2025-12-31",
    ]


def test_a_list_of_one_date_is_kept_as_it_was_written_and_means_the_date(tmp_path: Path) -> None:
    study = study_in(tmp_path, ("policy: refit", "policy: keep, from: [2025-12-31]"))
    assert study.resolved()["breaks"] == {"policy": "keep", "from": ["2025-12-31"]}
    assert study.breaks.at(dt.date(2025, 1, 1)) == dt.date(2025, 12, 31)


def test_without_a_date_there_are_no_breaks_to_keep(tmp_path: Path) -> None:
    breaks = study_in(tmp_path, ("policy: refit", "policy: keep")).breaks
    assert (breaks.dates, breaks.at(dt.date(2025, 12, 31))) == ((), None)


def test_the_path_does_not_matter_for_what_a_study_says(tmp_path: Path) -> None:
    here, there = load_study(written(tmp_path / "a")), load_study(written(tmp_path / "b"))
    assert here.path != there.path
    assert here.resolved() == there.resolved()
