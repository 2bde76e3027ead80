"""The slides of a run: what stands on them, in which form, and how texts fit."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from python_calamine import CalamineWorkbook
from report_runs import shared_runs

from segcore import slides
from segcore.params.file import load_study
from segcore.report import Report, load
from segcore.sentences import moves, unshown
from segcore.slides import fitting
from segcore.slides.charts import Chart, Series, put_chart
from segcore.slides.deck import Box, Deck, Text
from segcore.slides.tables import Grid, figure, put_table, words

FIRST, SECOND = range(2)
DAY = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    runs = shared_runs(tmp_path_factory)[:2]
    study = load_study(runs[0].parent.parent.parent / "params" / "acme.yaml")
    return [load(study, dt.date.fromisoformat(run.name), run) for run in runs]


def deck_of(report: Report, folder: Path) -> Any:
    slides.write_report(report, folder / "a.pptx")
    return Presentation(folder / "a.pptx")


@pytest.fixture(scope="module")
def deck(reports, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return deck_of(reports[SECOND], tmp_path_factory.mktemp("second"))


def with_tables(report: Report, **tables: Sequence[Mapping[str, Any]]) -> Report:
    """The report as if its run had these tables."""
    found = copy(report.tables)
    found.update(tables)
    return replace(report, tables=found)


def titles(deck: Any) -> list[str]:
    return [slide.shapes.title.text for slide in deck.slides]


def titled(deck: Any, start: str) -> Any:
    return next(slide for slide in deck.slides if slide.shapes.title.text.startswith(start))


def cells(slide: Any) -> list[list[str]]:
    table = next(shape.table for shape in slide.shapes if shape.has_table)
    return [[cell.text for cell in row.cells] for row in table.rows]


def chart_of(slide: Any) -> Any:
    return next(shape.chart for shape in slide.shapes if shape.has_chart)


def numbers(chart: Any) -> dict[str, list[Any]]:
    return {series.name: list(series.values) for series in chart.plots[0].series}


def workbook(chart: Any) -> list[list[Any]]:
    """The workbook behind a chart, as a spreadsheet opens it."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    return book.get_sheet_by_index(0).to_python()


class TestARun:
    def test_the_title_of_a_slide_is_what_it_has_found(self, deck, reports):
        moved = moves.moved(reports[SECOND].tables["movers"])
        found = titles(deck)
        assert found[0] == moves.moved(reports[SECOND].tables["movers"], since="19 February")
        assert found[1].startswith("Of ")
        assert " customers in Needs attention on 19 February, **" not in found[1]
        assert found[2].startswith("The two best segments, Champions and Loyal, have ")
        assert found[3] == moved
        assert " the customers’ own, " in found[4] and found[4].endswith(" of them near a boundary")
        assert found[5].endswith(" unless they order")
        assert found[6] == "The breaks were made from this run’s own customers"
        assert len(found) == 7

    def test_the_first_one_sums_the_others_up(self, deck):
        first = [shape.text_frame.text for shape in deck.slides[0].shapes if shape.has_text_frame]
        findings = titles(deck)
        shown = "\n".join(f"• {title}" for title in (*findings[1:3], *findings[4:6]))
        assert shown in first

    def test_there_are_no_pictures_and_every_chart_can_be_changed(self, deck):
        kinds = [shape.shape_type for slide in deck.slides for shape in slide.shapes]
        assert "PICTURE" not in {kind.name for kind in kinds}
        charts = [shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart]
        assert len(charts) == 4
        for chart in charts:
            names, *rows = workbook(chart)
            assert [row[0] for row in rows] == list(chart.plots[0].categories)
            for place, series in enumerate(chart.plots[0].series, start=1):
                assert names[place] == series.name
                assert [row[place] for row in rows] == [
                    pytest.approx(value) if value is not None else "" for value in series.values
                ]

    def test_the_headline_has_its_margins(self, deck, reports):
        row = reports[SECOND].one("headline", run_date=reports[SECOND].run_date)
        chart = chart_of(deck.slides[1])
        assert numbers(chart) == {"Share now in a target": [pytest.approx(row["share"])]}
        assert workbook(chart)[1][2:] == [
            pytest.approx(row["share"] - row["low"]),
            pytest.approx(row["high"] - row["share"]),
        ]

    def test_segments_stand_in_table_and_chart_with_their_colours(self, deck, reports):
        slide, report = titled(deck, "The two best"), reports[SECOND]
        rows = cells(slide)
        assert rows[0] == ["", "Segment", "Customers", "Change", "Order value", "Share"]
        names = [row["segment"] for row in report.tables["segments"]]
        assert [row[:3] for row in rows[1:-1]] == [
            [str(place), row["segment"], str(row["customers"])]
            for place, row in enumerate(report.tables["segments"], start=1)
        ]
        assert rows[-1][1:3] == ["All customers", str(report.facts["customers"])]
        chart = chart_of(slide)
        assert list(chart.plots[0].categories) == names
        points = chart.plots[0].series[0].points
        assert [f"#{points[n].format.fill.fore_color.rgb}" for n in range(len(names))] == [
            report.palette[name].fill for name in names
        ]

    def test_the_matrix_has_every_customer(self, deck, reports):
        rows = cells(titled(deck, moves.moved(reports[SECOND].tables["movers"])))
        found = sum(int(cell) for row in rows[1:] for cell in row[2:])
        assert found == sum(row["customers"] for row in reports[SECOND].tables["matrix"])

    def test_causes_are_two_bars_of_parts(self, deck, reports):
        chart = chart_of(deck.slides[4])
        assert list(chart.plots[0].categories) == ["Moved up", "Moved down"]
        of = reports[SECOND].tables["movers"]
        assert [sum(values) for values in zip(*numbers(chart).values(), strict=True)] == [
            next(row["customers"] for row in of if row["move"] == way) for way in ("up", "down")
        ]

    def test_call_lists_are_those_of_the_run_in_its_order(self, deck, reports):
        rows = cells(deck.slides[5])
        lists = [row for row in reports[SECOND].tables["call_reps"] if row["position"] and row["customers"]]
        assert [row[:3] for row in rows[1:-1]] == [
            [row["name"], str(row["customers"]), str(row["falling"])] for row in lists
        ]
        assert rows[-1][0] == "Together"

    def test_notes_say_what_figures_do_not_show(self, deck):
        notes = [slide.notes_slide.notes_text_frame.text for slide in deck.slides]
        assert unshown.NOT_SHOWN["segments"] in notes[2]
        assert unshown.NOT_SHOWN["matrix"] in notes[3]
        assert unshown.NOT_SHOWN["calls"] in notes[5]
        assert "No follow-ups were recorded, so nothing can be said of what they did." in notes[6]
        assert [note for note in notes if "**" in note] == []

    def test_no_customer_is_named(self, deck, reports):
        texts = "\n".join(
            shape.text_frame.text for s in deck.slides for shape in s.shapes if shape.has_text_frame
        )
        assert "Customer 1" not in texts


def test_a_first_run_has_what_it_can_say(reports, tmp_path):
    found = titles(deck_of(reports[FIRST], tmp_path))
    number = reports[FIRST].facts["customers"]
    assert found[0] == f"ACME customers: {number} customers in the first run"
    assert found[1].startswith("The two best segments, Champions and Loyal, have ")
    assert found[2].endswith(" unless they order")
    assert found[3].startswith("The breaks of 5 April 2025, which is after this run, are in use")
    assert len(found) == 4


def test_the_same_run_gives_the_same_bytes_dated_by_the_run(reports, tmp_path):
    for name in ("a", "b"):
        slides.write_report(reports[SECOND], tmp_path / f"{name}.pptx")
    assert (tmp_path / "a.pptx").read_bytes() == (tmp_path / "b.pptx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.pptx") as file:
        assert {info.date_time for info in file.infolist()} == {(2025, 4, 5, 0, 0, 0)}
        books = [file.read(name) for name in file.namelist() if name.endswith(".xlsx")]
    about = Presentation(tmp_path / "a.pptx").core_properties
    assert {about.created.date(), about.modified.date()} == {dt.date(2025, 4, 5)}
    for book in books:
        with zipfile.ZipFile(io.BytesIO(book)) as inside:
            assert b"2025-04-05T00:00:00Z</dcterms:created>" in inside.read("docProps/core.xml")


FOLLOWED = {
    "run_date": None, "segment": None, "left_out": None, "runs": 2, "rests": 0, "eligible": 400,
    "followed": 200, "reached": 150, "up": 150, "apart": 0, "unfollowed": 300, "value_after": 1,
    "after": 90.0, "expected": 61.44, "difference": 28.56, "share": 0.375, "low": 0.33, "high": 0.42,
    "low95": -15.0, "high95": 15.0,
}  # fmt: skip
EFFECT = {
    "what": "reached", "evidence": "randomised", "why": "", "difference": 0.08, "low": 0.03, "high": 0.12,
    "share": 0.41, "other": 0.33, "customers": 360, "others": 40, "runs": 2,
}  # fmt: skip
VERDICT = {"test": "follow-ups", "p_value": 0.4, "representatives": 3, "customers": 400}


def followed(report: Report, **effect: Any) -> Report:
    rows = [{**FOLLOWED, "segment": "Needs attention"}, FOLLOWED]
    effects = [{**EFFECT, **effect}]
    return with_tables(report, followed=rows, effect=effects, verdict=[VERDICT], sustained=())


def test_a_hold_out_shows_both_shares(reports, tmp_path):
    slide = titled(deck_of(followed(reports[SECOND]), tmp_path), "The hold-out shows")
    chart = chart_of(slide)
    assert list(chart.plots[0].categories) == ["On the list", "Held out"]
    assert numbers(chart) == {"Share that reached a target": [0.41, 0.33]}
    assert cells(slide) == [
        ["", "To be followed up", "Eligible", "Followed", "Reached", "After a follow-up", "Expected"],
        ["3", "Needs attention", "400", "200", "150", "90", "61.4"],
        ["", "Together", "400", "200", "150", "90", "61.4"],
    ]


def test_without_a_hold_out_follow_ups_stand_beside_what_was_expected(reports, tmp_path):
    slide = titled(
        deck_of(followed(reports[SECOND], evidence="none", why="few_unfollowed"), tmp_path), "Over two runs"
    )
    assert slide.shapes.title.text == (
        "Over two runs followed-up customers reached Champions or Loyal more often than expected: "
        "90 against 61 (not an effect)"
    )
    assert numbers(chart_of(slide)) == {"Customers": [90.0, 61.4]}
    assert "Not an effect." in slide.notes_slide.notes_text_frame.text


def test_there_is_no_slide_on_follow_ups_where_no_run_counts(reports, tmp_path):
    report = followed(reports[SECOND])
    left_out = {**dict.fromkeys(FOLLOWED), "run_date": SECOND, "left_out": "rules"}
    kept = [slide.shapes.title.text for slide in deck_of(report, tmp_path).slides]
    report = with_tables(report, followed=[left_out], effect=(), verdict=())
    left = [slide.shapes.title.text for slide in deck_of(report, tmp_path).slides]
    assert left == [title for title in kept if not title.startswith("The hold-out shows")]


def test_bars_below_zero_are_shown():
    slide = Deck("ACME", DAY).add("label", "title", [])
    for values in ([0.4, -0.1], [0.4, 0.1]):
        put_chart(slide, Box(1, 2, 5, 3), Chart(["A", "B"], [Series("Share", values)], "says", "0%"))
    charts = [shape.chart for shape in slide.shapes if shape.has_chart]
    assert [chart.value_axis.minimum_scale for chart in charts] == [None, 0]
    written = charts[0].plots[0].series[0].data_labels.number_format
    assert written == '[=0]"";[<0.005]"<1%";0%'  # as in tables


def test_the_key_of_shares_has_the_colours_and_the_order_of_the_bars(reports, tmp_path):
    slide = deck_of(reports[SECOND], tmp_path).slides[2]
    chart = chart_of(slide)
    squares = [shape for shape in slide.shapes if shape.shape_type == 1]
    fills = [str(square.fill.fore_color.rgb) for square in squares]
    segments, value = chart.plots[0].series
    points = [str(segments.points[n].format.fill.fore_color.rgb) for n in range(len(squares) - 1)]
    assert not chart.has_legend
    assert fills == [*points, str(value.format.fill.fore_color.rgb)]
    texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert texts.index("Share of customers") < texts.index("Share of order value")


def test_a_table_has_smaller_type_rather_than_words_that_are_cut_off():
    slide = Deck("ACME", DAY).add("label", "title", [])
    rule = "Last order up to 139 days ago and 2 or more orders in 12 months in market {}"
    rows = [[words(rule.format(n)), figure("7")] for n in range(9)]
    put_table(slide, Box(1, 2, 4.2, 4.6), Grid([words("Rule"), figure("Customers")], rows))
    assert [row[0] for row in cells(slide.page)[1:]] == [row[0].words for row in rows]


def test_what_does_not_fit_into_a_table_is_counted():
    deck = Deck("ACME", DAY)
    slide = deck.add("label", "title", [])
    rows = [[words(f"Rep {n}"), figure(str(n))] for n in range(1000)]
    used = put_table(
        slide, Box(1, 2, 5, 3), Grid([words("Who"), figure("Number")], rows, [words("All"), figure("7")])
    )
    found = cells(slide.page)
    assert used <= 3
    assert found[-2:] == [[f"and {1000 - (len(found) - 3)} more", ""], ["All", "7"]]
    assert found[1] == ["Rep 0", "0"]


def test_a_table_is_no_wider_than_its_place():
    slide = Deck("ACME", DAY).add("label", "title", [])
    rows = [[words("Donaudampfschifffahrt " * 9), figure("1,204"), words("x" * 90)]] * 3
    put_table(slide, Box(1, 2, 6, 3), Grid([words("A"), figure("B " * 40), words("C")], rows))
    frame = next(shape for shape in slide.shapes if shape.has_table)
    assert frame.width <= 6.001 * 914_400
    assert sum(column.width for column in frame.table.columns) <= 6.001 * 914_400
    assert cells(slide.page)[1][1] == "1,204"


def test_texts_become_smaller_before_they_are_cut():
    slide = Deck("ACME", DAY).add("label", "title", [])
    slide.write(Box(1, 2, 5, 1), [Text("word " * 40, 18)])
    slide.write(Box(1, 2, 5, 1), [Text("word " * 400, 18)])
    small, cut = (shape.text_frame.paragraphs[0].runs[0] for shape in list(slide.shapes)[-2:])
    assert (small.font.size.pt, cut.font.size.pt) == (14, 14)
    assert small.text == "word " * 40
    assert cut.text.endswith("word…")


class TestFitting:
    def test_a_text_is_as_wide_as_its_letters(self):
        assert fitting.width_of("MMMM", 72) == pytest.approx(4 * 0.833 * fitting.MORE)
        assert fitting.width_of("ü", 72) == fitting.width_of("u", 72)
        assert fitting.width_of("客户", 72) == pytest.approx(2 * fitting.MORE)

    def test_words_wrap_and_long_ones_are_broken(self):
        assert fitting.wrapped("one two three", 14, 20) == 1
        assert fitting.wrapped("one two three", 14, 0.6) == 3
        assert fitting.wrapped("x" * 100, 14, 1) > 9

    def test_what_does_not_fit_ends_with_dots(self):
        assert fitting.line_of("short", 14, 5) == "short"
        shown = fitting.line_of("a long name of a segment", 14, 1)
        assert shown.endswith("…")
        assert fitting.width_of(shown, 14) <= 1
