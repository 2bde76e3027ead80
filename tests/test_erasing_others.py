"""Whoever is erased, nobody else is: neighbours in number and name, orders, the study and its rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from small_archive import APRIL, JUNE, MARCH, kept_input
from small_erasing import DATES, OTHERS, STUDY, hits, project, run
from test_erasing import erased, sheet

from segcore import archive
from segcore.errors import ArchiveError
from segcore.privacy import texts
from segcore.privacy.files import Eraser
from segcore.privacy.person import Person
from segcore.privacy.resealing import Change, made_anew

NAME = "Kanarienvogel KG"


def rows(places, date: dt.date, table: str = "listed") -> list[tuple[str, str]]:
    with duckdb.connect() as engine:
        found = engine.execute(f"from '{places.published(date)}/data/{table}.parquet'").fetchall()
    return [(row[0], row[1]) for row in found]


def records(places, date: dt.date) -> list[list[str]]:
    """The first two fields of all records in the stored extracts of a run."""
    entries = archive.open_run(places.published(date)).inputs
    read = [(places.inputs / f"{entry['sha256']}.csv").read_text(encoding="utf-8") for entry in entries]
    return [line.split(",")[:2] for text in read for line in text.splitlines()[1:]]


def test_a_manifest_keeps_all_but_words_of_people(tmp_path):
    places = project(tmp_path / "p", "acme-2", NAME)
    old = archive.open_run(places.published(JUNE))
    said = {"accepted": {"gate": "as acme-2 said"}, "packages": {"acme-2": "1"}, "notebooks": {"acme-2": "0"}}
    run = replace(old, manifest={**old.manifest, **said, "study": "acme-2"})
    change, eraser = Change(run, (), {}, {"run_date": "acme-2"}), Eraser(None, Person(("acme-2",)))
    made = made_anew(change, eraser, places.staging(JUNE), "2026-01-02").manifest
    assert made["accepted"] == {"gate": "as erased said"}
    assert made["packages"] == said["packages"] and made["notebooks"] == said["notebooks"]
    assert (made["study"], made["previous"]) == ("acme-2", {"run_date": "acme-2"})


def test_an_extract_whose_own_name_is_the_customers_number_is_named_without_it(tmp_path):
    places = project(tmp_path / "p", "K-77712", NAME)
    (places.root / "data" / "sales_K-77712.csv").write_text("customer,order,date,market,amount\n")
    kept = kept_input(places, "customer,order,date,market,amount\n", "sales_K-77712.csv")
    more = {**kept, "source": "transactions", "pattern": 0, "delivered": None, "bytes": 34}
    run(places, JUNE, {"K-77712": NAME, **OTHERS}, more=[more])
    archive.finish(places)
    erased(places, "K-77712")
    assert hits(["K-77712"], places.runs, places.reports) == []
    assert archive.open_run(places.published(JUNE)).inputs[-1]["name"] == "sales_erased.csv"


@pytest.mark.parametrize("longer", ["K-20001-A", "0/K-20001", "K-20001 B"])
def test_whose_number_only_holds_the_customers_stays(tmp_path, longer):
    places = project(tmp_path / "p", longer, NAME)
    told = erased(places, "K-20001")
    assert any("the number 'K-20001' also stands in rows of others: it goes from" in line for line in told)
    left = [(number, name) for number, name in {longer: NAME, **OTHERS}.items() if number != "K-20001"]
    for date in DATES:
        assert rows(places, date) == left
        assert [line[:2] for line in sheet(places.published(date) / "report" / "workbook.xlsx")] == [
            [*pair] for pair in left
        ]
        report = places.published(date) / "report"
        for name in ("moves.csv", "report.html", "customers.html"):
            text = (report / name).read_text(encoding="utf-8")
            assert text.count(longer) == 1 and text.count("K-20001") == longer.count("K-20001")
        mine = [order for number, order in records(places, date) if number == longer]
        assert len(mine) == 2 * len(archive.open_run(places.published(date)).inputs)
        assert {number for number, _ in records(places, date)} == {longer, *OTHERS} - {"K-20001"}
    assert hits(["Adler"], places.runs, places.reports) == []


def test_somebody_elses_order_of_the_customers_number_stays(tmp_path):
    twin = "2025-03-01-1"
    places = project(tmp_path / "p", twin, NAME)
    erased(places, twin)
    assert ("K-20001", twin) in rows(places, JUNE, "orders")
    assert rows(places, JUNE) == [*OTHERS.items()]
    assert ["K-20001", twin] in records(places, JUNE)
    assert {number for number, _ in records(places, JUNE)} == {*OTHERS}
    assert hits([NAME], places.runs, places.reports) == []


def test_a_record_of_somebody_else_that_names_the_customer_stays_and_is_told(tmp_path):
    places = project(tmp_path / "p", "K-77712", NAME)
    path = places.root / "data" / f"sales_{JUNE}.csv"
    path.write_text(path.read_text(encoding="utf-8") + f"K-20002,99,{JUNE},{NAME},1\n", encoding="utf-8")
    run(places, JUNE, {"K-77712": NAME, **OTHERS})
    told = erased(places, "K-77712")
    assert ["K-20002", "99"] in records(places, JUNE)
    assert any(line.startswith(f"{path.name}: names the customer in what is no record") for line in told)


def test_a_name_that_somebody_else_had_once_stays_theirs(tmp_path):
    places = project(tmp_path / "p", "K-77712", NAME)
    for date in (MARCH, APRIL, JUNE):
        once = {"K-20001": NAME} if date == MARCH else {}
        run(places, date, {"K-77712": NAME, **OTHERS, **once})
    told = erased(places, "K-77712")
    assert any(line.startswith(f"the name {NAME!r} is also that of others, a word of the") for line in told)
    assert ("K-20001", NAME) in rows(places, MARCH)
    text = (places.published(MARCH) / "report" / "moves.csv").read_text(encoding="utf-8")
    assert text.count(NAME) == 1 and "K-77712" not in text
    assert rows(places, JUNE) == [*OTHERS.items()]


@pytest.mark.parametrize("name", ["Winner", "market", "north"])
def test_words_of_the_study_are_not_taken_for_a_name(tmp_path, name):
    study = STUDY.replace("Good: {}", 'Good: {action: "Winner of north"}')
    places = project(tmp_path / "p", "K-77712", name, study=study)
    erased(places, "K-77712")
    for date in DATES:
        kept = places.published(date) / "study" / "acme.yaml"
        assert kept.read_text(encoding="utf-8") == study
        assert rows(places, date) == [*OTHERS.items()]
    assert {number for number, _ in records(places, JUNE)} == {*OTHERS}
    assert hits(["K-77712"], places.runs, places.reports) == []


@pytest.mark.parametrize("held", ["K-77712", NAME, "kanarienvogel kg"])
@pytest.mark.parametrize("name", ["acme.yaml", "acme.rules.csv", "acme.subscriptions.yaml"])
def test_files_beside_the_study_of_today_that_name_the_customer_are_told(tmp_path, name, held):
    places = project(tmp_path / "p", "K-77712", NAME)
    path = places.root / "params" / name
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}# {held} wants no mail\n", encoding="utf-8")
    told = erased(places, "K-77712")
    assert f"{path}: names the customer, also if only in a comment; take the customer out" in told
    assert path.read_text(encoding="utf-8").endswith(f"# {held} wants no mail\n")
    assert not [line for line in told if "params/" in line and str(path) not in line]


def test_the_study_that_a_run_keeps_is_not_rewritten_for_a_name(tmp_path):
    study = f"# {NAME} asked for it\n{STUDY}"
    places = project(tmp_path / "p", "K-77712", NAME, study=study)
    told = erased(places, "K-77712")
    assert "the study that runs keep names the customer, in a comment: it stays as it is" in told
    assert (places.published(JUNE) / "study" / "acme.yaml").read_text(encoding="utf-8") == study
    assert {Path(name).name for name in hits([NAME, "K-77712"], places.runs, places.reports)} == {"acme.yaml"}


@pytest.mark.parametrize("head", ["Number", "Nummer", "Customer no.", "Kundennr.", "Customer", "Kunde"])
def test_a_short_number_takes_its_row_of_a_page_in_every_language(head):
    table = (
        f'<table><thead><tr><th scope="col">Name</th><th scope="col">{head}</th></tr></thead><tbody>\n{{}}'
        "<tr><td>555</td><td>17</td></tr>\n</tbody></table>"
    )
    row = '<tr><td class="name">Adler</td><td>555</td></tr>\n'
    assert texts.page(table.format(row), Person(("555",))) == table.format("")


COMPUTED = STUDY.replace("customer_id: customer,", "customer_id: {sql: \"'X' || customer\"},")


def test_extracts_go_whole_whose_numbers_the_study_computes(tmp_path):
    places = project(tmp_path / "p", "77712", NAME, study=COMPUTED)
    for date in DATES:
        run(places, date, {"X77712": NAME, **OTHERS})
    with pytest.raises(ArchiveError, match="'X99999' must be the number of a customer of acme"):
        erased(places, "X99999")
    paths = [*places.inputs.glob("*.csv")]
    plan = erased(places, "X77712", yes=False)
    assert {f"{path}: is removed" for path in paths} <= {*plan}
    told = erased(places, "X77712")
    for said in (plan, told):
        assert f"the customer's number is computed: sales_{JUNE}.csv goes whole" in said
        assert any("files of transactions in the data folder may hold the customer" in line for line in said)
    assert [*places.inputs.glob("*.csv")] == []
    assert rows(places, JUNE) == [*OTHERS.items()]
    assert len(archive.verify_all(places.root / "runs")) == len(DATES)
