"""Wherever it is shown what came of follow-ups, it says that this is no effect, but for a hold-out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation
from report_runs import DATES, make_runs, write_project
from test_report import plain
from test_slides import FOLLOWED, followed

from segcore import language, slides
from segcore.dashboard.reading import RunSeen, Seen
from segcore.dashboard.sections import SECTIONS
from segcore.params.file import load_study
from segcore.report import Report, load
from segcore.report.sections import followup, top
from segcore.sentences import evidence

TARGETS = ("Champions with a name as long as one is written", "Loyal, and of a name as long as that one")
BOXED = ("adjusted", "raw", "none")
WORDS = {"en": ("90 against 61", "not an effect"), "de": ("90 statt 61", "kein Wirkungsnachweis")}
LEAD = {"en": "without a hold-out that is not an effect.", "de": "ist das kein Nachweis einer Wirkung."}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Report:
    words = dict(zip(("Champions", "Loyal"), map('"{}"'.format, TARGETS), strict=True))
    study_path = write_project(tmp_path_factory.mktemp("project"), words, customers=80)
    *_, run = make_runs(study_path, DATES[:2])
    return load(load_study(study_path), dt.date.fromisoformat(run.name), run)


def heading(report: Report, folder: Path) -> str:
    part = next(part for part in followup.parts(report) if part.role == "finding")
    return plain(part)


def deck(report: Report, folder: Path) -> Any:
    slides.write_report(report, folder / "a.pptx")
    return Presentation(folder / "a.pptx")


def title(report: Report, folder: Path) -> str:
    titles = [slide.shapes.title.text for slide in deck(report, folder).slides]
    return next(text for text in titles if TARGETS[0] in text and WORDS[language.current()][0] in text)


def bullet(report: Report, folder: Path) -> str:
    shapes = [shape for shape in deck(report, folder).slides[0].shapes if shape.has_text_frame]
    lines = [line for shape in shapes for line in shape.text_frame.text.split("\n")]
    return next(line for line in lines if WORDS[language.current()][0] in line)


def dashboard(report: Report, folder: Path) -> str:
    rows = [*report.tables["followed"], {**FOLLOWED, "run_date": report.run_date}]
    told = {"headline": {"targets": TARGETS}, "segments": []}
    run = RunSeen(report.run_date, {**report.tables, "followed": rows}, told, None)
    make = next(make for make in SECTIONS if make.__name__ == "_followup")
    section = make(Seen("acme", [run], [], {}), [])
    assert section
    return section.finding


def notebook(report: Report, folder: Path) -> str:
    effects = [{**row, "what": what} for row in report.tables["effect"] for what in ("reached", "plan")]
    effects.append({**effects[0], "what": "placebo", "evidence": "none", "why": "one_run"})
    return evidence.told(effects, report.tables["followed"], TARGETS).split("\n")[0]


PLACES: dict[str, Callable[[Report, Path], str]] = {
    "the section's heading": heading,
    "the slide's title": title,
    "the first slide": bullet,
    "the dashboard's heading": dashboard,
    "the notebook": notebook,
}


@pytest.mark.parametrize("spoken", language.LANGUAGES)
@pytest.mark.parametrize("kind", BOXED)
@pytest.mark.parametrize("place", PLACES)
def test_without_a_hold_out_every_place_says_that_it_is_no_effect(made, tmp_path, place, kind, spoken):
    boxed = {"day": 9, "overlap": 0.9, "imbalance": 0.1, "imbalance_left": 0.01, "detectable": None}
    report = followed(made, evidence=kind, why="few_unfollowed", **boxed)
    with language.spoken(spoken):
        text = PLACES[place](report, tmp_path)
    assert WORDS[spoken][0] in text
    assert f"({WORDS[spoken][1]})" in text


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_the_lead_says_so_once(made, spoken):
    report = followed(made, evidence="none", why="few_unfollowed")
    with language.spoken(spoken):
        text = top.followed(report, TARGETS)
    assert text.endswith(LEAD[spoken])
    assert WORDS[spoken][1] not in text.removesuffix(LEAD[spoken])


@pytest.mark.parametrize("place", ["the section's heading", "the slide's title"])
def test_a_hold_out_shows_an_effect(made, tmp_path, place, monkeypatch):
    monkeypatch.setitem(WORDS, "en", ("41%", ""))
    text = PLACES[place](followed(made, day=None, detectable=None), tmp_path)
    assert text.startswith("The hold-out shows that the call list helped: ")
    assert "not an effect" not in text
