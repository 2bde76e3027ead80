"""What stands in mails: sentences and numbers that the run's own tables have, for whom they are meant."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from shared_projects import DATES
from small_archive import MARCH
from small_mails import (
    EMAILS,
    LAST,
    asked,
    everything_in,
    mails_of,
    one,
    people_of,
    published,
    rows,
    source_of,
    table,
    texts_in,
)

from segcore import language
from segcore.errors import MailError
from segcore.mail import body, whole
from segcore.mail.contents import letters
from segcore.mail.entries import EVERYBODY
from segcore.representatives import Secret
from segcore.sentences import customers, mails
from segcore.wording import long_date

REPORT = "{to: a@nordkontor.example, name: Jana Holt, gets: report}"


# --- the report -------------------------------------------------------------------------------


def test_the_headline_of_the_report_stands_in_subject_and_text(small_demo, tmp_path):
    letter = one(small_demo, tmp_path, REPORT)
    run = small_demo / "runs" / "demo" / LAST.isoformat()
    told = json.loads((run / "data" / "summary.json").read_text())
    found = told["headline"]
    share = f"{round(100 * found['share'])}%"
    assert letter.subject == (
        f"{share} of {found['customers']} in Needs attention reached Champions or Loyal – "
        "Nordkontor customers, 31 December 2025"
    )
    assert letter.headline == (
        f"Of {found['customers']} customers in Needs attention on 16 November, {found['in_target']} were "
        "Champions or Loyal on 31 December 2025."
    )
    assert letter.tables[0].caption == "Segments on 31 December 2025"
    moves, said = told["moves"], " ".join(letter.paragraphs)
    assert f"Since 16 November {moves['up']} moved up, " in said
    assert f"; {moves['down']} moved down, " in said
    assert "before the run of 14 February 2026" in said
    assert rows(letter) == [
        [row["segment"], str(row["customers"]), rows(letter)[place][2]]
        for place, row in enumerate(told["segments"])
    ]
    changes = [int(row[2].replace("\N{MINUS SIGN}", "-")) for row in rows(letter)]
    assert sum(changes) == told["change"]
    assert letter.link == (
        "Open the report",
        "https://intranet.nordkontor.example/reports/demo/2025-12-31/report.html",
    )
    assert letter.greeting == "Hello Jana Holt,"
    assert letter.closing == (
        "You get this mail after each run of “Nordkontor customers”, because you asked to be told what the "
        "report says. To get no more of them, write to kundensegmente@nordkontor.example."
    )
    assert letter.attachments == [] and letter.customers == frozenset()
    assert [picture.name for picture in letter.pictures] == ["segments.png"]


def test_the_first_report_says_that_it_is_the_first(small_demo, tmp_path):
    letter = one(small_demo, tmp_path, REPORT, DATES[0])
    customers = len(table(small_demo, "customers", DATES[0]))
    assert letter.subject == f"{customers} customers – Nordkontor customers, 2 October 2025"
    assert letter.headline == f"Nordkontor has {customers} customers."
    assert letter.paragraphs[0] == "This is the first run: moves appear from the next one on."
    assert {row[2] for row in rows(letter)} == {"–"}


def test_files_of_the_run_are_attached_and_the_page_takes_the_place_of_the_link(small_demo, tmp_path):
    line = "{to: a@nordkontor.example, gets: report, when: {monthly: 15}, attach: [report.html, moves.csv]}"
    letter = one(small_demo, tmp_path, line)
    report = small_demo / "runs" / "demo" / LAST.isoformat() / "report"
    page, moves = letter.attachments
    assert (page.name, page.kind) == ("demo-2025-12-31-report.html", "text/html")
    assert (moves.name, moves.kind) == ("demo-2025-12-31-moves.csv", "text/csv")
    assert moves.read() == (report / "moves.csv").read_bytes()
    archived = (report / "report.html").read_text(encoding="utf-8")
    assert only_links_apart(page.read().decode("utf-8")) == only_links_apart(archived)
    assert letter.link is None
    assert letter.paragraphs[-1].startswith("The report is attached")
    assert letter.greeting == "Hello,"
    assert letter.closing.startswith("You get this mail once a month about “Nordkontor customers”, ")
    assert letter.customers == EVERYBODY


def only_links_apart(page: str) -> list[str]:
    return re.split(r"<a [^>]*>|<a>", page)


def test_files_that_are_not_there_or_too_large_are_refused_before_any_mail(small_demo, tmp_path, monkeypatch):
    monkeypatch.setattr(whole, "LARGEST", 0)
    line = "{to: a@nordkontor.example, gets: report, attach: [report.pdf, moves.csv]}"
    size = (small_demo / "runs" / "demo" / LAST.isoformat() / "report" / "moves.csv").stat().st_size
    with asked(small_demo, tmp_path, line) as source, pytest.raises(MailError) as caught:
        letters(source, people_of(source))
    named = f"{tmp_path}/params/demo.subscriptions.yaml: for a@nordkontor.example: "
    assert caught.value.problems == (
        f"{named}attach: report.pdf must be a file of the run of 2025-12-31 (there is none); segcore pdf "
        "demo/2025-12-31 makes it",
        f"{named}attach: report.pdf, moves.csv must have at most 0 MB together, for servers refuse larger "
        f"mails (they have {size / 1e6:.0f} MB); leave the largest out",
    )


def test_everybody_who_asks_for_the_same_gets_the_same_with_the_own_name(small_demo, tmp_path):
    second = REPORT.replace("a@", "b@").replace("Jana Holt", "Nils")
    third = REPORT.replace("a@", "c@").replace("report}", "report, language: de}")
    lines = f"{REPORT}\n{second}\n{third}"
    with asked(small_demo, tmp_path, lines) as source:
        found = {recipient.address[0]: letter for recipient, letter in mails_of(source)}
    assert (found["a"].greeting, found["b"].greeting) == ("Hello Jana Holt,", "Hello Nils,")
    assert found["a"].tables is found["b"].tables
    assert found["c"].greeting == "Guten Tag Jana Holt,"


# --- own accounts -----------------------------------------------------------------------------


def test_a_representative_is_told_whom_to_call_first_and_who_moved(small_demo, tmp_path):
    calls = [row for row in table(small_demo, "calls") if row["rep"] == "0101" and row["position"]]
    calls.sort(key=lambda row: row["position"])
    letter = one(small_demo, tmp_path, '{rep: "0101", gets: own accounts}')
    number = len(calls)
    falling = sorted((row["drop_date"], row["position"], row) for row in calls if row["falls"])
    when, _, first = falling[0]
    assert letter.subject == (
        f"{number} customers to call, the first before {long_date(when)} – Nordkontor customers, "
        "31 December 2025"
    )
    assert letter.headline.startswith(f"{number} customers are on your call list; ")
    assert letter.headline.endswith(f"The first to fall is {first['name']}, on {long_date(when)}.")
    soonest, listed, movers = letter.tables
    told = [[cell.text for cell in row] for row in listed.rows]
    assert [row[:2] for row in told] == [
        [str(place + 1), row["name"]] for place, row in enumerate(calls[:10])
    ]
    assert [row[3] for row in told] == [row["says"] for row in calls[:10]]
    mine = [row for row in table(small_demo, "listed") if row["rep"] == "0101"]
    moved = Counter(row["state"] for row in mine)
    assert re.findall(r"(\d+) moved (up|down)", letter.paragraphs[0]) == [
        (str(moved[state]), state) for state in ("up", "down") if moved[state]
    ]
    assert "representatives differ" in letter.paragraphs[1]
    went = sorted((row for row in mine if row["state"] != "stayed"), key=lambda row: -row["value"])
    assert [(row[0].text, row[1].text) for row in movers.rows] == [
        (row["name"], row["segment"] or "–") for row in went[:5]
    ]
    assert movers.caption == "Who moved, by order value"
    assert [row[1].small.removeprefix("from ") for row in movers.rows] == [
        row["from_segment"] or customers.STATES[row["state"]] for row in went[:5]
    ]
    assert letter.more == mails.more_own(max(number - 10, 0), len(went) - 5, attached=False)
    folder = Secret("s" * 40).folder("demo", "0101")
    assert letter.link == (
        "Open your page",
        f"https://intranet.nordkontor.example/reports/demo/for/{folder}/index.html",
    )
    assert letter.greeting == "Hello Anke Möller,"
    assert letter.customers >= {row["customer_id"] for row in calls[:10]}
    assert (soonest.caption, listed.caption) == ("The first to fall, by date", "Call list, by order value")
    assert [row[2].small.split(" ")[0] for row in listed.rows] == [
        "then" if row["falls"] else "at" for row in calls[:10]
    ]
    assert [row[0].text for row in soonest.rows] == [row["name"] for *_, row in falling[:5]]
    assert letter.customers == {
        row["customer_id"] for row in (*calls[:10], *(row for *_, row in falling[:5]), *went[:5])
    }
    assert [picture.name for picture in letter.pictures] == ["own-segments.png"]


def test_page_and_workbook_are_attached_in_the_language_of_their_reader(small_demo, tmp_path):
    line = '{rep: "0101", gets: own accounts, attach: [page, workbook], language: de}'
    with asked(small_demo, tmp_path, line, secret=None) as source:
        ((_, letter),) = mails_of(source)
        page, book = letter.attachments
        said = everything_in(letter)
        assert (page.name, book.name) == ("demo-2025-12-31.html", "demo-2025-12-31.xlsx")
        assert '<html lang="de"' in page.read().decode()
        assert "Anrufliste" in said
    mine = {row["customer_id"] for row in table(small_demo, "listed") if row["rep"] == "0101"}
    others = {row["customer_id"] for row in table(small_demo, "listed")} - mine
    assert letter.link is None and letter.customers == mine
    assert not [number for number in others if number in said]
    assert letter.paragraphs[-1].startswith("Die eigene Seite hängt an")
    assert all("behind the link" not in text for text in texts_in(letter))


def test_without_the_secret_mails_of_representatives_lead_nowhere(small_demo, tmp_path):
    line = '{rep: "0101", gets: own accounts, attach: [workbook]}\n{rep: "0102", gets: own accounts}'
    with asked(small_demo, tmp_path, line, secret=None) as source, pytest.raises(MailError) as caught:
        letters(source, people_of(source))
    assert str(caught.value) == (
        "SEGCORE_REPS_SECRET must be set in the environment, for it names the folders that mails of "
        "representatives lead to (it is not); docs/hosting.md says how to make one; or write attach: [page]"
    )


def test_who_has_nothing_gets_no_mail(tmp_path):
    lines = "{rep: R006, gets: own accounts}\n{rep: R001, gets: own accounts, only_if_any: true}"
    study = published(tmp_path, lines)
    with source_of(tmp_path, study) as source:
        found = {recipient.rep: letter for recipient, letter in mails_of(source)}
    assert found["R006"] is None
    assert found["R001"] is not None
    quiet = {
        "reps": EMAILS,
        "calls": "select * from kept where rep <> 'R001'",
        "listed": "select * replace (if(rep = 'R001', 'stayed', state) as state) from kept where segment "
        "is not null",
    }
    study = published(tmp_path / "quiet", lines.replace("R006", "R002"), changed=quiet)
    with source_of(tmp_path / "quiet", study) as source:
        found = {recipient.rep: letter for recipient, letter in mails_of(source)}
    assert found["R001"] is None
    study = published(tmp_path / "told", "{rep: R001, gets: own accounts}", changed=quiet)
    with source_of(tmp_path / "told", study) as source:
        ((_, letter),) = mails_of(source)
    assert letter.headline == "There is nobody on your call list."
    assert letter.paragraphs[0] == "None of your customers changed segment."
    assert letter.tables == [] and letter.subject.startswith("Nobody to call – ")


@pytest.mark.parametrize("spoken", ["en", "de"])
def test_who_falls_first_is_told_by_date_wherever_on_the_list_and_nothing_counts_from_the_run(
    tmp_path, spoken
):
    """Mails are read later than they are made, and list who is worth most; who falls first is worth less."""
    calls = "select * replace ($day::DATE + 40 - position as drop_date) from kept".replace(
        "$day", f"'{MARCH.isoformat()}'"
    )
    changed = {"reps": EMAILS, "calls": calls}
    line = f"{{rep: R001, gets: own accounts, language: {spoken}}}"
    study = published(tmp_path, line, changed=changed, customers=300)
    with source_of(tmp_path, study) as source:
        ((_, letter),) = mails_of(source)
        with language.spoken(spoken):
            shown = body.body(letter, "ACME", "mailto:a@acme.example", ["picture"])
    soonest, listed, _ = letter.tables
    there = {row[1].text for row in listed.rows}
    first = [row[0].text for row in soonest.rows]
    assert len(first) == 5 and len(there) == 10 and not there & {*first}
    assert first[0] in letter.headline
    assert {row[0].small.split()[-1] for row in soonest.rows} <= letter.customers
    for said in (body.text(shown), body.html(shown)):
        assert said.index(soonest.caption) < said.index(first[4]) < said.rindex(listed.caption)
        assert not re.search(r"\bin \d+ (days?|Tag)", said)
        words = "Order value, last 12 months: " if spoken == "en" else "Bestellwert, letzte 12 Monate: "
        assert said.count(words) == 20


def test_a_list_that_begins_with_who_was_left_alone_says_so(tmp_path):
    """It is by order value but for them."""
    first = "select * replace (if(position = 1, 0, value) as value) from kept"
    told = {}
    for name, calls in (("first", first), ("plain", "from kept")):
        changed = {"reps": EMAILS, "calls": calls}
        study = published(tmp_path / name, "{rep: R001, gets: own accounts}", changed=changed)
        with source_of(tmp_path / name, study) as source:
            ((_, letter),) = mails_of(source)
        told[name] = letter.tables[-2].caption
    assert told == {
        "plain": "Call list, by order value",
        "first": "Call list: who was left alone, then by order value",
    }


def test_who_only_is_to_be_called_has_until_the_next_run_at_the_latest(tmp_path):
    """What is to be done with a segment may name an earlier day of its own."""
    calls = "select * replace (false as falls, NULL as drop_date) from kept"
    study = published(tmp_path, "{rep: R001, gets: own accounts}", changed={"reps": EMAILS, "calls": calls})
    with source_of(tmp_path, study) as source:
        ((_, letter),) = mails_of(source)
        until = long_date(source.frame.until)
    listed, _ = letter.tables
    assert {row[2].small for row in listed.rows} == {"at the latest"}
    assert f" to call before {until.removesuffix(' 2025')} – " in letter.subject


def test_who_is_held_out_stands_in_no_mail_and_cannot_be_told_from_it(tmp_path):
    """But for the list itself, and its length, the mail is the same."""
    held = """select * replace (if(position = 2, NULL, position) as position, position = 2 as held_out)
        from kept"""
    found = []
    for name, calls in (("plain", "from kept"), ("held", held)):
        changed = {"reps": EMAILS, "calls": calls}
        study = published(tmp_path / name, "{rep: R001, gets: own accounts}", changed=changed)
        with source_of(tmp_path / name, study) as source:
            found += [letter for _, letter in mails_of(source)]
    plain, other = found
    left_out = plain.tables[-2].rows[1][1].text
    assert left_out not in "".join(texts_in(other.tables[:-1]))
    assert left_out in "".join(texts_in(plain.tables[-2]))
    assert other.paragraphs == plain.paragraphs and other.tables[-1] == plain.tables[-1]
    assert other.pictures == plain.pictures


# --- warnings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoken", "told"),
    [
        (
            "en",
            "Before you act, note: Old data. The newest order is of {day}, so customers may stand too low.",
        ),
        (
            "de",
            "Vorab zu beachten: Alte Daten. Die neueste Bestellung ist vom {day}; Kunden stehen deshalb "
            "vielleicht zu niedrig.",
        ),
    ],
)
def test_every_mail_begins_with_what_its_reader_must_know_before_acting(small_demo, tmp_path, spoken, told):
    lines = "\n".join(
        f"{{{who}, language: {spoken}}}"
        for who in (
            "to: a@nordkontor.example, gets: report",
            'rep: "0101", gets: own accounts',
            "to: b@nordkontor.example, gets: customers, where: {segment: Loyal}",
        )
    )
    with asked(small_demo, tmp_path, lines) as source:
        assert source.warned == []
        study = source.kept.model_copy(update={"max_gap_days": -1})  # every order is too old for it
        old = replace(source, kept=study)
        found = {recipient.subscription.gets: letter for recipient, letter in mails_of(old)}
        newest = source.report.facts["newest_order"]
    with language.spoken(spoken):
        said = told.format(day=long_date(newest))
    for gets in ("own accounts", "customers"):
        assert found[gets].paragraphs[0].replace("**", "") == said, gets
    first = found["report"].paragraphs[0]
    assert first.startswith("Old data. The newest order" if spoken == "en" else "Alte Daten. Die neueste")


@pytest.mark.parametrize(
    ("spoken", "told"),
    [
        (
            "en",
            "Before you act, note: Rules, breaks or population changed. Part of the moves is not the "
            "customers’ doing. Refused records and unknown keys: not all that was delivered could be used, "
            "so orders or customers may be missing here.",
        ),
        (
            "de",
            "Vorab zu beachten: Regeln, Klassengrenzen oder Grundgesamtheit geändert. Ein Teil der Wechsel "
            "liegt deshalb nicht an den Kunden. Zurückgewiesene Datensätze und Unbekannte Schlüssel: Nicht "
            "alles aus den Lieferungen war verwendbar; Bestellungen oder Kunden können hier fehlen.",
        ),
    ],
)
def test_sales_learn_what_a_warning_means_for_them_and_none_that_means_nothing(
    small_demo, tmp_path, spoken, told
):
    line = f'{{rep: "0101", gets: own accounts, language: {spoken}}}'
    with asked(small_demo, tmp_path, line) as source:
        report = source.report
        report.tables["gates"] = [
            {"source": "orders", "gate": gate, "state": state, "told": "9 of them", "because": "known"}
            for gate, state in (("quarantine", "warned"), ("match", "accepted"), ("control", "ok"))
        ]
        report.tables["flows"][-1]["model_changed"] = True
        ((_, letter),) = mails_of(source)
    assert letter.paragraphs[0].replace("**", "") == told


# --- German -----------------------------------------------------------------------------------


def test_a_study_in_german_has_mails_in_german(german_demo, tmp_path):
    lines = (
        f'{REPORT}\n{{rep: "0101", gets: own accounts, attach: page}}\n'
        "{to: b@nordkontor.example, gets: customers, where: {segment: Loyal, move: [up, new]}, attach: list}"
    )
    with asked(german_demo, tmp_path, lines) as source:
        found = {recipient.subscription.gets: letter for recipient, letter in mails_of(source)}
        said = {gets: " ".join(texts_in(letter)) for gets, letter in found.items()}
    report, own, some = (found[gets] for gets in ("report", "own accounts", "customers"))
    assert report.subject.endswith(" – Nordkontor customers, 31. Dezember 2025")
    assert report.headline.startswith("Von ")
    assert "auf der Anrufliste" in own.headline
    assert own.paragraphs[0].startswith("Seit dem 16. November: ")
    assert re.fullmatch(
        r"Es sind \d+ Kunden: im Segment Loyal, aufgestiegen oder mit der ersten Bestellung\.", some.headline
    )
    for gets, text in said.items():
        found_words = re.findall(r"\b(?:the|your|you|customers? in|of the|are|moved|since)\b", text)
        assert found_words == [], gets
