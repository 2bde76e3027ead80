"""The mail about a whole report: its headline, a few sentences, and the segments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from segcore import language, transitions
from segcore.language import say as label
from segcore.mail.attached import read_elsewhere
from segcore.mail.entries import EVERYBODY
from segcore.mail.letter import Attachment, Letter, Picture
from segcore.mail.pictures import segments_picture
from segcore.outputs import PAGE, PAPER
from segcore.report.parts import Cell, Table, number
from segcore.report.sections import top
from segcore.sentences import causes, moves, segments
from segcore.sentences import mails as say
from segcore.wording import EN_DASH, day_and_month, long_date, sentence, signed

if TYPE_CHECKING:
    from segcore.mail.source import Source
    from segcore.report.data import Report

KINDS = {
    ".html": "text/html",
    ".csv": "text/csv",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""Ending of a file → its media type."""

LARGEST = 20_000_000
"""Bytes of attachments beyond which mail servers refuse a mail, which makes them a third longer."""


LONGEST = 140
"""Characters of a subject, so that "Corrected:" still fits before it."""


def letter(source: Source, spoken: str, attach: tuple[str, ...]) -> Letter:
    """The mail about a report, as far as all its readers get the same.

    Parameters
    ----------
    source
        The run.
    spoken
        The language.
    attach
        The files of the run that go with it.
    """
    with language.spoken(spoken):
        report = source.report
        found, headline = _found(report)
        attached = PAGE in attach
        warned = [f"{head} {text}" for head, text in top.warnings(report)]
        address = source.link(source.run_dir.name, PAGE)
        told = [
            *warned,
            *source.aged(),
            *_told(report),
            say.attached_report(links=address is not None) if attached else "",
        ]
        return Letter(
            subject=subject(report.study.title, report.run_date, found),
            headline=_plain(headline),
            paragraphs=[_plain(text) for text in told if text],
            tables=[_segments(report)],
            link=(say.OPEN_REPORT, address) if address and not attached else None,
            pictures=[_picture(report, spoken)],
            attachments=[_attachment(source, name) for name in attach],
            customers=EVERYBODY if attach else _named(source, warned),
        )


def subject(title: str, day: dt.date, found: str) -> str:
    """The subject of a mail: what was found, and behind it study and date, which are never cut off."""
    room = max(LONGEST - len(say.subject("", title, day)), 40)
    cut = found if len(found) <= room else f"{found[: room - 1].rstrip()}…"
    return str(say.subject(sentence(cut), title, day))


def _found(report: Report) -> tuple[str, str]:
    """What was found, for the subject and as a sentence."""
    path, now = transitions.ends(report.study), report.one("headline", run_date=report.run_date)
    if path and now and report.previous:
        return say.reached(now, path[1]), f"{say.headline(now, path[1], report.previous)}."
    return say.customers(report.counted()[0], report.change()), _size(report)


def _size(report: Report) -> str:
    dates = (report.previous, report.run_date) if report.previous else None
    return segments.size(segments.company(report.study.title), *report.counted(), dates)


def _told(report: Report) -> Iterator[str]:
    """How many customers there are, who moved, what following up led to, and who is to be called."""
    path, movers = transitions.ends(report.study), report.tables["movers"]
    if report.previous is None:
        yield say.FIRST_RUN
        yield top.to_call(report)
        return
    if path and report.one("headline", run_date=report.run_date):
        yield _size(report)
    since = day_and_month(report.previous, report.run_date)
    told = [f"{moves.moved(movers, since=since)}.", moves.came_and_went(movers)]
    if report.run_date in report.changed:
        told.append(causes.told_apart(report.tables["marks"]))
    yield " ".join(text for text in told if text)
    if path:
        yield top.followed(report, path[1])
    yield top.to_call(report)


def _segments(report: Report) -> Table:
    """The segments, best first, with their customers and how many more or fewer there are."""
    before = report.previous
    day = label("since {day}", day=long_date(before)) if before else ""
    heads = [Cell(label("Segment")), Cell(label("Customers"), kind="num"), Cell(label("Change"), day, "num")]
    rows = [
        [
            Cell(row["segment"], colour=report.palette[row["segment"]]),
            number(row["customers"]),
            _more(report.change(row["segment"])),
        ]
        for row in report.tables["segments"]
    ]
    total = [Cell(label("All")), number(report.facts["customers"]), _more(report.change())]
    return Table(heads, rows, say.segments(report.run_date), total=total, kind="segments")


def _picture(report: Report, spoken: str) -> Picture:
    rows = [(row["segment"], row["customers"]) for row in report.tables["segments"]]
    counted = {row["segment"]: row["customers"] for row in report.where("sizes", run_date=report.previous)}
    return segments_picture(rows, counted if report.previous else None, report.palette, spoken)


def _more(change: int | None) -> Cell:
    return Cell(EN_DASH if change is None else signed(change), kind="num")


def missing(source: Source, attach: Iterable[str]) -> Iterator[str]:
    """What is wrong with files of a run that somebody wants: they are not there, or too large."""
    size = 0
    for name in attach:
        path = _file(source, name)
        if path is None:
            hint = f"; segcore pdf {source.study.name}/{source.run_dir.name} makes it" * (name == PAPER)
            yield f"attach: {name} must be a file of the run of {source.run_dir.name} (there is none){hint}"
        else:
            size += path.stat().st_size
    if size > LARGEST:
        yield (
            f"attach: {', '.join(attach)} must have at most {LARGEST // 1_000_000} MB together, for "
            f"servers refuse larger mails (they have {size / 1e6:.0f} MB); leave the largest out"
        )


def _file(source: Source, name: str) -> Path | None:
    """Where a file of a run is; that of the sealed run goes before its copy."""
    places = (source.run_dir / "report" / name, source.report_dir / name)
    return next((path for path in places if path.is_file()), None)


def _attachment(source: Source, name: str) -> Attachment:
    path = _file(source, name)
    if path is None:
        raise FileNotFoundError(name)
    shown = f"{source.study.name}-{source.run_dir.name}-{name.replace('/', '-')}"
    read = partial(_page, path, source.link(source.run_dir.name, *name.split("/")))
    return Attachment(shown, KINDS[path.suffix], read if path.suffix == ".html" else path.read_bytes)


def _page(path: Path, address: str | None) -> bytes:
    return read_elsewhere(path.read_bytes(), address)


def _named(source: Source, texts: Iterable[str]) -> frozenset[str]:
    """Whose numbers stand in texts that may name records, like those of gates."""
    words = {word for text in texts for word in text.split()}
    cut = sorted({word.strip(".,;:()[]'\"") for word in words})
    if not cut:
        return frozenset()
    query = "select customer_id from listed where customer_id in (select unnest($words::VARCHAR[]))"
    return frozenset(row[0] for row in source.engine.rows(query, {"words": cut}))


def _plain(text: str) -> str:
    return text.replace("**", "")
