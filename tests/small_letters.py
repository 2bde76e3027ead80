"""Letters as a run of the made-up wholesaler would make them, and mails as a program shows them."""

from __future__ import annotations

import base64
import datetime as dt
import email
import email.policy
import re
from collections.abc import Sequence
from email.message import EmailMessage
from functools import lru_cache

from segcore.charts import palette
from segcore.mail.letter import Attachment, Letter, Recipient
from segcore.mail.message import Sender, Stamp, message
from segcore.mail.pictures import chosen_picture, own_picture, segments_picture
from segcore.mail.subscriptions import Subscription
from segcore.report.parts import Cell, Table

SEGMENTS = ("Champions", "Loyal", "Needs attention", "At risk", "Lost")
COLOURS = palette(SEGMENTS, 2)
SENDER = Sender(
    address="segments@nordkontor.example",
    name="Nordkontor customers",
    unsubscribe="mailto:segments@nordkontor.example?subject=unsubscribe",
    list_id="demo.segments.nordkontor.example",
    host="nordkontor.example",
)
STAMP = Stamp(f"<{'0123456789' * 4}@nordkontor.example>", dt.datetime(2026, 1, 2, 6, 30, tzinfo=dt.UTC))
PAGE = "https://intranet.nordkontor.example/reports/demo/2025-12-31/"
NOW = tuple(zip(SEGMENTS, (837, 1015, 480, 290, 155), strict=True))
BEFORE = dict(zip(SEGMENTS, (812, 979, 521, 281, 160), strict=True))
OWN = tuple(zip(SEGMENTS, (44, 51, 19, 12, 3), strict=True))
OWN_BEFORE = dict(zip(SEGMENTS, (47, 48, 22, 9, 4), strict=True))


CHOSEN = (("Champions", 0), ("Loyal", 0), ("Needs attention", 31), ("At risk", 18), ("Lost", 0))
CHOSEN_BEFORE = {"Champions": 12, "Loyal": 29, "Needs attention": 8}


def recipient(language: str = "en", *, address: str = "", name: str = "Carla Süß") -> Recipient:
    asked = Subscription(to="carla.suess@nordkontor.example", gets="report")
    return Recipient(address or "carla.suess@nordkontor.example", name, language, asked)


def raw(letter: Letter, language: str = "en") -> bytes:
    return message(letter, recipient(language), SENDER, STAMP)


@lru_cache(maxsize=300)
def parsed(mail: bytes) -> EmailMessage:
    """The mail by Python's own parser, which must find nothing wrong anywhere in it."""
    found = email.message_from_bytes(mail, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    email.message_from_bytes(mail, policy=email.policy.strict)
    for part in found.walk():
        assert part.defects == []
        assert [value.defects for value in part.values() if value.defects] == []
    return found


def part_of(mail: bytes, kind: str) -> str:
    """The text or the HTML of a mail; nothing of what is attached."""
    found = parsed(mail).get_body((kind,))
    assert found is not None
    return str(found.get_content())


def page_of(mail: bytes) -> str:
    """The HTML of a mail with its pictures in it, as a program shows it."""
    pictures = {
        part["Content-ID"].strip("<>"): base64.b64encode(part.get_content()).decode()
        for part in parsed(mail).walk()
        if part["Content-ID"]
    }
    html = part_of(mail, "html")
    return re.sub(r'src="cid:([^"]+)"', lambda m: f'src="data:image/png;base64,{pictures[m[1]]}"', html)


def segment(name: str) -> Cell:
    return Cell(name, colour=COLOURS[name])


def report() -> Letter:
    heads = [Cell("Segment"), Cell("Customers", kind="num"), Cell("Change", kind="num")]
    rows = [
        [segment(name), Cell(f"{now:,}"), Cell(f"{now - BEFORE[name]:+}".replace("-", "−"))]
        for name, now in NOW
    ]
    return Letter(
        subject="Nordkontor customers, 31 December 2025: 224 of 499 reached Champions or Loyal",
        greeting="Dear Ines Petersen,",
        headline="224 of the 499 customers who needed attention are in Champions or Loyal now",
        paragraphs=[
            "That is **45%**, as many as usual. 467 customers rose and 625 fell since 16 November.",
            "Of the 93 customers who fell from Champions, 71 ordered less often than before.",
        ],
        tables=[Table(heads, rows, "The segments")],
        link=("Open the report", f"{PAGE}report.html"),
        pictures=[segments_picture(NOW, BEFORE, COLOURS, "en")],
        closing="You get this mail after each run because you asked for the report.",
    )


CALLS = (
    (
        "Öresund Design",
        "0000004711",
        "12 January",
        "in 12 days, to Lost",
        "No order for 214 days",
        3,
        "12,450",
    ),
    (
        "Hansen & Söhne",
        "0000000815",
        "19 January",
        "in 19 days, to At risk",
        "Ordered less often",
        2,
        "8,210",
    ),
    (
        "Lindqvist Möbel",
        "0000001337",
        "2 February",
        "in 33 days, to Lost",
        "No order for 192 days",
        3,
        "6,904",
    ),
    (
        "Küsten-Kontor Barth",
        "0000002048",
        "14 February",
        "in 45 days",
        "Stopped buying furniture",
        2,
        "1,377",
    ),
)
RUF = {
    "12 January": "12. Januar",
    "19 January": "19. Januar",
    "2 February": "2. Februar",
    "14 February": "14. Februar",
    "in 12 days, to Lost": "in 12 Tagen, nach Lost",
    "in 19 days, to At risk": "in 19 Tagen, nach At risk",
    "in 33 days, to Lost": "in 33 Tagen, nach Lost",
    "in 45 days": "in 45 Tagen",
    "No order for 214 days": "Seit 214 Tagen nichts bestellt",
    "No order for 192 days": "Seit 192 Tagen nichts bestellt",
    "Ordered less often": "Seltener bestellt",
    "Stopped buying furniture": "Bestellt keine Möbel mehr",
}


def calls(language: str, rows: Sequence[tuple[str, str, str, str, str, int, str]] = CALLS) -> Table:
    german = language == "de"
    said = RUF if german else {}
    words = (
        ("Kunde", "Vor dem", "Warum", "Segment", "Bestellwert")
        if german
        else ("Customer", "Before", "Why", "Segment", "Order value")
    )
    last = "12 Monate" if german else "12 months"
    heads = [*map(Cell, words[:4]), Cell(words[4], last, "num")]
    number = "Nr. " if german else "no. "
    return Table(
        heads,
        [
            [
                Cell(name, number + customer.lstrip("0"), "who"),
                Cell(said.get(day, day), said.get(off, off), "day"),
                Cell(said.get(why, why)),
                segment(SEGMENTS[place]),
                Cell(f"{value.replace(',', '.')} €" if german else f"€{value}", kind="num"),
            ]
            for name, customer, day, off, why, place, value in rows
        ],
        "Wer zuerst anzurufen ist" if german else "Whom to call first",
    )


def own_accounts(language: str = "de") -> Letter:
    german = language == "de"
    return Letter(
        subject="Ihre Kunden am 31. Dezember 2025: 28 anrufen, 12 davon rutschen bald ab"
        if german
        else "Your customers on 31 December 2025: 28 to call, 12 of them would fall soon",
        greeting="Guten Tag Carla Süß," if german else "Dear Carla Süß,",
        headline="28 Ihrer Kunden sollten Sie anrufen; 12 davon rutschen vor dem 14. Februar ab"
        if german
        else "28 of your customers should be called; 12 of them would fall before 14 February",
        paragraphs=[
            "Zuerst **Öresund Design**, vor dem **12. Januar**. Seit dem letzten Lauf sind 7 aufgestiegen "
            "und 17 abgestiegen."
            if german
            else "First **Öresund Design**, before **12 January**. 7 rose and 17 fell since the last run."
        ],
        tables=[calls(language)],
        more="24 weitere stehen auf Ihrer Seite." if german else "24 more are on your page.",
        link=("Ihre Kunden öffnen" if german else "Open your customers", f"{PAGE}for/0103-x7f3/index.html"),
        pictures=[own_picture(OWN, OWN_BEFORE, COLOURS, language)],
        closing="Sie bekommen diese Mail nach jedem Lauf, weil Sie Kunden betreuen."
        if german
        else "You get this mail after each run because you look after customers.",
        customers=frozenset(row[1] for row in CALLS),
    )


def customers(language: str = "en") -> Letter:
    german = language == "de"
    return Letter(
        subject="Nordkontor customers, 31 December 2025: 4 customers of region Nord fell",
        headline="4 customers of region Nord fell to Lost"
        if not german
        else "4 Kunden der Region Nord fielen",
        paragraphs=["Their order value of the last 12 months was **€28,941**."],
        tables=[calls(language)],
        pictures=[chosen_picture(CHOSEN, CHOSEN_BEFORE, COLOURS, language)],
        attachments=[Attachment("Kunden Größe.html", "text/html", lambda: b"<p>page</p>")],
        closing="You get this mail once a month, if there is something in it.",
    )
