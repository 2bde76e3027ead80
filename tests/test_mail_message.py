"""segcore.mail.message, body, headers and pictures: what a mail looks like on the wire."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import hashlib
import io
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import fast_mail_parser
import pytest
from small_letters import (
    BEFORE,
    CALLS,
    COLOURS,
    NOW,
    PAGE,
    SENDER,
    STAMP,
    calls,
    customers,
    own_accounts,
    parsed,
    part_of,
    raw,
    recipient,
    report,
)

from segcore.errors import MailError
from segcore.mail import headers
from segcore.mail.letter import Attachment, Letter
from segcore.mail.message import LARGEST, Stamp, message
from segcore.mail.pictures import own_picture, segments_picture
from segcore.report.parts import Cell, Table
from segcore.wording import NBSP

LETTERS = {
    "report": (report, "en"),
    "own accounts": (own_accounts, "de"),
    "customers": (customers, "en"),
}


@pytest.fixture(scope="module", params=LETTERS)
def mail(request: pytest.FixtureRequest) -> bytes:
    made, language = LETTERS[request.param]
    return raw(made(), language)


def test_pythons_strict_parser_and_a_second_one_find_nothing_to_mend(mail):
    email.message_from_bytes(mail, policy=email.policy.strict)
    assert parsed(mail).defects == []
    assert not fast_mail_parser.parse_email(mail).warnings


def test_the_head_of_a_mail():
    head = raw(own_accounts(), "de").partition(b"\r\nContent-Type")[0].decode("ascii").split("\r\n")
    assert head == [
        "From: Nordkontor customers <segments@nordkontor.example>",
        "To: =?utf-8?b?Q2FybGEgU8O8w58=?= <carla.suess@nordkontor.example>",
        "Subject: Ihre Kunden am 31. Dezember 2025: 28 anrufen, 12 davon rutschen",
        " bald ab",
        "Date: Fri, 02 Jan 2026 06:30:00 +0000",
        "Message-ID: <0123456789012345678901234567890123456789@nordkontor.example>",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: All",
        "List-Id: <demo.segments.nordkontor.example>",
        "List-Unsubscribe: <mailto:segments@nordkontor.example?subject=unsubscribe>",
        "Content-Language: de",
        "MIME-Version: 1.0",
    ]


def kinds(mail: bytes) -> list[str]:
    return [part.get_content_type() for part in parsed(mail).walk()]


def test_text_and_html_are_alternatives_pictures_belong_to_the_html_and_files_to_the_mail():
    letter = replace(report(), attachments=customers().attachments)
    assert kinds(raw(letter)) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/html",
    ]
    assert kinds(raw(report())) == kinds(raw(letter))[1:-1]
    assert kinds(raw(replace(report(), pictures=()))) == ["multipart/alternative", "text/plain", "text/html"]


def test_pictures_are_inline_by_reference():
    mail = raw(report())
    (picture,) = [part for part in parsed(mail).walk() if part.get_content_type() == "image/png"]
    (cid,) = [part.strip("<>") for part in picture.get_all("Content-ID")]
    assert f'<img src="cid:{cid}"' in part_of(mail, "html")
    assert picture["Content-Disposition"].content_disposition == "inline"
    assert picture.get_content() == report().pictures[0].png


def test_an_attachment_keeps_its_name_and_bytes():
    content = bytes(range(256)) * 99
    letter = Letter(
        "s", "h", attachments=[Attachment("Kunden Größe.xlsx", "application/x-y", lambda: content)]
    )
    (part,) = parsed(raw(letter)).iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("Kunden Größe.xlsx", "application/x-y")
    assert part.get_content() == content
    (read,) = fast_mail_parser.parse_email(raw(letter)).attachments
    assert (read.filename, read.content) == ("Kunden Größe.xlsx", content)
    assert b'name="Kunden Grosse.xlsx"' in raw(letter)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.html", "report.html"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\x\\report.html", "C__x_report.html"),
        ("CON.html", "_CON.html"),
        ("x.pdf\u202egnp.exe", "x.pdf gnp.exe"),
        ("", "file"),
        ("...", "file"),
        ("x" * 300 + ".xlsx", "x" * 60 + ".xlsx"),
        ('a"; filename="b.exe', "a__ filename=_b.exe"),
        ("https://x.example", "https___x.example"),
    ],
)
def test_a_file_has_a_name_that_every_machine_takes(given, kept):
    assert headers.file_name(given) == kept


def test_the_same_letter_and_stamp_give_the_same_bytes(mail):
    made, language = next(pair for pair in LETTERS.values() if raw(pair[0](), pair[1]) == mail)
    other = Stamp("<other@nordkontor.example>", STAMP.date)
    assert raw(made(), language) == mail
    assert message(made(), recipient(language), SENDER, other) != mail


def test_a_date_keeps_its_zone():
    zone = dt.timezone(dt.timedelta(hours=1))
    stamp = replace(STAMP, date=dt.datetime(2026, 1, 2, 7, 30, tzinfo=zone))
    assert parsed(message(report(), recipient(), SENDER, stamp))["Date"] == "Fri, 02 Jan 2026 07:30:00 +0100"


def test_who_wants_no_more_writes_to_the_sender_if_nothing_else_is_said():
    mail = message(report(), recipient(), replace(SENDER, unsubscribe=""), STAMP)
    assert parsed(mail)["List-Unsubscribe"] == "<mailto:segments@nordkontor.example>"
    assert 'href="mailto:segments@nordkontor.example"' in part_of(mail, "html")


def test_all_problems_are_told_at_once():
    with pytest.raises(MailError) as told:
        message(
            replace(report(), link=("x", "javascript:alert(1)")),
            recipient(address="x", name="a\nb"),
            replace(SENDER, name="<x>", unsubscribe="ftp://x"),
            replace(STAMP, message_id="x y@z"),
        )
    assert told.value.problems == (
        "the address must be like name@acme.example, without a name before it (got 'x')",
        "the recipient's name must be one line of text (got 'a\\nb', which has U+000A)",
        "the sender's name must have no < > \" or \\ (got '<x>'); say another under mail: name or from",
        "the link must begin with https:// and be ASCII without blanks (got 'javascript:alert(1)')",
        "unsubscribe must begin with mailto: or https:// and be ASCII without blanks (got 'ftp://x')",
        "the Message-ID must be like <letters-and-digits@host> (got 'x y@z')",
    )


GERMAN = """\
Guten Tag Carla Süß,

28 Ihrer Kunden sollten Sie anrufen; 12 davon rutschen vor dem 14. Februar ab

Zuerst Öresund Design, vor dem 12. Januar. Seit dem letzten Lauf sind 7
aufgestiegen und 17 abgestiegen.

Ihre Kunden öffnen:
<https://intranet.nordkontor.example/reports/demo/2025-12-31/for/0103-x7f3/index.html>

[Bild: Eigene Kunden je Segment, in Klammern beim Lauf davor: Champions 44
(47); Loyal 51 (48); Needs attention 19 (22); At risk 12 (9); Lost 3 (4).]

Wer zuerst anzurufen ist
------------------------
Öresund Design (Nr. 4711)
  Vor dem: 12. Januar (in 12 Tagen, nach Lost)
  Warum: Seit 214 Tagen nichts bestellt
  Segment: At risk
  Bestellwert: 12.450 €

Hansen & Söhne (Nr. 815)
  Vor dem: 19. Januar (in 19 Tagen, nach At risk)
  Warum: Seltener bestellt
  Segment: Needs attention
  Bestellwert: 8.210 €

24 weitere stehen auf Ihrer Seite.

--\x20
Sie bekommen diese Mail nach jedem Lauf, weil Sie Kunden betreuen.
Keine solchen Mails mehr:
<mailto:segments@nordkontor.example?subject=unsubscribe>
"""


def test_the_plain_text_reads_well_by_itself():
    letter = replace(own_accounts(), tables=[calls("de", CALLS[:2])])
    assert part_of(raw(letter, "de"), "plain").replace("\r\n", "\n") == GERMAN


def test_a_narrow_table_is_aligned_in_plain_text():
    lines = part_of(raw(report()), "plain").replace("\r\n", "\n")
    assert "The segments\n------------\nSegment          Customers  Change\n" in lines
    assert "Needs attention        480     −41\n" in lines


class TestSize:
    """No mail program cuts a mail off, whatever is in it."""

    def letter(self, name: str, rows: int) -> Letter:
        many = [(name, f"{place:010}", *CALLS[0][2:]) for place in range(1, rows + 1)]
        return replace(own_accounts("en"), tables=[calls("en", many)])

    @pytest.mark.parametrize(
        "name", ["Nord", "x" * 3_000, "'" * 3_000, "🏭" * 500, "ö & " * 500], ids=[*"abcde"]
    )
    @pytest.mark.parametrize("rows", [70, 3_000])
    def test_rows_that_have_no_room_are_left_out_and_counted(self, name, rows):
        mail = raw(self.letter(name, rows))
        page = next(part for part in parsed(mail).walk() if part.get_content_type() == "text/html")
        assert LARGEST // 2 < len(page.get_payload()) <= LARGEST < 102 * 1024
        html, plain = part_of(mail, "html").replace(NBSP, " "), part_of(mail, "plain")
        shown = html.count("<th scope=row")
        assert f"{rows - shown:,} more rows did not fit into this mail; the page has them all." in html
        assert plain.count("  Before: ") == shown
        assert "did not fit into this mail; the page has them" in " ".join(plain.split())

    def test_a_table_that_has_room_is_whole(self):
        mail = raw(self.letter("Öresund Design", 50))
        assert part_of(mail, "html").count("<th scope=row") == 50
        assert "did not fit" not in part_of(mail, "html")

    def test_without_a_page_nothing_is_said_of_one(self):
        mail = raw(replace(self.letter("x" * 99, 3_000), link=None))
        assert "did not fit into this mail.</p>" in part_of(mail, "html")

    def test_a_long_table_leaves_room_for_a_short_one(self):
        short = Table([Cell("Segment")], [[Cell("Champions")], [Cell("Loyal")]])
        letter = self.letter("x" * 99, 900)
        html = part_of(raw(replace(letter, tables=[*letter.tables, short])), "html")
        assert "Champions" in html and "Loyal" in html

    def test_a_mail_that_is_too_long_without_tables_is_refused(self):
        with pytest.raises(MailError, match=r"^a mail must have 102,000 bytes of HTML at most \(got "):
            raw(replace(report(), paragraphs=["x" * 1_500] * 80))


@pytest.mark.parametrize(
    "what", ["<script", "<form", "<link", "http-equiv", "url(", "flex", "@import", "javascript"]
)
def test_the_html_has_nothing_that_mail_programs_refuse(mail, what):
    html = part_of(mail, "html")
    assert what not in html
    outside = [part for part in html.split('"') if part.startswith(("http", "//"))]
    assert set(outside) <= {f"{PAGE}report.html", f"{PAGE}for/0103-x7f3/index.html"}


def test_the_html_says_its_language_what_pictures_show_and_what_lists_of_mails_show():
    html = part_of(raw(own_accounts(), "de"), "html")
    assert '<html lang="de"' in html
    assert 'alt="Eigene Kunden je Segment, in Klammern beim Lauf davor: Champions 44 (47);' in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert html.index("Zuerst Öresund Design, vor dem 12. Januar.") < html.index("<h1")
    tables = html.split("<table")[1:]
    assert all('role="presentation"' in table.partition(">")[0] or "<th scope" in table for table in tables)


class TestPictures:
    """The charts of mails."""

    def test_a_picture_has_twice_the_pixels_of_its_width(self):
        picture = report().pictures[0]
        assert picture.png.startswith(b"\x89PNG")
        assert struct.unpack(">I", picture.png[16:20]) == (2 * picture.width,)

    def test_it_is_opaque_and_small(self):
        from PIL import Image

        picture = report().pictures[0]
        with Image.open(io.BytesIO(picture.png)) as drawn:
            assert drawn.convert("RGBA").getextrema()[3] == (255, 255)
        assert len(picture.png) < 20_000

    def test_it_says_what_it_shows(self):
        assert segments_picture(NOW, BEFORE, COLOURS, "en").says == (
            "Customers in each segment, in brackets at the run before: Champions 837 (812); "
            "Loyal 1,015 (979); Needs attention 480 (521); At risk 290 (281); Lost 155 (160)."
        )
        assert own_picture(NOW[:2], None, COLOURS, "de").says == (
            "Eigene Kunden je Segment: Champions 837; Loyal 1.015."
        )

    def test_the_same_figures_give_the_same_bytes_in_any_process(self):
        code = (
            "import sys; sys.path.insert(0, 'tests')\n"
            "import hashlib, small_letters as s\n"
            "print(hashlib.sha256(s.report().pictures[0].png).hexdigest())"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.strip() == hashlib.sha256(report().pictures[0].png).hexdigest()

    @pytest.mark.parametrize(
        "name", ["<script>alert(1)</script>", "&amp;", "\x00\ud800\ufffe", "x" * 999, "]]>", ""]
    )
    def test_any_name_can_be_drawn(self, name):
        drawn = segments_picture([(name, 1), ("b", 0)], {name: 3}, {}, "en")
        assert drawn.png.startswith(b"\x89PNG")

    def test_nobody_at_all_can_be_drawn(self):
        assert segments_picture([("a", 0)], {"a": 0}, {}, "en").png
        assert segments_picture([], None, {}, "de").png


class TestTheEnd:
    """How to get no more mails."""

    def test_the_address_that_the_closing_names_is_the_link(self):
        letter = replace(report(), closing="You asked for it. Write to segments@nordkontor.example, then.")
        mail = raw(letter)
        link = f'<a class="i2" href="{SENDER.unsubscribe}"'
        assert f"You asked for it. Write to {link}" in part_of(mail, "html")
        assert ">segments@nordkontor.example</a>, then.</p>" in part_of(mail, "html")
        lines = part_of(mail, "plain").splitlines()
        assert lines[-1] == "You asked for it. Write to segments@nordkontor.example, then."

    def test_an_address_of_the_web_stays_one(self):
        sender = replace(SENDER, unsubscribe="https://intranet.nordkontor.example/mails?list=demo")
        letter = replace(report(), closing="No more of them: https://intranet.nordkontor.example/mails")
        mail = message(letter, recipient(), sender, STAMP)
        assert part_of(mail, "plain").splitlines()[-1] == letter.closing
        assert f'href="{sender.unsubscribe}"' in part_of(mail, "html")

    def test_there_is_a_link_where_nothing_is_said(self):
        lines = part_of(raw(replace(report(), closing="")), "plain").splitlines()
        assert lines[-3:] == ["-- ", "No more mails like this one:", f"<{SENDER.unsubscribe}>"]


def test_rows_that_are_counted_are_named_by_their_second_column():
    counted = calls("en")
    heads = [Cell("Place", kind="num"), *counted.heads]
    rows = [[Cell(str(place), kind="num"), *row] for place, row in enumerate(counted.rows, start=1)]
    mail = raw(replace(own_accounts("en"), tables=[replace(counted, heads=heads, rows=rows)]))
    assert "\n1. Öresund Design (no. 4711)\n  Before: 12 January" in part_of(mail, "plain").replace("\r", "")
    assert part_of(mail, "html").count('class="l n"') == 2 * len(rows)
