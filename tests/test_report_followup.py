"""The section on sales follow-up: what it shows of which tables, and what it leaves out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest
from report_runs import DATES, make_runs, write_project
from small_kpi import PREVIOUS, TODAY, Company, days_after, small_model, small_study
from small_runs import SEGMENTS
from test_report import plain

from segcore import charts, kpi, tables, transitions
from segcore.params.file import load_study
from segcore.report import SECTIONS, Report, load
from segcore.report.sections import followup

CHAMPIONS, LOYAL, ATTENTION, RISK, LOST = SEGMENTS
NAMES = ("followed", "books", "limits", "effect", "verdict", "sustained", "late", "suspicions")
NAMES += ("headline", "representatives")
MANY = [f"c{number:03}" for number in range(400)]


@pytest.fixture(autouse=True)
def nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are put out as in a run, for the runner to draw."""
    monkeypatch.setenv(charts.CHARTS, "specification")


def report(
    found: dict[str, Sequence[dict[str, Any]]], dates: Sequence[dt.date] = (PREVIOUS, TODAY)
) -> Report:
    flows = [{"run_date": day, "model_changed": False} for day in dates]
    model = small_model()
    rows = defaultdict(list, {"flows": flows, **found})
    return Report(small_study(), TODAY, {}, model, model, rows)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """All tables of a run in which 160 of 400 were followed up, by representatives with hostile names."""
    names = ("Zorn", "<b>Adler</b>", "Möller")
    with Company(tmp_path_factory.mktemp("company")) as company:
        folders = company.runs(
            {c: RISK if n % 2 else ATTENTION for n, c in enumerate(MANY)},
            {c: LOYAL if n % 10 == 0 else LOST for n, c in enumerate(MANY)},
            orders=[(c, days_after(8), 100) for n, c in enumerate(MANY) if n % 10 == 0],
            log=[(c, names[n % 3], days_after(4)) for n, c in enumerate(MANY[:160])],
            reps={c: names[n % 3] for n, c in enumerate(MANY)},
        )
        engine = company.engine
        engine.execute("alter table customers add column frequency BIGINT default 9")
        transitions.headline(engine, company.study)
        transitions.representatives(engine, company.study)
        kpi.gather(engine, folders[:-1])
        rows = kpi.measure(engine)
        kpi.followed(engine, rows)
        kpi.books(engine)
        kpi.limits(engine)
        kpi.overall(engine, company.study, rows)
        kpi.verdict(engine, company.study, rows)
        kpi.sustained(engine, company.study)
        kpi.late(engine)
        kpi.suspicions(engine, company.own)
        return {name: _rows(engine, name) for name in NAMES}


def _rows(engine, name) -> list[dict[str, Any]]:
    columns = list(engine.columns(name))
    return [dict(zip(columns, row, strict=True)) for row in engine.rows(tables.ordered(engine, name))]


def test_the_section_stands_on_its_evidence(measured):
    parts = followup.parts(report(measured))
    roles = [part.role for part in parts]
    first = ["finding", "body", "body", "body", "note"]
    assert roles == [*first, "body", "body", "note", "full", "body", "body"]
    assert plain(parts[0]) == (
        "Followed-up customers reached Champions or Loyal about as often as without a follow-up: 16, "
        "expected 16 (not an effect)"
    )
    assert plain(parts[1]).startswith(
        "Evidence: adjusted, not randomised. Not an effect. Nobody was held out."
    )
    assert 'class="ev"' in parts[1].html


def test_segments_stand_apart_and_together(measured):
    lines = plain(followup.parts(report(measured))[3]).split("\n")
    assert lines[:2] == [
        "Customers to be followed up, over the one run so far",
        "Segment Eligible to be followed up Followed Reached followed up or not Share Reached after a "
        "follow-up Expected Difference not an effect",
    ]
    assert lines[2:5] == [
        "Needs attention 200 80 40 20% 16 16.0 0.0",
        "At risk 200 80 0 0% 0 0.0 0.0",
        "Together 400 160 40 10% 16 16.0 0.0",
    ]
    assert plain(followup.parts(report(measured))[2]).endswith(
        "Reached is not the number now in a target at the top: it asks for an order in between, and sees "
        "both dates with the boundaries of the run before."
    )
    assert lines[5] == "The table does not show that a follow-up made anybody order: not an effect."


def test_representatives_stand_in_alphabetical_order_and_their_names_are_escaped(measured):
    parts = followup.parts(report(measured))
    table = parts[8].html
    assert "<b>Adler" not in table
    places = [table.index(name) for name in ("&lt;b&gt;Adler", "Möller", "Zorn")]
    assert places == sorted(places)
    assert "not a ranking" in table
    lines = plain(parts[8]).split("\n")
    assert lines[1] == (
        "Representative Eligible to be followed up Followed Reached followed up or not Shrunken share of "
        "eligible, 90% interval Colleagues' rate own book left out Reached after a follow-up Expected of "
        "these Difference not an effect 95% limits Against limits"
    )
    assert lines[2] == ("&lt;b&gt;Adler&lt;/b&gt; 133 53 13 10% 8–12% 10% 5 5.2 −0.2 −4.5 to +4.5 within")
    assert lines[-1] == (
        "Reached and the two shares count all who were to be followed up; the difference is that of those "
        "who reached after a follow-up less the expected ones. It does not show what anybody’s follow-ups "
        "were worth: not an effect, and not a ranking."
    )
    drawn = parts[6].data[charts.UNDRAWN]["charts"]
    assert len(drawn) == 2
    assert "a dashed point has fewer than 20 followed up. Not an effect." in plain(parts[7])
    assert drawn[0]["description"].startswith("Reached minus expected for each of 3 representatives.")


def test_the_headline_by_representative_stands_folded_behind_the_funnel(measured):
    folded = followup.parts(report(measured))[9]
    assert "<details" in folded.html
    assert plain(folded).split("\n") == [
        "Now in a target, by representative Representatives in alphabetical order; the table is not a "
        "ranking",
        "Representative In Needs attention at the run before Now in a target Share 95% interval Fell",
        "&lt;b&gt;Adler&lt;/b&gt; 66 13 20% 12–31% 53",
        "Möller 67 13 19% 12–30% 54",
        "Zorn 67 14 21% 13–32% 53",
        "Now in a target: Champions or Loyal. The representative is the one of 15 Feb. It does not show that "
        "a follow-up helped: it counts all of them, called or not.",
    ]
    without = followup.parts(report({**measured, "representatives": []}))
    assert len(without) == len(followup.parts(report(measured))) - 1


def test_without_a_comparison_there_is_no_funnel_and_no_expected(measured):
    bare = {"expected": None, "difference": None, "low95": None, "high95": None}
    none = {**measured, "limits": []}
    for name in ("followed", "books"):
        none[name] = [{**row, **bare, "unfollowed": 150} for row in measured[name]]
    text = "\n".join(plain(part) for part in followup.parts(report(none)))
    assert "No comparison: only 150 customers had no follow-up, and under 200" in text
    assert (
        "What follow-ups did cannot be told yet: too few customers were left without one to compare" in text
    )
    assert "Colleagues' rate own book left out" in text
    assert "95% limits" not in text


def test_without_follow_ups_one_line_says_so():
    parts = followup.parts(report({}))
    assert [plain(part) for part in parts] == [
        "No follow-ups were recorded, so nothing can be said of what they did."
    ]


def test_of_a_log_without_records_the_same_line_is_said(tmp_path):
    """Nobody followed up since the first run: each delivery is counted, and holds nothing but its header."""
    path = write_project(tmp_path, customers=80)
    text = path.read_text(encoding="utf-8")
    columns = "{customer_id: customer, rep: rep, date: date}"
    log = f"  followups: {{files: [visits.csv], columns: {columns}}}\nvariables:"
    path.write_text(text.replace("variables:", log, 1), encoding="utf-8")
    (tmp_path / "data" / "visits.csv").write_text("customer,rep,date\n", encoding="utf-8")
    run = make_runs(path, DATES[:2])[-1]
    found = load(load_study(path), dt.date.fromisoformat(run.name), run)
    first, *others = [plain(part) for part in followup.parts(found)]
    assert first == "No follow-ups were recorded, so nothing can be said of what they did."
    assert others == [
        "All four representatives have fewer than 20 of these customers each: too few to judge."
    ]
    said = "\n".join(plain(part) for part in SECTIONS["records"].parts(found))
    assert "Also used: all 80 records of customers and no record of follow-ups." in said


def test_a_first_run_says_when_there_will_be_something_to_say():
    assert followup.parts(report({}, (TODAY,))) == []
    (only,) = followup.parts(report({"records": [{"source": "followups", "loaded": 3}]}, (TODAY,)))
    assert plain(only) == (
        "This is the first run: what became of the customers who were to be followed up can be said from the "
        "next run on."
    )


def test_mistakes_and_suspicions_stand_at_the_end(measured):
    late = {
        "customer_id": "z",
        "date": TODAY,
        "rep": "R",
        "file": "f",
        "record": 1,
        "kind": "unknown customer",
    }
    suspicion = {
        "check": "orders on adjacent days", "rep": "Zorn", "customer_id": None, "name": "Zorn", "hits": 15,
        "of": 15, "others_hits": 0, "others_of": 45, "p_value": 1e-9, "detail": "orders",
    }  # fmt: skip
    future = {"source": "followups", "after_run_date": 2}
    found = {**measured, "late": [late], "suspicions": [suspicion], "reconciliation": [future]}
    *_, body, note = followup.parts(report(found))
    assert plain(body).split("\n") == [
        "1 follow-up is of a customer whom neither orders nor accounts know; mend the number (z on "
        "2025-04-01).",
        "2 follow-ups are dated after the run date and are not counted yet.",
        "Zorn: orders on adjacent days. So many who ordered have two orders within a day: 15 of 15 customers "
        "(100%), with all others 0 of 45 (0%). Look whether one order was written as two.",
    ]
    assert plain(note) == "It does not show that anybody cheats; it shows where to ask."
    after = {**found, "late": [late | {"kind": "after the order"}], "suspicions": []}
    *_, body, note = followup.parts(report(after))
    assert plain(body).endswith("The checks found nothing to ask about.")
    assert plain(note) == (
        "It does not show bad will: a call after an order is good manners, it just claims nothing."
    )


def test_everybody_whose_representative_changed_is_listed_with_who_is_credited(measured):
    row = {
        "customer_id": "c1", "rep": "1", "rep_name": "<b>Adler</b>", "rep_now": "2", "rep_now_name": "Zorn",
        "order_date": TODAY, "credit_rep": "2", "credit_name": "Zorn", "credit_by": "order", "reached": True,
    }  # fmt: skip
    nobody = {**row, "customer_id": "c2", "credit_rep": None, "credit_name": None, "credit_by": None}
    parts = followup.parts(report({**measured, "credited": [row, nobody]}))
    (folded,) = [part for part in parts if "Whose representative changed since the last run" in part.html]
    assert "<details" in folded.html
    assert plain(folded).split("\n") == [
        "Whose representative changed since the last run Customer At the last run Now By the order",
        "c1 &lt;b&gt;Adler&lt;/b&gt; Zorn Zorn the order's own",
        "c2 &lt;b&gt;Adler&lt;/b&gt; Zorn –",
    ]
    assert (
        "Counted so, in the end: &lt;b&gt;Adler&lt;/b&gt; 1 fewer and Zorn 1 more. It does not show"
        in plain(parts[8])
    )
