"""Mails about some customers: those for whom everything holds that somebody asked for."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from shared_projects import DATES
from small_mails import asked, mails_of, one, people_of, published, rows, source_of, table

from segcore import language
from segcore.engine.sql import quote_text
from segcore.errors import MailError
from segcore.mail import reasons
from segcore.mail.contents import nothing
from segcore.mail.subscriptions import load_subscriptions


@pytest.mark.parametrize(
    "where",
    [
        {"segment": ["Champions", "Loyal"]},
        {"move": ["down"]},
        {"move": ["gone", "new", "returned"]},
        {"cause": ["earned"]},
        {"rep": ["0103", "0107"], "move": ["down"]},
        {"region": ["Österreich"]},
        {"market": ["Möbel"]},
        {"segment": ["Loyal"], "move": ["up"], "region": ["Österreich"], "market": ["Möbel", "Technik"]},
    ],
    ids=lambda where: "-".join(where),
)
def test_customers_are_those_for_whom_everything_holds(small_demo, tmp_path, where):
    wanted = those(small_demo, where)
    given = json.dumps(where, ensure_ascii=False)
    line = f"{{to: a@nordkontor.example, gets: customers, attach: [list], where: {given}}}"
    with asked(small_demo, tmp_path, line) as source:
        ((_, letter),) = mails_of(source)
        listed = letter.attachments[0].read().decode("utf-8-sig")
    assert letter.customers == wanted
    assert {row["customer_id"] for row in csv.DictReader(io.StringIO(listed))} == wanted
    assert len(rows(letter)) == min(15, len(wanted))
    number = f"{len(wanted)} customers" if len(wanted) != 1 else "1 customer"
    is_or_are = "is" if len(wanted) == 1 else "are"
    assert letter.headline.startswith(f"There {is_or_are} {number} " if wanted else "There is no customer ")
    assert letter.subject.startswith(number if wanted else "No customer ")
    assert letter.subject.endswith(" – Nordkontor customers, 31 December 2025")
    assert len(letter.subject) <= 140
    values = {row["customer_id"]: row["value"] for row in table(small_demo, "listed")}
    numbers = [row[0].small.removeprefix("no. ") for row in letter.tables[0].rows] if wanted else []
    assert [values[n] for n in numbers] == sorted((values[n] for n in wanted), reverse=True)[:15]


@pytest.mark.parametrize(
    "where",
    [{"segment": ["At risk"]}, {"move": ["gone"]}, {"rep": ["0103"]}],
    ids=lambda where: "-".join(where),
)
def test_the_picture_shows_where_the_customers_are_and_were(small_demo, tmp_path, where):
    line = f"{{to: a@nordkontor.example, gets: customers, where: {json.dumps(where)}}}"
    wanted = those(small_demo, where)
    listed = [row for row in table(small_demo, "listed") if row["customer_id"] in wanted]
    now, then = (Counter(row[name] for row in listed) for name in ("segment", "from_segment"))
    [picture] = one(small_demo, tmp_path, line).pictures
    counted = {
        found[1]: (int(found[2]), int(found[3]))
        for found in re.finditer(r"(?:: |; )([A-Z][\w ]+?) ([\d,]+) \(([\d,]+)\)", picture.says)
    }
    assert counted == {name: (now[name], then[name]) for name in {*now, *then} - {None}}
    assert picture.says.startswith("These customers in each segment, in brackets at the run before: ")
    assert picture.png.startswith(b"\x89PNG") and len(picture.png) < 30_000


def those(project: Path, where: Mapping[str, list[str]]) -> set[str]:
    """The same, counted another way."""
    region = {row["customer_id"]: row["region"] for row in table(project, "customers_source")}
    markets = {(row["customer_id"], row["market"]) for row in table(project, "transactions")}
    return {
        row["customer_id"]
        for row in table(project, "listed")
        if row["segment"] in where.get("segment", [row["segment"]])
        and row["state"] in where.get("move", [row["state"]])
        and row["mark"] in where.get("cause", [row["mark"]])
        and row["rep"] in where.get("rep", [row["rep"]])
        and region[row["customer_id"]] in where.get("region", [region[row["customer_id"]]])
        and ("market" not in where or any((row["customer_id"], m) in markets for m in where["market"]))
    }


def test_the_link_leads_to_the_customers_as_far_as_the_page_can_filter(small_demo, tmp_path):
    where = "{segment: Loyal, move: up, region: Österreich, market: [Möbel, Technik]}"
    letter = one(small_demo, tmp_path, f"{{to: a@nordkontor.example, gets: customers, where: {where}}}")
    assert letter.link == (
        "Open the page of customers",
        "https://intranet.nordkontor.example/reports/demo/2025-12-31/customers.html"
        "#segment=Loyal&attribute.region=%C3%96sterreich&state=up",
    )
    assert " in Loyal, of Österreich, with orders in Möbel or Technik, who moved up – Nord" in letter.subject
    assert letter.attachments == []
    assert letter.paragraphs == [
        "The page shows all customers in Loyal, of Österreich, who moved up; those of this mail are among "
        "them."
    ]


@pytest.mark.parametrize(
    ("given", "words", "paragraphs", "where"),
    [
        ("where: {segment: Loyal}", "Look these customers up", [], "behind the link."),
        (
            "where: {segment: [Loyal, Champions]}",
            "Open the page of customers",
            ["The page shows all customers; those of this mail are among them."],
            "not listed here.",
        ),
        (
            "where: {segment: [Loyal, Champions]}, attach: list",
            "Open the page of customers",
            [
                "All of them stand in the attached list.",
                "The page shows all customers; those of this mail are in the list.",
            ],
            "in the attached file.",
        ),
    ],
)
def test_nothing_is_promised_behind_a_link_that_shows_others(
    small_demo, tmp_path, given, words, paragraphs, where
):
    letter = one(small_demo, tmp_path, f"{{to: a@nordkontor.example, gets: customers, {given}}}")
    assert letter.link is not None and letter.link[0] == words
    assert letter.paragraphs == paragraphs
    assert letter.more.endswith(where)


def test_no_mail_where_nobody_fits_and_somebody_wants_none(small_demo, tmp_path):
    nobody = "where: {segment: Lost, cause: boundary}"
    lines = f"{{to: a@nordkontor.example, gets: customers, {nobody}, only_if_any: true}}"
    lines += f"\n{{to: b@nordkontor.example, gets: customers, {nobody}}}"
    with asked(small_demo, tmp_path, lines) as source:
        found = {recipient.address[0]: letter for recipient, letter in mails_of(source)}
    assert found["a"] is None
    assert found["b"].headline == "There is no customer in Lost, who moved because of moved boundaries."


def test_a_region_that_no_customer_has_is_refused(small_demo, tmp_path):
    line = "{to: a@nordkontor.example, gets: customers, where: {region: Osterreich, market: Moebel}}"
    with asked(small_demo, tmp_path, line) as source, pytest.raises(MailError) as caught:
        people_of(source)
    assert [problem.partition(": ")[2] for problem in caught.value.problems] == [
        "entry 1, for a@nordkontor.example: where.region must be of the run's customers (got 'Osterreich'); "
        "did you mean Österreich?",
        "entry 1, for a@nordkontor.example: where.market must be of the run's customers (got 'Moebel'); did "
        "you mean Möbel?",
    ]


def test_no_text_of_the_attached_list_is_a_formula(tmp_path):
    formula = quote_text("=1+1")
    listed = f"select * replace ({formula} as name, {formula} as from_segment) from kept"
    line = "{to: a@acme.example, gets: customers, where: {segment: Loyal}, attach: list}"
    study = published(tmp_path, line, changed={"listed": listed})
    with source_of(tmp_path, study) as source:
        ((_, letter),) = mails_of(source)
        told = list(csv.DictReader(io.StringIO(letter.attachments[0].read().decode("utf-8-sig"))))
    assert {(row["name"], row["from_segment"]) for row in told} == {("'=1+1", "'=1+1")}
    assert len(told) == len(letter.customers) > 15


@pytest.mark.parametrize("given", ["move: down", "cause: aged"])
def test_the_first_run_says_that_nobody_can_have_moved_yet(small_demo, tmp_path, given):
    line = f"{{to: a@nordkontor.example, gets: customers, where: {{{given}}}, attach: list}}"
    letter = one(small_demo, tmp_path, line, DATES[0])
    assert letter.subject == "First run, no moves yet – Nordkontor customers, 2 October 2025"
    assert letter.headline == "This is the first run: moves appear from the next one on."
    assert (letter.tables, letter.pictures, letter.attachments) == ([], [], [])
    assert letter.paragraphs == ["No list is attached, for nobody would be in it."]


def test_why_nothing_is_in_a_mail_of_a_first_run(small_demo, tmp_path):
    lines = (
        "{to: a@nordkontor.example, gets: customers, where: {move: down}, only_if_any: true}\n"
        "{to: a@nordkontor.example, gets: customers, where: {segment: Loyal, region: [Nord, Süd]}}"
    )
    first = "this is the first run: moves come with the next one"
    for day, why in ((DATES[0], first), (DATES[-1], "nothing is in it")):
        with asked(small_demo, tmp_path, lines, day) as source:
            told = [nothing(source, one) for one in load_subscriptions(source.study)]
        assert told == [why, "nothing is in it"]
    with language.spoken("de"):
        assert reasons.shown(first) == "dies ist der erste Lauf: Wechsel gibt es ab dem nächsten"


def test_an_empty_list_is_not_attached_and_that_is_said(small_demo, tmp_path):
    where = "where: {segment: Lost, cause: boundary}, attach: list"
    letter = one(small_demo, tmp_path, f"{{to: a@nordkontor.example, gets: customers, {where}}}")
    assert letter.attachments == []
    assert letter.paragraphs == ["No list is attached, for nobody would be in it."]


def test_representatives_are_called_by_their_names(small_demo, tmp_path):
    where = 'where: {rep: ["0101", "0103"]}'
    letter = one(small_demo, tmp_path, f"{{to: a@nordkontor.example, gets: customers, {where}}}")
    names = {row["rep"]: row["name"] for row in table(small_demo, "reps")}
    told = f"looked after by {names['0101']} or {names['0103']}"
    assert told in letter.subject and letter.headline.endswith(f" {told}.") and told in letter.closing
    assert "0101" not in letter.subject + letter.headline + letter.closing
