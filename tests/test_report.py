"""What the report says of the runs of a small company: first, second and third."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from report_runs import DATES, make_runs, write_project
from segcore.report.top import lead, next_run, warnings

from segcore import charts, report
from segcore.errors import ArchiveError, SegcoreError
from segcore.params_file import load_study
from segcore.report import Report
from segcore.report.summary import made as made_summary
from segcore.report.summary import summary

FIRST, SECOND, THIRD = range(3)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_runs(write_project(tmp_path_factory.mktemp("project")))


@pytest.fixture(scope="module")
def reports(runs: list[Path]) -> list[Report]:
    study = runs[0].parents[2] / "params" / "acme.yaml"
    return [report.load(load_study(study), date, str(run)) for date, run in zip(DATES, runs, strict=True)]


def plain(shown: object) -> str:
    """What a reader reads without styles: the text of fragments, a line for each block, tags cut out."""
    html = "".join(
        part.html for part in (shown if isinstance(shown, list) else [shown]) if hasattr(part, "html")
    )
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
    text = re.sub(r"</(p|tr|caption|h\d|div)>", "\n", text.replace("\n", " "))
    text = re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ").replace("&nbsp;", " ").replace("&ensp;", " ")
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def test_nothing_runs_together_without_styles(reports):
    """As a notebook shows it that is not trusted: only tags are left, and here not even those."""
    third = reports[THIRD]
    parts = (
        report.begin, report.figures, report.attention, report.segments_today, report.who_moved,
        report.matrix, report.over_runs, report.how_made, report.breaks_and_rules, report.records,
        report.provenance,
    )  # fmt: skip
    shown = [piece.html for part in parts for piece in part(third) if hasattr(piece, "html")]
    html = "".join(piece for piece in shown if "<style" not in piece)
    pieces = re.split(r"(?:<[^>]+>)+", html)
    assert len(pieces) > 500
    joined = [(a, b) for a, b in pairwise(pieces) if re.search(r"\S$", a) and re.match(r"[\w€=+−–]", b)]
    assert joined == []
    text = " ".join(plain(report.matrix(third)).split())
    assert re.search(r"2 Loyal \d+ (\d+% )?", text), text


def test_the_lead_tells_the_news(reports):
    assert lead(reports[THIRD]) == (
        "ACME has **254 customers**, as many as in April. The two best segments, 123 customers, bring 71% "
        "of order value; **81 need attention**, 2 more. Since 5 April **77 moved up and 98 moved down**. "
        "9 customers are new, 5 have returned and 14 are gone. Of 79 customers who needed attention on "
        "5 April, **45 are now Champions or Loyal**."
    )


def test_the_first_run_says_that_it_is_the_first(reports):
    assert lead(reports[FIRST]) == (
        "ACME has **225 customers**. The two best segments, 98 customers, bring 57% of order value; "
        "**84 need attention**. This is the first run; changes appear from the next run on."
    )
    assert report.attention(reports[FIRST]) == []
    assert report.matrix(reports[FIRST]) == []
    first = "This is the first run; changes appear from the next run on"
    assert plain(report.who_moved(reports[FIRST])) == f"2 Who moved\n{first}"
    assert plain(report.over_runs(reports[FIRST])) == f"3 Segments over runs\n{first}"
    figures = plain(report.figures(reports[FIRST]))
    assert "Moved up / down\n–\nfrom the next run on" in figures
    assert figures.endswith("Order value: last 4 months. Trends appear from the next run on.")
    assert "None" not in figures


def test_the_header_tells_facts_and_no_clock(reports):
    head = plain(report.begin(reports[THIRD])[1])
    assert head.startswith(
        "Customer segments\nACME customers — segments on 20 May 2025\nStudy ACME customers"
    )
    assert (
        "Run 20 May 2025, 3rd run\nCompared with 5 April 2025\nData until 19 May 2025\nNext run 4 July 2025"
        in head
    )
    assert "Compared with nothing, first run" in plain(report.begin(reports[FIRST])[1])


def test_the_next_run_is_due_when_the_study_says():
    assert next_run(dt.date(2025, 1, 31), "45 days") == dt.date(2025, 3, 17)
    assert next_run(dt.date(2025, 1, 31), "1 month") == dt.date(2025, 2, 28)
    assert next_run(dt.date(2024, 2, 29), "2 weeks") == dt.date(2024, 3, 14)


def test_old_data_are_warned_of_on_top(reports):
    assert warnings(reports[THIRD]) == []
    orders = replace(reports[THIRD].orders, newest=dt.date(2025, 5, 12))
    old = replace(reports[THIRD], orders=orders)
    assert [name for name, _ in warnings(old)] == ["Old data."]
    assert (
        plain(report.begin(old)[1])
        .split("\n")[2]
        .startswith("Old data. The newest order is of 12 May 2025, 8 days before the run date.")
    )
    edge = replace(reports[THIRD], orders=replace(orders, newest=dt.date(2025, 5, 13)))
    assert warnings(edge) == []


def test_figures_have_trends_and_what_these_begin_with(reports):
    shown = report.figures(reports[THIRD])[0]
    text = plain(shown)
    assert "Customers\n254\n0 since 5 Apr\n225 in Feb 2025" in text
    assert "Needs attention\n81\n+2 since 5 Apr\n84 in Feb 2025" in text
    assert "Moved up / down\n77 / 98\nnet −21, was −2\nnet −2 in Apr 2025" in text
    assert "Order value\n€ 168,700\n+24.4% on last run\n€ 109,400 in Feb 2025" in text
    assert shown.html.count('<figure class="chart"') == 5


def test_the_headline_is_told_by_representative_in_alphabetical_order(reports):
    shown = plain(report.attention(reports[THIRD]))
    assert shown.split("\n")[:2] == [
        "Since 5 April",
        "Of 79 customers who needed attention on 5 April, 45 are now Champions or Loyal "
        "(57%, 95% interval 46–67%)",
    ]
    assert "Rep A 41 25 61% 46–74%" in shown
    assert "Rep B 14 8 too few –" in shown
    assert shown.index("Rep A") < shown.index("Rep B") < shown.index("Rep D") < shown.index("All 4 79 45 57%")
    assert "The representative is the one of 5 Apr. Hatched: fewer than 20 customers, no judgement." in shown


def test_without_representatives_there_is_no_table(reports):
    frame = reports[THIRD].frames["headline"].assign(rep="not recorded", name="not recorded")
    bare = replace(reports[THIRD], frames={**reports[THIRD].frames, "headline": frame})
    html = "".join(part.html for part in report.attention(bare))
    assert "<table" not in html
    assert "**" not in html


def test_segments_add_up_and_have_ranges(reports):
    lines = plain(report.segments_today(reports[THIRD])).split("\n")
    assert lines[1] == "The two best segments are 48% of customers and 71% of order value"
    rows = [line for line in lines if re.match(r"\d (Champions|Loyal|Needs attention|Lost)", line)]
    assert len(rows) == 4
    assert rows[0] == "1 Champions Early access 117 +1 46% 69% 8–18 d 5–9 2.3–5.0 1–4 Early access"
    assert any(
        line.startswith("All customers 254 0 100% 100% € 168,700 ordered in 4 months") for line in lines
    )


def test_more_variables_get_a_table_in_blocks(reports):
    one = reports[THIRD]
    variables = tuple(replace(one.used.variables[0], name=f"v{i}") for i in range(7))
    classes = {v.name: v.classes for v in variables}
    rules = replace(one.used.rules, variables=classes, rules=())
    wide = replace(one, used=replace(one.used, variables=variables, rules=rules))
    assert 'class="segs many most"' in report.segments_today(wide)[1].html
    assert 'class="segs"' in report.segments_today(one)[1].html


def test_moves_are_drawn_and_counted(reports):
    heading, drawn, side = report.who_moved(reports[THIRD])
    assert plain(heading) == "2 Who moved\n175 customers changed segment, slightly more down than up"
    assert isinstance(drawn, charts.TwoWidths)
    assert "Grey bands are the 65 customers who stayed." in plain(side)
    assert "14 no longer counted." in plain(side)
    table = plain(report.matrix(reports[THIRD]))
    assert re.search(r"^Returned customers .* 5$", table, re.MULTILINE)
    totals = re.search(r"^All on 20 May (.*)$", table, re.MULTILINE)
    assert [int(n) for n in totals[1].split()] == [117, 6, 81, 50, 14]


def test_a_matrix_marks_small_cells_and_has_no_percentage_for_them(reports):
    html = report.matrix(reports[THIRD])[0].html
    few = re.findall(r'<td class="num few">(\d+) <small>(.*?)</small>', html)
    moved = re.findall(r'<td class="num (?:mvd|st)">(\d+) <small>(.*?)</small>', html)
    assert few and moved
    assert all(0 < int(n) < 20 and share == "\u00a0" for n, share in few)
    assert all(int(n) >= 20 and share.endswith("%") for n, share in moved)


def test_moves_that_are_missing_are_said_to_be(reports):
    one = reports[THIRD]
    flows = one.frames["flows"].assign(stayed=pd.NA)
    bare = replace(one, frames={**one.frames, "flows": flows})
    text = "Moves cannot be shown: the run of 5 April 2025 is not in the archive"
    assert plain(report.who_moved(bare)) == f"2 Who moved\n{text}"
    assert f"{text}." in lead(bare)
    assert report.matrix(bare) == []


def test_segments_over_runs(reports):
    heading, drawn, side = report.over_runs(reports[THIRD])
    assert plain(heading).startswith("3 Segments over 3 runs\n")
    assert isinstance(drawn, charts.TwoWidths)
    assert plain(side) == (
        "All four charts have the same scale, 0 to 120 customers, and start at zero. Runs are 45 days apart."
    )
    assert plain(report.over_runs(reports[SECOND])[0]).startswith("3 Segments over two runs\n")


def test_breaks_of_a_later_date_are_said_to_be(reports):
    notes = plain(report.how_made(reports[FIRST])[-1])
    assert "The breaks are of 5 April 2025, which is after this run" in notes
    assert "Dotted lines" in notes
    own = plain(report.how_made(reports[SECOND]))
    assert "The breaks were made from this run’s own customers" in own
    assert "Dotted lines" not in own
    later = plain(report.how_made(reports[THIRD])[-1])
    assert "To accept this run’s own breaks, set breaks: from: 2025-05-20 in the study" in later


def test_rules_are_told_in_values_with_their_customers(reports):
    lines = plain(report.breaks_and_rules(reports[THIRD])).split("\n")
    assert lines[2] == "Last order days ago 27 · 61 29 · 62"
    assert lines[-5:] == [
        "1 Champions Last order up to 27 days ago and 3 or more orders in 12 months 117",
        "2 Loyal Last order up to 27 days ago 6",
        "3 Needs attention Last order 28 to 61 days ago call them 81",
        "4 Lost Everyone else 50",
        "All customers 254",
    ]


def test_the_records_are_an_equation(reports):
    text = plain(report.records(reports[THIRD])).split("\n")
    assert text[0] == "Every record read is accounted for"
    assert " ".join(text[1:6]).startswith(
        "2,096 records read = 2,094 used + 1 duplicate + 1 excluded by rule + 0"
    )
    assert "Excluded, not netted: cancelled 1 (−€ 20.50)." in "\n".join(text)
    later = plain(report.records(reports[FIRST]))
    assert re.search(r"\+ \d+ after the run date", " ".join(later.split("\n")))
    report.check_released(reports[THIRD])


def test_records_that_do_not_add_up_stop_the_report_after_saying_so(reports):
    one = reports[THIRD]
    frame = one.frames["reconciliation"].assign(
        loaded=lambda f: f["loaded"] - (f["source"] == "transactions")
    )
    wrong = replace(one, frames={**one.frames, "reconciliation": frame})
    html = report.records(wrong)[0].html
    assert "<b>The records do not add up. This report must not be used and is not released.</b>" in html
    assert "Every record read is accounted for" not in html
    with pytest.raises(SegcoreError) as caught:
        report.check_released(wrong)
    assert caught.value.problems == (
        "sales.csv: every record must be loaded, a duplicate, after the run date, excluded or quarantined "
        "(got 2096 records and 2095 outcomes); the report is not released, make the run again",
    )


def test_provenance_names_every_input_by_its_content(reports):
    text = plain(report.provenance(reports[THIRD]))
    assert "Breaks kept, of 5 April 2025, fitted from the extracts at hand" in text
    assert len(re.findall(r"^(sales|accounts)\.csv – [\d,]+ [0-9a-f]{64}$", text, re.MULTILINE)) == 2


def test_a_run_alone_needs_no_record(reports):
    assert "Inputs" not in plain(report.provenance(replace(reports[THIRD], record={})))


def test_of_thousands_of_inputs_the_first_are_named_and_the_others_counted(reports):
    record = reports[THIRD].record
    many = [{**record["inputs"][0], "name": f"sales_{i:04}.csv"} for i in range(3000)]
    lines = plain(report.provenance(replace(reports[THIRD], record={**record, "inputs": many}))).splitlines()
    assert [line.split()[0] for line in lines if line.startswith("sales_")] == [
        f"sales_{i:04}.csv" for i in range(20)
    ]
    assert lines[-1] == "And 2,980 more; the run’s manifest.json names all."


def test_the_summary_is_for_machines_and_the_same_each_time(runs, reports, tmp_path):
    report.write_summary(reports[THIRD], runs[THIRD])
    told = summary(runs[THIRD])
    assert told == json.loads(json.dumps(made_summary(reports[THIRD])))
    best = told["segments"][0]
    assert (best["segment"], best["customers"], best["change"]) == ("Champions", 117, 1)
    assert told["moves"]["up"] == 77
    assert told["headline"] | {"low": 0, "high": 0} == {
        "segment": "Needs attention", "targets": ["Champions", "Loyal"], "customers": 79, "reached": 45,
        "share": 0.56962, "low": 0, "high": 0,
    }  # fmt: skip
    assert told["order_value"] == {"currency": "EUR", "window": "4 months", "amount": "168675.4700"}
    assert told["report"] == "reports/acme/2025-05-20/report.html"
    assert made_summary(reports[FIRST])["headline"] is None
    with pytest.raises(ArchiveError) as caught:
        summary(tmp_path)
    assert caught.value.problems == (
        f"{tmp_path}/data/summary.json: the run must have a summary (no such file); its report notebook "
        "must call report.write_summary, then make the run again with --force",
    )


def test_counts_that_leave_no_room_have_their_percentage_below(reports):
    one = reports[THIRD]
    assert 'class="mx"' in report.matrix(one)[0].html
    many = one.frames["matrix"].assign(customers=lambda f: f["customers"] * 100_000)
    large = replace(one, frames={**one.frames, "matrix": many})
    assert 'class="mx stack"' in report.matrix(large)[0].html
