"""The text of a first study."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import yaml

from segcore.init.defaults import COUNTED, LOG, MEANING, SEGMENTS
from segcore.init.deliveries import Files, Folder
from segcore.init.forms import DateForm, NumberForm
from segcore.init.guesses import Guess, Mapped
from segcore.init.pace import Window
from segcore.init.rhythm import Rhythm
from segcore.params.sources import GAP

WHAT = {"customer_id": "the customer", "order_date": "the date of the order", "amount": "the amount"}
FOREVER = dt.date(9999, 12, 31)  # the date of breaks that nobody knows yet
LAID_OUT = ("type", "delimiter", "quote", "sheets", "header")
COLUMN = 36  # where comments begin


@dataclass(frozen=True)
class Draft:
    """All that a first study says.

    Parameters
    ----------
    name, currency, currency_note, folder
        The study's name, its currency and where that is from, and the data folder.
    guesses, files
        The sources, orders first, and where their files are.
    numbers, dates
        The format of the orders, which the other sources share if they can.
    variables
        The known variables to use and their classes.
    window
        Which orders count.
    rules
        The text of the rule table.
    breaks_from
        The date of the breaks.
    rhythm
        How often it is to be run.
    """

    name: str
    currency: str
    currency_note: str
    folder: Folder
    guesses: tuple[Guess, ...]
    files: Mapping[str, Files]
    numbers: NumberForm
    dates: DateForm
    variables: Mapping[str, int]
    window: Window
    rules: str
    breaks_from: dt.date
    rhythm: Rhythm

    @property
    def gaps(self) -> list[tuple[str, Mapped]]:
        """Kind of source and column, for each that nobody can tell."""
        return [(guess.kind, mapped) for guess in self.guesses for mapped in guess.gaps]


def study_text(draft: Draft, language: str = "en") -> str:
    """The study, as YAML that says what was guessed; and the language of its runs, unless that is English."""
    orders = draft.guesses[0]
    lines = [
        f"# Written by `segcore init` from {', '.join(look.name for look in orders.looks)}.",
        "# What it guessed is said beside it. docs/writing-a-study.md explains every key.",
        f"title: {scalar(draft.name.replace('_', ' ').capitalize())}",
        *([f"language: {language}"] if language != "en" else []),
        noted(f"currency: {scalar(draft.currency)}", draft.currency_note),
    ]
    if draft.folder.data_dir:
        lines.append(noted(f"data_dir: {scalar(draft.folder.data_dir)}", "where the files below are"))
    if draft.rhythm.every:
        lines.append(noted(f"run_every: {draft.rhythm.every}", draft.rhythm.note))
    lines.append("sources:")
    for guess in draft.guesses:
        lines += _source(draft, guess)
    lines += _judged(draft)
    if draft.breaks_from == FOREVER:
        lines.append(noted("breaks: {policy: refit}", "write {policy: keep, from: DATE} once it runs"))
    else:
        kept = f"breaks: {{policy: keep, from: {draft.breaks_from.isoformat()}}}"
        lines.append(noted(kept, "classes are cut as on this date in every run, so that runs compare"))
    return "\n".join(lines) + "\n" + SEGMENTS


def _judged(draft: Draft) -> Iterable[str]:
    """Whom a run looks at, and what it judges them by."""
    window = draft.window
    if window.months:
        yield f"# Who has ordered nothing for {window.length} is gone until the next order: {window.note}."
        yield f"population: {{active_within: {window.length}}}"
    yield noted("variables:", "what customers are judged by; of the classes of each the last is best")
    for name, classes in draft.variables.items():
        scale = ", scale: log" if name in LOG else ""
        within = f", window: {window.length}" if window.months and name in COUNTED else ""
        yield noted(f"  {name}: {{classes: {classes}{scale}{within}}}", MEANING[name])
    yield "  # scale: log, for a few customers order far more often than most, and are worth far more."
    if window.months:
        yield f"  # window: the last {window.length} count. Without it every count grows from run to run."
    else:
        why = f": {window.note}" if window.note else ""
        yield f"  # No window, so every count grows from run to run{why}."


def _source(draft: Draft, guess: Guess) -> Iterable[str]:
    files = draft.files[guess.kind]
    yield f"  {guess.kind}:"
    yield noted(f"    files: [{', '.join(map(scalar, files.patterns))}]", files.note)
    if files.delivered:
        name = quoted(files.delivered)
        yield (
            f"    delivered: {{name: {name}, date: {scalar(files.date)}}}"
            if files.date
            else f"    delivered: {name}"
        )
    layout, note = _format(draft, guess)
    if layout:
        yield noted(f"    format: {flow(layout)}", note)
    yield "    columns:"
    if guess.looks[0].written.header:
        yield from (f"      # {seen.shown}" for seen in guess.looks[0].columns)
    for mapped in guess.columns:
        yield noted(
            f"      {mapped.name}: {_column(mapped)}",
            f"GAP: {gap_of(mapped)}" if mapped.gap is not None else mapped.note,
        )
    if guess.kind == "transactions":
        yield _unique(guess)
    if guess.ignore:
        yield noted(
            f"    ignore: [{', '.join(map(scalar, guess.ignore))}]", "differs from delivery to delivery only"
        )
    yield from _skip(guess)
    if guess.exclude:
        yield "    exclude:"
        for rule, predicate, note in guess.exclude:
            yield noted(f"      {rule}: {json.dumps(predicate, ensure_ascii=False)}", note)


def gap_of(mapped: Mapped) -> str:
    """The question that a gap asks, with three values of each column that may be the answer."""
    what = WHAT[mapped.name]
    if mapped.note:
        return mapped.note
    if not mapped.gap:
        return f"which column is {what}? none looks like it"
    return f"{what}: which of {' or '.join(seen.shown for seen in mapped.gap)}?"


def _skip(guess: Guess) -> Iterable[str]:
    aside = tuple(dict.fromkeys(text for look in guess.looks for text in look.aside))
    if aside:
        rules = {f"total {place + 1}" if place else "total": text for place, text in enumerate(aside)}
        yield noted(f"    skip: {flow(rules)}", "rows that are no records")


def _unique(guess: Guess) -> str:
    if guess.unique:
        named = f"    unique: [{', '.join(guess.unique)}]"
        return noted(named, "no two different records of a file share it; a later delivery corrects it")
    return noted("    unique: record", "no business key was found: two records are one if they are equal")


def _format(draft: Draft, guess: Guess) -> tuple[dict[str, object], str]:
    """The format of a source and what is doubtful about it; none where it is that of the orders."""
    orders = guess.kind == "transactions"
    first = draft.guesses[0].looks[0].written
    written = guess.looks[0].written
    encodings = [look.written.encoding for look in guess.looks]
    if orders:
        encodings += [look.written.encoding for other in draft.guesses for look in other.looks]
    encoding = next((name for name in encodings if name != "utf-8"), "utf-8")
    own = {
        "type": written.type,
        "encoding": encoding,
        "delimiter": written.delimiter,
        "quote": written.quote if written.quote != '"' else None,
        "sheets": list(written.sheets),
        "header": written.header or _line_of_header(guess),
        "decimal": draft.numbers.decimal,
        "thousands": draft.numbers.thousands,
        "date": draft.dates.said,
        "century": draft.dates.century,
    }
    if not orders and all(getattr(written, key) == getattr(first, key) for key in LAID_OUT):
        return {}, ""
    doubts = (draft.numbers.doubt, draft.dates.doubt) if orders else ()
    return {key: value for key, value in own.items() if value}, "; ".join(filter(None, doubts))


def _line_of_header(guess: Guess) -> int | None:
    """Where the header stands, if no name that a run could find it by is mapped."""
    named = any(isinstance(mapped.source, str) and mapped.source for mapped in guess.columns)
    return None if named else guess.looks[0].above


def _column(mapped: Mapped) -> str:
    if mapped.gap is not None:
        names = ", ".join(str(seen.key) for seen in mapped.gap).replace("\n", " ")
        return quoted(f"{GAP} {names}".strip())
    origin: dict[str, object] = {"sql": mapped.sql} if mapped.sql else {"from": mapped.source}
    if mapped.sql or mapped.options:
        return flow(origin | dict(mapped.options))
    return scalar(mapped.source)


def noted(line: str, note: str) -> str:
    """A line with a comment, if there is something to say."""
    return f"{line.ljust(COLUMN - 2)}  # {' '.join(note.split())}" if note else line


def flow(values: Mapping[str, object]) -> str:
    """A mapping on one line."""
    return "{" + ", ".join(f"{key}: {scalar(value)}" for key, value in values.items()) + "}"


def scalar(value: object) -> str:
    """A value as YAML, in quotes if it would be read as anything but this text."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(scalar, value))}]"
    text = str(value)
    plain = text.replace(" ", "").replace("_", "").replace("-", "").replace("/", "").isalnum()
    if plain and text == text.strip() and text[0].isalpha() and yaml.safe_load(text) == text:
        return text
    return json.dumps(text, ensure_ascii=False)


def quoted(text: str) -> str:
    """A text in single quotes, in which a backslash is nothing special."""
    return "'" + text.replace("'", "''") + "'"
