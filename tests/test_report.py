"""What the report says of the runs of a small company: first, second and third."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from report_runs import DATES, make_runs, write_project

from segcore import charts
from segcore.errors import ArchiveError, SegcoreError, UsageError
from segcore.outputs import OUTPUTS
from segcore.params.file import load_study
from segcore.report import SECTIONS, Report, check_released, load, show, write_summary
from segcore.report.parts import Part
from segcore.report.sections.top import lead, warnings
from segcore.report.summary import made, summary
from segcore.sentences import unshown

FIRST, SECOND, THIRD = range(3)


def read_runs(study_path: Path, runs: list[Path]) -> list[Report]:
    return [load(load_study(study_path), dt.date.fromisoformat(run.name), run) for run in runs]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    study_path = write_project(tmp_path_factory.mktemp("project"))
    return read_runs(study_path, make_runs(study_path))


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A second run whose study calls another segment Regulars; nobody is in Loyal any more."""
    root = tmp_path_factory.mktemp("renamed")
    earlier = make_runs(write_project(root), DATES[:1])
    study_path = write_project(root, {"Loyal": "Regulars"})
    return read_runs(study_path, make_runs(study_path, DATES[1:2], earlier))[-1]


@pytest.fixture(autouse=True)
def nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are put out as in a run, for the runner to draw."""
    monkeypatch.setenv(charts.CHARTS, "specification")


def html_of(part: Part) -> str:
    undrawn: dict[str, Any] = part.data.get(charts.UNDRAWN, {})
    return part.html or str(undrawn.get("html", ""))


def drawings(part: Part) -> list[dict[str, Any]]:
    """The charts of a piece, each as wide as a desk's page has it."""
    undrawn: dict[str, Any] = part.data.get(charts.UNDRAWN, {})
    return list(undrawn.get("charts", ()))


def section(report: Report, anchor: str) -> list[Part]:
    return list(SECTIONS[anchor].parts(report))


def plain(*parts: Part) -> str:
    """What a reader reads without styles: a line for each block, tags cut out, a chart as its words."""
    html = "\n".join(html_of(part) or f"<p>{part.data['text/plain']}</p>" for part in parts)
    text = re.sub(r"<style[^>]*>.*?</style>", "", html, flags=re.DOTALL)
    text = re.sub(r"</(p|tr|caption|h\d|div)>", "\n", text.replace("\n", " "))
    text = re.sub(r"<[^>]+>", "", text).replace("\u00a0", " ").replace("&nbsp;", " ").replace("&#39;", "'")
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def told(report: Report, anchor: str, *roles: str) -> str:
    """A section, or its pieces of some roles."""
    return plain(*(part for part in section(report, anchor) if not roles or part.role in roles))


def changed(
    report: Report, name: str, change: Callable[[dict[str, Any]], dict[str, Any]], /, **where: object
) -> Report:
    """The report as if rows of a table were others."""
    rows = [
        {**row, **change(dict(row))} if all(row[key] == value for key, value in where.items()) else row
        for row in report.tables[name]
    ]
    return with_tables(report, **{name: rows})


def with_tables(report: Report, **tables: Sequence[Mapping[str, Any]]) -> Report:
    """The report as if its run had these tables."""
    found = copy(report.tables)
    found.update(tables)
    return replace(report, tables=found)


def without(report: Report, *names: str) -> Report:
    """The report as if tables had no rows."""
    return with_tables(report, **dict.fromkeys(names, ()))


def test_nothing_runs_together_without_styles(reports):
    """As a notebook shows it that is not trusted: only tags are left, and here not even those."""
    shown = [html_of(part) for anchor in SECTIONS for part in section(reports[THIRD], anchor)]
    pieces = re.split(r"(?:<[^>]+>)+", "".join(html for html in shown if "<style" not in html))
    assert len(pieces) > 500
    joined = [(a, b) for a, b in pairwise(pieces) if re.search(r"\S$", a) and re.match(r"[\w€=+−–]", b)]
    assert joined == []


def test_a_section_that_does_not_exist_is_named_with_those_that_do(reports):
    with pytest.raises(UsageError) as caught:
        show(reports[THIRD], "regions")
    assert caught.value.problems == (
        "section must be one of top, figures, attention, segments, moves, why, runs, followup, calls, "
        "breaks, records or provenance (got 'regions')",
    )


def drawn_or_crossed(part: Part) -> bool:
    """Whether a piece is a chart or a matrix."""
    return bool(drawings(part)) or '<table class="mx' in html_of(part)


@pytest.mark.parametrize(("run", "least"), [(FIRST, 2), (SECOND, 7), (THIRD, 7)])
def test_every_chart_and_every_matrix_stands_beside_what_it_does_not_show(reports, run, least):
    """In its own section: in the text of the piece itself, in a note or below a table."""
    report = reports[run]
    shown = {anchor: sum(map(drawn_or_crossed, section(report, anchor))) for anchor in SECTIONS}
    said = {anchor: len(re.findall(r"\b(?:does|do) not show\b", told(report, anchor))) for anchor in SECTIONS}
    figures = {anchor for anchor, number in shown.items() if number}
    assert sum(shown.values()) >= least
    assert {anchor for anchor in figures if not said[anchor]} == set()


UNSHOWN = {
    "figures": ("figures",),
    "segments": ("segments",),
    "moves": ("flow", "matrix", "movers", "accounts"),
    "runs": ("sizes", "stays", "forecast"),
    "breaks": ("spread", "classes", "edges", "drift"),
    "calls": ("calls",),
}
"""Section → its figures, as ``NOT_SHOWN`` names them."""


@pytest.mark.parametrize("anchor", UNSHOWN)
def test_a_section_says_of_each_of_its_figures_what_it_does_not_show(reports, anchor):
    text = told(reports[THIRD], anchor)
    assert [text.count(unshown.NOT_SHOWN[figure]) for figure in UNSHOWN[anchor]] == [1] * len(UNSHOWN[anchor])


@pytest.mark.parametrize("run", [FIRST, SECOND, THIRD])
def test_a_section_with_a_title_begins_with_what_it_has_found(reports, run):
    titled = [section(reports[run], anchor) for anchor, one in SECTIONS.items() if one.title]
    assert [[part.role for part in parts].count("finding") for parts in titled if parts] == (
        [1] * (5 if run == FIRST else 9)
    )
    assert all(parts[0].role == "finding" for parts in titled if parts)


def test_the_lead_tells_the_news(reports):
    assert lead(reports[THIRD]) == (
        "ACME has **254 customers**, as many as in April. The two best segments, Champions and Loyal, have "
        "48% of customers and bring 71% of order value. **81 are in Needs attention**, 2 more. Since 5 April "
        "77 moved up, all of them ordered; 98 moved down, 82 of them without an order. 3 customers are new, "
        "11 have returned and 14 are gone. Of 79 customers in Needs attention on 5 April, **45 are now "
        "Champions or Loyal**. At least 204 customers worth €\u00a0155,200 will fall before the run of "
        "4 July unless they order. 58 of 254 customers (23%) lie so near the edge of a class that chance "
        "could have put them into another segment."
    )


def test_the_lead_says_nothing_of_attention_that_no_segment_asks_for(reports):
    segments = {
        name: one.model_copy(update={"follow_up": False})
        for name, one in reports[THIRD].study.segments.items()
    }
    study = reports[THIRD].study.model_copy(update={"segments": segments})
    calm = without(replace(reports[THIRD], study=study), "headline", "representatives", "verdict")
    assert "ttention" not in lead(calm)
    assert section(calm, "attention") == []
    assert "Lost\n50\n+7 since 5 Apr" in told(calm, "figures")


def test_the_first_run_says_that_it_is_the_first(reports):
    first = reports[FIRST]
    assert lead(first) == (
        "ACME has **225 customers**. The two best segments, Champions and Loyal, have 44% of customers and "
        "bring 57% of order value. **84 are in Needs attention**. At least 182 customers worth "
        "€\u00a097,300 will fall before the run of 5 April unless they order. 55 of 225 customers (24%) lie "
        "so near the edge of a class that chance could have put them into another segment. This is the first "
        "run; moves appear from the next run on."
    )
    assert section(first, "attention") == []
    assert told(first, "moves") == "This is the first run; moves appear from the next run on"
    assert section(first, "runs") == []
    figures = told(first, "figures")
    assert "Moved up / down\n–\nfrom the next run on" in figures
    assert figures.endswith("Order value: last 4 months. Trends appear from the next run on.")
    assert len(section(first, "figures")) == 1
    assert "1 Champions Early access 92 – 41%" in told(first, "segments")
    assert not [anchor for anchor in SECTIONS if "None" in told(first, anchor)]


def test_the_header_tells_facts_and_no_clock(reports):
    lines = told(reports[THIRD], "top", "loose").split("\n")
    assert lines[:7] == [
        "Customer segments",
        "ACME customers: segments on 20 May 2025",
        "Study ACME customers",
        "Run 20 May 2025, 3rd run",
        "Compared with 5 April 2025",
        "Data until 19 May 2025",
        "Next run 4 July 2025",
    ]
    beside = [name for name in OUTPUTS if name != "report.html" and not name.startswith("notebooks/")]
    files = [f"{name} {OUTPUTS[name].what}" for name in beside]
    notebooks = (
        "Notebooks: ingest · segment · transitions · report the code that made every number, "
        "and what it put out"
    )
    assert lines[8:] == [" ".join([*files, "The report of 5 April 2025", "All runs", notebooks])]
    assert "Compared with nothing, first run" in told(reports[FIRST], "top", "loose")


def facts(report: Report, **others: object) -> Report:
    return changed(report, "facts", lambda _: others)


def test_old_data_are_warned_of_on_top(reports):
    third = reports[THIRD]
    assert warnings(third) == []
    assert warnings(facts(third, newest_order=dt.date(2025, 5, 13))) == []
    old = facts(third, newest_order=dt.date(2025, 5, 12))
    assert told(old, "top", "loose").split("\n")[2] == (
        "Old data. The newest order is of 12 May 2025, 8 days before the run date. Old data alone move "
        "customers down: check whether an extract is missing before acting on this report."
    )


def test_years_that_the_data_cut_off_are_warned_of(reports):
    """In the first run, for it is so in every one until the study is mended."""
    assert warnings(facts(reports[FIRST], years_cut_off=0.1)) == []
    assert warnings(facts(reports[THIRD], years_cut_off=0.31)) == []
    assert warnings(facts(reports[FIRST], years_cut_off=0.31)) == [
        (
            "Years are cut off.",
            "31% of customers first ordered in the first 30 days of the data, so many have been customers "
            "for longer than their years say. To mend it, name a column for since: in the study.",
        )
    ]


def test_another_model_is_warned_of_and_drawn(reports):
    other = changed(reports[THIRD], "flows", lambda _: {"model_changed": True}, run_date=dt.date(2025, 5, 20))
    assert warnings(other) == [
        (
            "Rules, breaks or population changed.",
            "The segments of 5 April 2025 were made with other rules or breaks, or of another population or "
            "other exclusions, so part of the moves is not the customers’ doing; “Why they moved” tells "
            "which. To compare like with like, make the earlier runs again: "
            "segcore backfill acme --from 2025-02-19 --to 2025-04-05 --force",
        )
    ]
    policy = other.study.breaks.model_copy(update={"policy": "refit"})
    anew = replace(other, study=other.study.model_copy(update={"breaks": policy}))
    assert warnings(anew)[0][1].endswith(
        "It is so in every run, for the study makes its breaks anew each time."
    )
    dates = other.study.breaks.model_copy(update={"from_": tuple(other.dates[1:])})
    listed = replace(other, study=other.study.model_copy(update={"breaks": dates}))
    assert warnings(listed)[0][1].endswith("“Why they moved” tells which.")
    assert "Another model: where a dotted line stands, segments were made with" in told(other, "runs", "note")
    before = changed(reports[THIRD], "flows", lambda _: {"model_changed": True}, run_date=dt.date(2025, 4, 5))
    assert warnings(before) == []


def test_where_customers_were_held_out_the_warning_says_what_runs_made_again_lose(reports):
    other = changed(reports[THIRD], "flows", lambda _: {"model_changed": True}, run_date=dt.date(2025, 5, 20))
    lost = (
        "“Why they moved” tells which. Runs that are made again lose their hold-outs, and with them what "
        "these say of the effect of following up. To compare like with like, make the earlier runs again: "
        "segcore backfill acme --from 2025-02-19 --to 2025-04-05 --force"
    )
    asked = other.study.follow_up.model_copy(update={"holdout": 0.1})
    held = replace(other, study=other.study.model_copy(update={"follow_up": asked}))
    assert warnings(held)[0][1].endswith(lost)
    for evidence, why in (("randomised", ""), ("adjusted", "few_held_out")):
        effect = with_tables(other, effect=[{"what": "reached", "evidence": evidence, "why": why}])
        assert warnings(effect)[0][1].endswith(lost)
    raw = with_tables(other, effect=[{"what": "reached", "evidence": "raw", "why": "nothing_held_out"}])
    assert warnings(raw) == warnings(other)


def test_a_missing_run_is_told_with_the_one_that_stands_in_its_place(reports):
    third = reports[THIRD]
    assert warnings(replace(third, record={"missing": []})) == warnings(third)
    one = warnings(replace(third, record={"missing": ["2025-05-01"]}))
    assert one[0] == (
        "An earlier run is missing.",
        "The run of 1 May 2025 was published and is missing now, so this run is compared with that of "
        "5 April 2025. Put it back from a copy and make this run again.",
    )
    assert one[1:] == warnings(third)
    first = warnings(replace(reports[FIRST], record={"missing": ["2025-01-01", "2025-02-01"]}))
    assert first[0][1] == (
        "The runs of 1 January 2025 and 1 February 2025 were published and are missing now, so this run has "
        "no run to be compared with. Put them back from a copy and make this run again."
    )


def test_a_run_says_that_customers_were_erased_from_the_one_it_is_compared_with(reports):
    told = warnings(replace(reports[THIRD], record={"erased": True}))
    assert told[0] == (
        "Somebody was erased.",
        "Since the run of 5 April 2025 was made, customers were erased from it. This report compares with "
        "those who are left, so its numbers of that date may be smaller than on the page of that run.",
    )
    assert told[1:] == warnings(reports[THIRD])


def test_a_new_name_is_no_other_model(tmp_path):
    earlier = make_runs(write_project(tmp_path), DATES[:1])
    study_path = write_project(
        tmp_path, {"Loyal": "Regulars", 'action: "Reward"': 'action: "Reward", was: [Loyal]'}
    )
    assert warnings(read_runs(study_path, make_runs(study_path, DATES[1:2], earlier))[-1]) == []


def test_figures_have_trends_and_their_numbers_one_click_away(reports):
    top, behind = section(reports[THIRD], "figures")
    lines = plain(top)
    assert "Customers\n254\nno change since 5 Apr\n225 in Feb 2025" in lines
    assert "Champions\n117\n+1 since 5 Apr\n92 in Feb 2025" in lines
    assert "Needs attention\n81\n+2 since 5 Apr\n84 in Feb 2025" in lines
    assert "Moved up / down\n77 / 98\n77 / 16 of them ordered\n78 up in Apr 2025" in lines
    assert "Order value\n€ 168,700\n+24.4% on last run\n€ 109,400 in Feb 2025" in lines
    assert lines.endswith(
        "Trend lines: the 3 runs from 19 February 2025 to 20 May 2025, each line on its own scale. "
        "A line does not show whether the same customers are behind it. Order value: last 4 months."
    )
    assert [drawing["description"].replace("\u00a0", " ") for drawing in drawings(top)] == [
        "Customers over 3 runs. From 225 to 254",
        "Champions over 3 runs. From 92 to 117",
        "Needs attention over 3 runs. From 84 to 81",
        "Moved up over 2 runs. From 78 to 77",
        "Order value over 3 runs. From € 109,400 to € 168,700",
    ]
    assert plain(behind).split("\n") == [
        "These figures in every run Run Customers Champions Needs attention Moved up Moved down Order value",
        "19 February 2025 225 92 84 – – € 109,400",
        "5 April 2025 254 116 79 78 80 € 135,600",
        "20 May 2025 254 117 81 77 98 € 168,700",
    ]


def test_figures_of_data_that_are_shorter_than_the_window_say_what_counts(reports):
    short = facts(reports[THIRD], value_window=None, first_order=dt.date(2025, 1, 3))
    short = changed(short, "flows", lambda _: {"value": None}, run_date=dt.date(2025, 4, 5))
    figures = told(short, "figures")
    assert "Order value: all orders since 3 January 2025." in figures
    assert "Order value\n€ 168,700\n€ 109,400 in Feb 2025" in figures
    assert "5 April 2025 254 116 79 78 80 –" in figures
    table = told(short, "segments", "full")
    assert "All customers 254 0 100% 100% € 168,700, all orders since 3 January 2025" in table
    assert "Order value: all orders since 3 January 2025. Middle half: at most" in table
    assert "Order value all orders since 3 January 2025" in told(short, "moves", "body")


def test_the_headline_stands_beside_that_of_all_runs(reports):
    finding, series, note = section(reports[THIRD], "attention")[:3]
    assert plain(finding) == (
        "Of 79 customers in Needs attention on 5 April, 45 are now Champions or Loyal "
        "(57%, 95% interval 46–67%)"
    )
    assert plain(series).split("\n")[-3:] == [
        "5 April 2025 84 54 64% 54–74%",
        "20 May 2025 79 45 57% 46–67%",
        "All runs together 163 99 61% 53–68%",
    ]
    assert plain(note).split("\n") == [
        "The others: 8 still in Needs attention and 26 in a worse one.",
        "Over two runs it was 99 of 163 (61%, 95% interval 53–68%); a customer who was in Needs "
        "attention several times counts each time.",
        "A share is no proof. Some customers move up by themselves, so these numbers do not show that a "
        "follow-up helped.",
    ]
    assert "In every run" not in told(reports[SECOND], "attention")


def test_representatives_stand_in_alphabetical_order_with_one_verdict(reports):
    finding, table, note = section(reports[THIRD], "followup")
    assert plain(finding) == "No follow-ups were recorded, so nothing can be said of what they did."
    assert plain(table).split("\n") == [
        "Representatives in alphabetical order; the table is not a ranking",
        "Representative In Needs attention at the run before Now in a target Share 95% interval Still there "
        "Fell",
        "Rep A 41 25 61% 46–74% 4 12",
        "Rep B 14 8 too few – 1 5",
        "Rep C 14 7 too few – 1 6",
        "Rep D 10 5 too few – 2 3",
        "Now in a target: Champions or Loyal. The representative is the one of 5 Apr. Hatched: fewer than 20 "
        "customers, no judgement.",
    ]
    assert plain(note) == (
        "The four representatives differ no more than chance would make them (p = 0.89, exchanging whole "
        "customers)."
    )
    assert re.findall(r'<tr class="few">\s*<th scope="row" class="few">(.*?)<', html_of(table)) == [
        "Rep B", "Rep C", "Rep D",
    ]  # fmt: skip


def test_customers_without_a_representative_are_counted_apart(reports):
    apart = changed(
        reports[THIRD],
        "representatives",
        lambda _: {"recorded": False, "rep": "not recorded", "name": "not recorded"},
        name="Rep D",
    )
    table, note = section(apart, "followup")[1:]
    assert "Rep D" not in plain(table) + plain(note)
    assert plain(note).split("\n")[1] == "For 10 of 79 customers no representative is recorded."


def test_representatives_with_few_customers_each_are_one_sentence(reports):
    few = changed(reports[THIRD], "representatives", lambda _: {"few": True})
    (last,) = section(few, "followup")[1:]
    assert (
        plain(last)
        == "All four representatives have fewer than 20 of these customers each: too few to judge."
    )


def test_without_representatives_nothing_is_said_of_them(reports):
    bare = changed(reports[THIRD], "representatives", lambda _: {"recorded": False})
    assert "epresentative" not in told(bare, "followup")
    assert section(without(reports[THIRD], "headline"), "attention") == []


def test_segments_add_up_and_have_ranges(reports):
    lines = told(reports[THIRD], "segments").split("\n")
    assert lines[0] == (
        "The two best segments, Champions and Loyal, have 48% of customers and bring 71% of order value"
    )
    assert lines[4:] == [
        "1 Champions Early access 117 +1 46% 69% 8–18 5–9 2.3–5.0 1–4 Early access",
        "2 Loyal Reward 6 −10 2% 1% 12–23 1–2 2.6–4.4 1–2 Reward",
        "3 Needs attention Call within two weeks 81 +2 32% 21% 36–50 4–7 2.6–5.1 2–4 Call within two weeks",
        "4 Lost Last offer 50 +7 20% 8% 67–84 3–6 2.4–5.3 2–4 Last offer",
        "All customers 254 0 100% 100% € 168,700, last 4 months",
        "Order value: last 4 months. Middle half: at most a quarter of the segment lies below the range, at "
        "most a quarter above. The table does not show what customers are going to order, or what they earn: "
        "segments look back, and order value is no profit.",
        "Nobody’s segment depends on With us or Markets: with any other class of them alone, every customer "
        "stays in the same one. Try a rule that asks for them, or leave one of them out of the study.",
        "Of those who are to be followed up, chance could have put 22 of 81 in Needs attention (27%) into "
        "another segment.",
    ]


def test_what_makes_segments_say_little_is_told_with_what_to_try(reports):
    large = changed(reports[THIRD], "segments", lambda _: {"customers": 160}, segment="Champions")
    odd = changed(large, "rules", lambda _: {"customers": 0, "fits": 6}, segment="Loyal")
    first, second, third, _ = told(odd, "segments", "body").split("\n")
    assert first == (
        "Champions has 160 of 297 customers, more than half: it tells little about any of them. Try a "
        "narrower rule for it, more classes, or a window for the variables that its rules ask for."
    )
    assert second == (
        "The rule in line 3 of the rule table takes nobody: rules above take every customer whom it "
        "fits. Try to move it up, or take it out."
    )
    assert third.startswith("Nobody’s segment depends on With us or Markets")
    assert "2 Loyal Last order up to 27 days ago 3 0" in told(odd, "breaks")
    sound = changed(reports[THIRD], "decides", lambda _: {"customers": 1})
    sure = changed(sound, "segments", lambda _: {"fragile": None})
    assert [part.role for part in section(sure, "segments")] == ["finding", "full"]


def test_an_empty_segment_has_no_range_and_nothing_ordered_no_share(reports):
    empty = changed(
        reports[THIRD], "profile", lambda _: {"quarter": None, "three_quarters": None}, segment="Loyal"
    )
    empty = changed(empty, "segments", lambda _: {"value_share": None})
    assert "2 Loyal Reward 6 −10 2% – – – – – Reward" in told(empty, "segments", "full")


def test_more_variables_get_a_table_in_blocks(reports):
    one = reports[THIRD]
    variables = tuple(replace(one.used.variables[0], name=f"v{i}") for i in range(7))
    rules = replace(one.used.rules, variables={v.name: v.classes for v in variables}, rules=())
    typical = [
        {**row, "variable": v.name}
        for row in one.tables["profile"]
        if row["variable"] == "recency"
        for v in variables
    ]
    wide = replace(
        with_tables(one, profile=typical), used=replace(one.used, variables=variables, rules=rules)
    )
    assert 'class="segs many most"' in html_of(section(wide, "segments")[1])
    assert 'class="segs"' in html_of(section(one, "segments")[1])


def test_moves_are_drawn_told_and_counted(reports):
    finding, flow, note, matrix, _, did, others, _ = section(reports[THIRD], "moves")
    assert plain(finding) == ("77 moved up, all of them ordered; 98 moved down, 82 of them without an order")
    assert len(drawings(flow)) == 2
    assert plain(note).split("\n")[2:] == [
        "Grey bands are the 65 customers who stayed in their segment. They all have the same thickness so "
        "that the movers can be seen.",
        "Not drawn: 3 new customers, 11 returned customers and 14 customers who are gone.",
        "The picture does not show how large the segments are, or why anybody moved.",
    ]
    assert plain(matrix).split("\n")[2:] == [
        "1 Champions 53 46% 0 47 41% 16 0 116",
        "2 Loyal 7 0 5 4 0 16",
        "3 Needs attention 43 54% 2 8 26 33% 0 79",
        "4 Lost 9 0 16 4 14 43",
        "New customers 1 2 0 0 0 3",
        "Returned customers 4 2 5 0 0 11",
        "All on 20 May 117 6 81 50 14",
    ]
    assert plain(did).split("\n")[2:] == [
        "Moved up 77 77 0 € 54,200",
        "Moved down 98 16 82 € 36,800",
        "Stayed in their segment 65 61 4 € 73,000",
        "New to the data 3 3 0 € 2,115",
        "Returned 11 11 0 € 2,532",
        "Gone 14 0 14 € 3,483",
        "Of those who are gone: order value up to 5 Apr. The table does not show why they ordered or did "
        "not, or whether anybody had called them.",
    ]
    assert plain(others).split("\n") == [
        "65 stayed in their segment, 61 of them ordered.",
        "14 customers are gone: they ordered nothing for 4 months.",
    ]


def test_what_came_into_a_segment_and_went_out_of_it_adds_up(reports):
    lines = plain(section(reports[THIRD], "moves")[-1]).split("\n")
    assert lines[1] == ("Segment 5 Apr Up into Down into New Returned Up out of Down out of Gone 20 May")
    rows = [re.sub(r" −?€ [\d,.]+", "", line).split() for line in lines[2:6]]
    for row in rows:
        start, *moves, end = [int(n.replace("−", "-").replace("–", "0")) for n in row[-9:]]
        assert start + sum(moves) == end
    assert lines[3] == ("2 Loyal 16 +2 € 1,112 – +2 € 770.98 +2 € 620.98 −7 € 14,100 −9 € 1,455 – 6 € 2,504")


def test_a_matrix_marks_small_cells_and_has_no_percentage_for_them(reports):
    html = html_of(section(reports[THIRD], "moves")[3])
    few = re.findall(r'<td class="num few"><a [^>]*>(\d+)</a> <small>(.*?)</small>', html)
    moved = re.findall(r'<td class="num (?:mvd|st)"><a [^>]*>(\d+)</a> <small>(.*?)</small>', html)
    assert few and moved
    assert all(0 < int(n) < 20 and share == "\u00a0" for n, share in few)
    assert all(int(n) >= 20 and share.endswith("%") for n, share in moved)


def test_counts_that_leave_no_room_have_their_percentage_below(reports):
    assert 'class="mx"' in html_of(section(reports[THIRD], "moves")[3])
    large = changed(reports[THIRD], "matrix", lambda row: {"customers": row["customers"] * 100_000})
    assert 'class="mx stack"' in html_of(section(large, "moves")[3])


def test_a_segment_that_no_longer_exists_is_in_the_books_and_in_grey(renamed):
    matrix = plain(section(renamed, "moves")[3]).split("\n")
    assert [line for line in matrix if line.startswith("Loyal")] == ["Loyal 0 0 4 2 0 6"]
    assert matrix[-1] == "All on 5 April 116 16 79 43 13"
    assert "From a segment that no longer exists 6 0 6 € 1,007" in told(renamed, "moves", "body")
    assert "6 customers came from a segment that no longer exists." in told(renamed, "moves", "note")
    assert told(renamed, "moves", "full").split("\n")[1:-1:4] == [
        "Segment 19 Feb Up into Down into Other into New Returned Up out of Down out of Other out of Gone "
        "5 Apr",
        "4 Lost 43 – +35 € 10,700 +2 € 70.98 – – −24 € 8,445 – – −13 € 3,270 43 € 12,000",
    ]
    assert told(renamed, "moves", "full").split("\n")[-2] == ("Loyal 6 – – – – – – – −6 € 1,007 – 0 € 0.00")
    assert "2 Regulars Reward 16 +16 6%" in told(renamed, "segments")
    assert told(renamed, "runs", "body").split("\n")[-8:-6] == [
        "19 February 2025 92 0 84 43 6 225",
        "5 April 2025 116 16 79 43 0 254",
    ]
    assert "\nGrey: a segment that no longer exists.\n" in told(renamed, "runs", "note")
    assert [name for name, _ in warnings(renamed)] == ["Rules, breaks or population changed."]


def test_segments_over_runs(reports):
    finding, history, numbers, usual, stays, ahead, note = section(reports[THIRD], "runs")
    assert plain(finding) == "Champions has grown most since February 2025, by 25 customers"
    assert len(drawings(history)) == 2
    assert plain(numbers).split("\n") == [
        "Customers of every segment in every run Run Champions Loyal Needs attention Lost All",
        "19 February 2025 92 6 84 43 225",
        "5 April 2025 116 16 79 43 254",
        "20 May 2025 117 6 81 50 254",
    ]
    assert plain(usual).split("\n") == [
        "This run is not unusual: customers moved as in the run before, but for chance (chi-squared 7.5, 10 "
        "degrees of freedom, p 0.71).",
        "The last forecast, for 20 May 2025, held for every segment.",
        "If customers go on moving, coming and going as so far, there will be on 4 July 2025: 123 Champions "
        "(94 to 153), 11 Loyal (0 to 30), 85 Needs attention (66 to 104) and 47 Lost (32 to 62); 28 of them "
        "new or returned.",
    ]
    assert plain(stays).split("\n") == [
        "How long customers stay Segment Half of all stays over after Came in this run There since the first "
        "run at least 90 days Not for the first time Were better once",
        "1 Champions 45 days 64 20 35 0",
        "2 Loyal 45 days 6 0 2 0",
        "3 Needs attention 45 days 73 0 37 63",
        "4 Lost 45 days 46 0 10 50",
        "Stays that the first run already saw are left out of it, for nobody knows when they began; – where "
        "fewer than 20 began since, or none could be watched yet. The table does not show the day on which "
        "somebody left: only runs look, so no stay is shorter here than the time between two runs.",
    ]
    assert plain(ahead).split("\n") == [
        "Sizes expected at the next run Segment Now Forecast for now by the last run Next 4 July 2025 In the "
        "end if it went on so",
        "1 Champions 117 104 to 155 123 94 to 153 47%",
        "2 Loyal 6 5 to 28 11 0 to 30 1%",
        "3 Needs attention 81 64 to 110 85 66 to 104 33%",
        "4 Lost 50 30 to 66 47 32 to 62 19%",
        "A forecast does not show what sales are going to do differently: it goes on as so far.",
    ]
    assert plain(note).split("\n") == [
        "All four charts have the same scale and start at zero. Runs are 45 days apart.",
        "The picture does not show who is in a segment: it may keep its size while customers come and go.",
    ]


def test_the_report_says_whose_breaks_are_in_use(reports):
    first, own, third = (told(report, "breaks", "finding", "note") for report in reports)
    assert first.startswith("The breaks of 5 April 2025, which is after this run, are in use; this run’s own")
    assert own.startswith("The breaks were made from this run’s own customers\nSolid lines")
    assert ["Dotted lines" in text for text in (first, own, third)] == [True, False, True]
    assert "would place 16 customers in another segment" in third
    breaks = reports[SECOND].study.breaks.model_copy(update={"policy": "refit"})
    anew = replace(reports[SECOND], study=reports[SECOND].study.model_copy(update={"breaks": breaks}))
    assert told(anew, "breaks", "note").endswith(
        "The edges are made anew in every run, so a customer may move because an edge did."
    )
    assert "Breaks made anew in every run, of 5 April 2025" in told(anew, "provenance")


def test_the_report_says_whether_the_edges_still_fit_where_they_are_older_than_the_run(reports):
    first, own, third = (told(report, "breaks", "body") for report in reports)
    assert "Do the edges still fit?" not in first + own
    assert "On no variable do all three signs speak for new edges, so no refit is proposed. Whoever " in third
    line = "breaks: {policy: keep, from: [2025-04-05, 2025-05-20]}"
    assert third.count("2025-05-20]") == 1
    assert f"this run’s own breaks all the same writes {line} in the study." in third
    assert "Last order 0.007 chance up to 0.047 12.6% at the fit 14.0%, own edges 12.6% 0 fits" in third
    assert "With us 0.004 chance up to 0.030 25.6% at the fit 24.7%, own edges 25.4% 0 not judged" in third
    due = changed(reports[THIRD], "drift", lambda row: {"says": "refit"}, variable="recency")
    assert (
        "A refit is proposed, for on recency all three signs speak for new edges: write breaks: {policy: "
        "keep, from: [2025-04-05, 2025-05-20]} in the study, and runs from this one on use this run’s own "
        "breaks."
    ) in told(due, "breaks", "body")


def test_the_page_says_how_the_last_list_did(reports):
    assert told(reports[THIRD], "calls", "note").split("\n")[0] == (
        "How the last list did: of 211 customers who the run of 5 April said would fall unless they ordered, "
        "98 fell and 113 ordered and did not fall. Nobody else fell. It does not show what calls did: "
        "whoever ordered counts, called or not."
    )
    assert "How the last list did" not in told(reports[FIRST], "calls")


def test_a_model_that_does_not_know_its_intervals_says_nothing_of_them(reports):
    unknown = changed(reports[THIRD], "segments", lambda row: {"fragile": None})
    assert "edge of a class" not in lead(unknown)
    assert "chance could have put" in told(reports[THIRD], "segments")
    assert "chance could have put" not in told(unknown, "segments")
    bare = tuple(replace(variable, low=(), high=()) for variable in unknown.used.variables)
    text = told(replace(unknown, used=replace(unknown.used, variables=bare)), "breaks")
    assert "Between" not in text
    assert "Last order days ago 27 · 61 29 · 62" in text


def test_every_variable_is_drawn_and_its_edges_and_classes_stand_in_numbers(reports):
    parts = section(reports[THIRD], "breaks")
    assert len([part for part in parts if drawings(part)]) == 4
    text = plain(*parts)
    assert "Orders orders 2 above 2 up to 5 84 33%" in text
    assert "Last order days ago 27 · 61 22–30 · 52–67 29 · 62" in text
    assert "Markets in all 2 2 the same" in text
    assert text.split("\n")[-5:] == [
        "1 Champions Last order up to 27 days ago and 3 or more orders in 12 months 2 117",
        "2 Loyal Last order up to 27 days ago 3 6",
        "3 Needs attention Last order 28 to 61 days ago call them 4 81",
        "4 Lost Everyone else 5 50",
        "All customers 254",
    ]


def test_the_records_are_an_equation(reports):
    assert told(reports[THIRD], "records").split("\n") == [
        "Of 2,096 records of transactions, 2,094 are used (over 99%); 1 is a duplicate and 1 is excluded by "
        "a rule",
        "Every record read is accounted for",
        "2,096 records read",
        "= 2,094 used",
        "+ 1 duplicate",
        "+ 1 excluded by rule",
        "+ 0 quarantined",
        "Excluded, not netted: cancelled 1 (−€ 20.50).",
        "No record is in quarantine: every one could be read.",
        "Also used: all 300 records of customers.",
    ]
    assert "+ 541 after the run date" in told(reports[FIRST], "records")
    check_released(reports[THIRD])


def test_records_that_do_not_add_up_stop_the_report_after_saying_so(reports):
    wrong = changed(
        reports[THIRD],
        "reconciliation",
        lambda row: {"loaded": row["loaded"] - 1},
        source="transactions",
    )
    html = html_of(section(wrong, "records")[1])
    assert "<b>The records do not add up. This report must not be used and is not released.</b>" in html
    assert "Every record read is accounted for" not in html
    with pytest.raises(SegcoreError) as caught:
        check_released(wrong)
    assert caught.value.problems == (
        "sales.csv: every record must be loaded, a duplicate, after the run date, excluded or quarantined "
        "(got 2096 records and 2095 outcomes); the report is not released, make the run again",
    )


def test_provenance_names_every_input_by_its_content(reports):
    text = told(reports[THIRD], "provenance")
    assert "Breaks kept, of 5 April 2025, fitted from the extracts at hand" in text
    assert len(re.findall(r"^(sales|accounts)\.csv – [\d,]+ [0-9a-f]{64}$", text, re.MULTILINE)) == 2


def test_a_run_alone_needs_no_record(reports):
    assert "Inputs" not in told(replace(reports[THIRD], record={}), "provenance")


def test_of_thousands_of_inputs_the_first_are_named_and_the_others_counted(reports):
    record = reports[THIRD].record
    many = [{**record["inputs"][0], "name": f"sales_{i:04}.csv"} for i in range(3000)]
    lines = told(replace(reports[THIRD], record={**record, "inputs": many}), "provenance").splitlines()
    assert [line.split()[0] for line in lines if line.startswith("sales_")] == [
        f"sales_{i:04}.csv" for i in range(20)
    ]
    assert lines[-1] == "And 2,980 more; the run’s manifest.json names all."


def test_the_summary_is_for_machines_and_the_same_each_time(reports, tmp_path):
    (tmp_path / "data").mkdir()
    write_summary(reports[THIRD], tmp_path)
    told = summary(tmp_path)
    assert {
        name: told[name] for name in ("schema", "number", "previous", "customers", "change", "warnings")
    } == {
        "schema": 2, "number": 3, "previous": "2025-04-05", "customers": 254, "change": 0, "warnings": [],
    }  # fmt: skip
    assert [(one["segment"], one["customers"]) for one in told["segments"]] == [
        ("Champions", 117), ("Loyal", 6), ("Needs attention", 81), ("Lost", 50),
    ]  # fmt: skip
    assert told["moves"] == {
        "up": 77, "down": 98, "stayed": 65, "unranked": 0, "new": 3, "returned": 11, "gone": 14,
    }  # fmt: skip
    assert told["headline"] == {
        "segment": "Needs attention", "customers": 79, "in_target": 45, "targets": ["Champions", "Loyal"],
        "share": 0.56962, "low": 0.459722, "high": 0.673062,
    }  # fmt: skip
    assert told["order_value"] == {"currency": "EUR", "window": "4 months", "amount": "168675.4700"}
    assert told["report"] == "reports/acme/2025-05-20/report.html"
    first = made(reports[FIRST])
    assert [first[name] for name in ("previous", "change", "moves", "headline")] == [None] * 4
    old = made(facts(reports[THIRD], newest_order=dt.date(2025, 5, 12)))
    assert old["warnings"][0].startswith("Old data. The newest order is of 12 May 2025, 8 days before")


def test_a_run_without_a_summary_is_told_how_to_get_one(tmp_path):
    with pytest.raises(ArchiveError) as caught:
        summary(tmp_path)
    assert caught.value.problems == (
        f"{tmp_path}/data/summary.json: the run must have a summary (no such file); its report notebook "
        "must call report.write_summary, then make the run again with --force",
    )
