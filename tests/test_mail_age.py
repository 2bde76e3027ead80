"""Mails that are made long after their run say so, and so does what sends them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from small_archive import APRIL, MARCH
from small_mailing import NOW, SUBSCRIPTIONS, Post
from small_mails import mails_of, published, source_of

from segcore import language
from segcore.mailing import sending
from segcore.sentences import mails as say

OWN = "{rep: R001, gets: own accounts}"
SOME = "{to: a@acme.example, gets: customers, where: {segment: At risk}}"
LATE = dt.datetime(2025, 3, 25, 9, 30, tzinfo=dt.UTC)
"""A day after the drop dates of the call lists, and before the next run."""


def paragraphs(folder: Path, line: str, **day: dt.date) -> list[str]:
    study = published(folder, line)
    with source_of(folder, study) as source:
        ((_, letter),) = mails_of(replace(source, **day))
    assert letter is not None
    return list(letter.paragraphs)


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (NOW.date(), ""),
        (dt.date(2025, 3, 20), ""),
        (
            dt.date(2025, 3, 21),
            "This run is of 1 March 2025, 20 days before this mail was made: {number} customers below would "
            "have fallen by then, unless they ordered.",
        ),
        (
            dt.date(2025, 4, 15),
            "This run is of 1 March 2025, 45 days before this mail was made: {number} customers below would "
            "have fallen by then, unless they ordered; the next run was due on 15 April 2025.",
        ),
    ],
)
def test_a_mail_whose_days_have_come_says_how_old_its_run_is(tmp_path, today, told):
    study = published(tmp_path, OWN)
    with source_of(tmp_path, study) as source:
        ((_, letter),) = mails_of(replace(source, today=today))
        ((_, plain),) = mails_of(source)
    said = list(letter.paragraphs)
    assert said[1:] == list(plain.paragraphs) if told else said == list(plain.paragraphs)
    if told:
        number = len([row for row in letter.tables[-2].rows if row[2].small.startswith("then")])
        assert said[0] == told.format(number=number)


def test_a_list_of_customers_says_so_once_the_next_run_is_due(tmp_path):
    told = "**This run is of 1 March 2025**, 45 days before this mail was made: the next run was due on "
    assert paragraphs(tmp_path / "a", SOME, today=APRIL)[0] == f"{told}15 April 2025."
    assert paragraphs(tmp_path / "b", SOME, today=LATE.date()) == []


def test_a_mail_of_an_older_run_says_of_which_run_the_own_page_is(tmp_path):
    """The page is made anew with each run, at the same address; where it is attached it is of this run."""
    newer = "Your page shows the newer run of 15 April 2025, so it says something else than this mail."
    assert paragraphs(tmp_path / "a", OWN, latest=APRIL)[0] == newer
    assert newer not in paragraphs(tmp_path / "b", OWN, latest=MARCH)
    attached = OWN.replace("}", ", attach: page}")
    assert newer not in paragraphs(tmp_path / "c", attached, latest=APRIL)


def test_in_german():
    with language.spoken("de"):
        assert say.aged(MARCH, APRIL, 2, APRIL) == (
            "**Dieser Lauf ist vom 1. März 2025**, 45 Tage bevor diese Mail entstand: 2 Kunden wären ohne "
            "Bestellung bis dahin abgestiegen; der nächste Lauf war am 15. April 2025 fällig."
        )
        assert say.aged(MARCH, LATE.date(), 1, None).endswith(
            ": 1 Kunde wäre ohne Bestellung bis dahin abgestiegen."
        )
        assert say.newer(APRIL) == (
            "Die eigene Seite zeigt den neueren Lauf vom 15. April 2025, also anderes als diese Mail."
        )


def test_who_sends_late_is_warned_and_readers_are_told(acme: Post) -> None:
    sent = acme.send(now=LATE)
    ((warning,),) = ([line for line in sent.lines if line.startswith("warning")],)
    assert warning.startswith("warning: acme 2025-03-01 is 24 days old: ")
    assert warning.endswith(" customers were to fall by now, the first on 2025-03-21; its mails say so")
    (mail,) = acme.mails("r001@acme.example")
    text = mail.get_body(("plain",)).get_content()
    assert "This run is of 1 March 2025, 24 days before this mail was made" in " ".join(text.split())


def test_who_sends_in_time_is_not_and_nobody_is_where_all_have_had_their_mails(acme: Post) -> None:
    assert [line for line in acme.send().lines if "days old" in line] == []
    assert [line for line in acme.send(now=LATE.replace(day=14)).lines if "days old" in line] == []


def test_days_on_call_lists_are_nothing_to_warn_of_where_no_mail_names_them(acme: Post) -> None:
    """Monthly mails of other kinds go out weeks after their run."""
    assert [line for line in acme.send(now=LATE, to="head@acme.example").lines if "days old" in line] == []


def test_the_page_of_a_dry_run_warns_too(acme: Post) -> None:
    page, told = sending.dry_run(acme.job(LATE.replace(month=4)), MARCH)
    (warning,) = told
    assert warning.endswith("; the next run was due on 2025-04-15; its mails say so")
    shown = warning.removeprefix("warning: ")
    assert f'<p class="say">{shown}.</p>' in page.read_text(encoding="utf-8")


def test_a_dry_run_warns_of_mails_in_two_languages(acme: Post) -> None:
    """What the run keeps as words stays as it is."""
    lines = SUBSCRIPTIONS.replace("{rep: all,", "{rep: all, language: de,")
    acme.write(subscriptions=f"{lines}  - {{to: a@acme.example, gets: report, language: de}}\n")
    _, told = sending.dry_run(acme.job(to="R001"), MARCH)
    assert told == (
        "warning: 1 mail of own accounts in de: reasons stay in en, the language of the study, for the run "
        "keeps them as words",
    )
