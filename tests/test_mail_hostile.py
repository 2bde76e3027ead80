"""No text gets out of the place that it has in a mail, whoever reads the mail.

Mails are read by Python's own parser, by its older one, by one that is written in Rust, and by Chromium.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import fast_mail_parser
import pytest
from hostile import HOSTILE
from small_browser import chromium, opened
from small_letters import PAGE, SENDER, STAMP, page_of, parsed, part_of, recipient

from segcore.errors import MailError
from segcore.mail.addresses import checked
from segcore.mail.body import wide
from segcore.mail.headers import harmless
from segcore.mail.letter import Attachment, Letter, Picture, Recipient
from segcore.mail.message import message
from segcore.report.parts import Cell, Table

FOR_HEADS = (
    "x\r\nBcc: evil@example.com",
    "x\nBcc: evil@example.com",
    "x\rBcc: evil@example.com",
    "x\r\n\r\n<script>alert(1)</script>",
    "x\r\n Bcc: evil@example.com",
    "\r\nBcc: evil@example.com",
    "x\0\r\nBcc: evil@example.com",
    "x\x0b\x0cBcc: evil@example.com",
    "x\x85Bcc: evil@example.com",
    "x\u2028Bcc: evil@example.com",
    "=?utf-8?q?x=0D=0ABcc:_evil@example.com?=",
    "=?utf-8?b?eA0KQmNjOiBldmlsQGV4YW1wbGUuY29t?=",
    "=?utf-8?q?x=0ABcc:_evil@example.com?=",
    "=?utf-8?q?x=0DBcc:_evil@example.com?=",
    "=?us-ascii?Q?=0D=0A=0D=0Abody?=",
    "=?utf-7?q?+AA0ACg-Bcc:?=",
    "=?utf-8*en?q?x=0D=0ABcc:_evil@example.com?=",
    "=?utf-8?q?a?= =?utf-8?q?=0D=0ABcc:?=",
    "==?utf-8?q?x=0D=0A?==",
    "=?=?utf-8?q?x=0D=0ABcc:?=?=",
    "=\u200b?utf-8?q?x=0D=0ABcc:?=",
    "=\x01?utf-8?q?x=0D=0ABcc:?=",
    "=\n?utf-8?q?x=0D=0ABcc:?\n=",
    "?==?utf-8?q?=0D=0A?==?",
    "=?nonsense?x?y?=",
    "=?utf-8?q?",
    "evil@example.com, other@example.com",
    "a, evil@example.com",
    "a; evil@example.com;",
    "<evil@example.com>",
    '"a" <evil@example.com>, "b',
    "a (comment) <evil@example.com>",
    "group: evil@example.com;",
    'a\\" <evil@example.com> \\"',
    'x"; filename="evil.exe',
    "x\"; filename*=utf-8''evil.exe",
    "x.html\r\nContent-Type: text/html",
    "x.pdf\u202egnp.exe",
    "--=_boundary--",
    f"--{STAMP.message_id}",
    "\r\n.\r\nMAIL FROM:<evil@example.com>\r\n",
    "\n--\n.\n",
    "\ud800",
    "x" * 5_000,
    "=?utf-8?q?" + "=0D=0A" * 300 + "?=",
    "é" * 2_000,
    "🏭" * 400,
    "e\u0301" * 300,
    "a " * 1_000,
    "ü =?utf-8?q?x=0D=0ABcc:?=",
)
"""What tries to be a header, a recipient, a part or a command of its own."""

PAYLOADS = tuple(dict.fromkeys((*FOR_HEADS, *HOSTILE)))
OURS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "List-Id",
    "List-Unsubscribe",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
]
KINDS = [
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "multipart/related",
    "text/html",
    "image/png",
    "text/html",
]
DOT = b"\x89PNG\r\n\x1a\nno picture"
FILE = re.compile(r'(?!\.)[^\x00-\x1f\x7f-\x9f/\\:*?"<>|;,%\u2028\u2029\u202a-\u202e\u2066-\u2069]{1,72}')


def table_of(text: str) -> Table:
    """A table that has the text wherever a table has one."""
    cell = Cell(text, text, text)
    return Table([cell, cell], [[cell, Cell("")], [cell, cell]], text, text, [cell, cell], text)


def letter_of(text: str) -> Letter:
    """A letter that has the text wherever a letter has one."""
    return Letter(
        subject=text,
        headline=text,
        paragraphs=[text],
        tables=[table_of(text)],
        more=text,
        link=(text, PAGE),
        pictures=[Picture(text, DOT, text, 400)],
        attachments=[Attachment(text, "text/html", lambda: b"x")],
        greeting=text,
        closing=text,
        customers=frozenset({text}),
    )


@pytest.fixture(scope="module")
def mails() -> dict[str, bytes]:
    """A mail for each payload."""
    sender = replace(SENDER, list_id="x\r\nBcc: evil@example.com.=?utf-8?q?=0D=0A?=")
    return {text: message(letter_of(text), recipient(), sender, STAMP) for text in PAYLOADS}


def test_there_are_as_many_payloads_as_were_promised():
    assert len(PAYLOADS) >= 250


@dataclass(frozen=True)
class Read:
    """What a program finds in a mail."""

    heads: Sequence[str]
    subject: str
    people: Sequence[str]
    kinds: Sequence[str]
    files: Sequence[str | None]


def by_python(mail: bytes) -> Read:
    found = parsed(mail)
    people = [one.addr_spec for head in ("from", "to", "cc", "bcc") for one in addresses(found, head)]
    parts = list(found.walk())
    return Read(
        heads=found.keys(),
        subject=str(found["subject"]),
        people=people,
        kinds=[part.get_content_type() for part in parts],
        files=[part.get_filename() for part in parts if part.get_filename()],
    )


def addresses(found: EmailMessage, head: str) -> Sequence[email.headerregistry.Address]:
    return found[head].addresses if found[head] else ()


def by_rust(mail: bytes) -> Read:
    found = fast_mail_parser.parse_email(mail)
    assert found.from_ is not None and not found.warnings
    people = [one.address for one in (found.from_, *found.to, *found.cc, *found.bcc)]
    parts = list(nodes(fast_mail_parser.parse_email_tree(mail)))
    return Read(
        heads=list(found.headers),
        subject=found.subject,
        people=people,
        kinds=[part.content_type for part in parts],
        files=[part.filename for part in parts if part.filename],
    )


def nodes(part: fast_mail_parser.PyMimePart) -> Iterator[fast_mail_parser.PyMimePart]:
    yield part
    for child in part.children:
        yield from nodes(child)


@pytest.mark.parametrize("read", [by_python, by_rust])
def test_no_text_makes_a_header_a_recipient_or_a_part(mails, read):
    for text, mail in mails.items():
        found = read(mail)
        assert found.heads == OURS, text
        assert found.people == [SENDER.address, recipient().address], text
        assert found.kinds == KINDS, text
        assert found.subject == harmless(text.replace("**", ""), 160), text
        assert len(found.files) == 2, text
        assert [name for name in found.files if not name or not FILE.fullmatch(name)] == [], text


def test_both_parsers_read_the_same(mails):
    assert [text for text, mail in mails.items() if by_python(mail) != by_rust(mail)] == []


def test_the_older_parser_finds_nothing_wrong_and_the_same_headers(mails):
    for text, mail in mails.items():
        found = email.message_from_bytes(mail, policy=email.policy.compat32)
        assert found.keys() == OURS, text
        assert [part.defects for part in found.walk() if part.defects] == [], text


def test_every_line_is_one_that_servers_take(mails):
    for text, mail in mails.items():
        lines = mail.split(b"\r\n")
        assert max(map(len, lines)) <= 998, text
        assert all(byte == 9 or byte == 10 or byte == 13 or 32 <= byte < 127 for byte in set(mail)), text
        assert not [line for line in lines if b"\r" in line or b"\n" in line], text
        head = mail.partition(b"\r\n\r\n")[0].split(b"\r\n")
        assert [line for line in head if len(line) > 78 and b" <" not in line] == [], text


def test_a_head_holds_nothing_that_decodes_to_another_line_or_decodes_again(mails):
    for text, mail in mails.items():
        head = mail.partition(b"\r\n\r\n")[0].decode("ascii").replace("\r\n ", " ")
        for line in head.split("\r\n"):
            once = str(make_header(decode_header(line)))
            assert not re.search(r"[\r\n\0]|=\?|\?=", once), text


def test_the_plain_text_has_no_lines_of_its_own_no_links_and_nothing_hidden(mails):
    for text, mail in mails.items():
        plain = part_of(mail, "plain").replace("\r\n", "\n")
        assert [line for line in plain.splitlines() if min(len(line), wide(line)) > 78] == [], text
        ours = [f"<{PAGE}>", f"<{SENDER.unsubscribe}>"]
        assert [line for line in plain.splitlines() if re.match(r"<(http|mailto)", line)] == ours, text
        assert plain.splitlines().count("-- ") == 1, text
        leading = re.findall(r"\b(?:https?://|mailto:|www\.)", plain.replace(PAGE, ""), re.IGNORECASE)
        assert leading == ["mailto:"], text
        hidden = re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", plain)
        assert hidden == [], text


class Tags(HTMLParser):
    """The tags of a page with the names of their attributes, and its links and pictures."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.leads: list[str | None] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.leads += [value for name, value in attrs if name in ("href", "src", "action")]

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}",))


def test_every_page_has_the_tags_of_a_page_without_anything_hostile(mails):
    usual = Tags(part_of(message(letter_of("harmless"), recipient(), SENDER, STAMP), "html"))
    for text, mail in mails.items():
        found = Tags(part_of(mail, "html"))
        plain = [tag for tag in found.tags if tag not in (("b",), ("/b",))]  # of two stars around a text
        assert plain == usual.tags, text
        assert found.leads == usual.leads, text


LIVE = """() => [...document.querySelectorAll('*')].filter(e =>
  [...e.attributes].some(a => a.name.startsWith('on'))
  || !/^(html|head|meta|title|style|body|div|table|tbody|tr|th|td|p|span|h1|h2|br|b|a|img)$/i.test(e.tagName)
  || (e.tagName === 'META' && /refresh/i.test(e.httpEquiv))
  || (e.tagName === 'STYLE' && e.textContent.includes('alert'))
  || (e.tagName === 'A' && !OURS.includes(e.getAttribute('href')))
  || (e.tagName === 'IMG' && !e.src.startsWith('data:image/png'))
).map(e => e.outerHTML.slice(0, 200))""".replace("OURS", repr([PAGE, SENDER.unsubscribe]))

TOGETHER = 100


def test_nothing_in_any_page_runs_or_asks_or_leads_anywhere(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("segcore.mail.message.LARGEST", 10_000_000)
    with chromium() as browser:
        for first in range(0, len(PAYLOADS), TOGETHER):
            some = [text[:200] for text in PAYLOADS[first : first + TOGETHER]]
            letter = replace(letter_of(some[0]), paragraphs=some, tables=[*map(table_of, some)])
            page = tmp_path / f"{first}.html"
            page.write_text(page_of(message(letter, recipient(), SENDER, STAMP)), encoding="utf-8")
            with opened(browser, page, 360) as seen:
                assert seen.page.evaluate(LIVE) == [], first
                assert seen.page.locator("p").count() > len(some)
                assert seen.page.locator("h2").count() == len(some)
                assert seen.quiet(), first


class TestNames:
    """How somebody is called."""

    @pytest.mark.parametrize("whose", ["recipient", "sender"])
    def test_a_name_is_refused_or_stays_a_name(self, whose):
        refused = 0
        for text in PAYLOADS:
            to = recipient(name=text) if whose == "recipient" else recipient()
            sender = replace(SENDER, name=text) if whose == "sender" else SENDER
            try:
                mail = message(letter_of("x"), to, sender, STAMP)
            except MailError as error:
                refused += 1
                assert [one for one in error.problems if not one.startswith(f"the {whose}'s name must")] == []
                continue
            head = "to" if whose == "recipient" else "from"
            (owner,) = parsed(mail)[head].addresses
            called = " ".join(text.split())
            assert owner.display_name == called, text
            rust = fast_mail_parser.parse_email(mail)
            (read,) = rust.to if whose == "recipient" else [rust.from_]
            assert read and (read.display_name or "") == called, text
            for found in (by_python(mail), by_rust(mail)):
                assert found.heads == OURS, text
                assert found.people == [SENDER.address, recipient().address], text
        assert 40 < refused < len(PAYLOADS) - 100

    @pytest.mark.parametrize(
        "name", ["Berg, Anna", "Süß, Carla", "O'Brien", "a.b", "Müller; Söhne", "x" * 100]
    )
    def test_usual_names_arrive_as_they_are(self, name):
        mail = message(letter_of("x"), recipient(name=name), SENDER, STAMP)
        (owner,) = parsed(mail)["to"].addresses
        (read,) = fast_mail_parser.parse_email(mail).to
        assert (owner.display_name, owner.addr_spec) == (name, recipient().address)
        assert (read.display_name, read.address) == (name, recipient().address)

    def test_an_address_is_refused_or_stays_the_only_one(self):
        for text in PAYLOADS:
            for address in (text, f"{text}@nordkontor.example", f"anna@{text}"):
                try:
                    mail = message(letter_of("x"), recipient(address=address), SENDER, STAMP)
                except MailError:
                    continue
                assert by_python(mail).people == by_rust(mail).people == [SENDER.address, address]
                assert checked(address, "", [address.rpartition("@")[2].lower()]) == []


@pytest.mark.parametrize("text", PAYLOADS[::7])
def test_no_link_and_no_stamp_may_be_hostile(text):
    wrong: Recipient = recipient()
    for letter, sender, stamp in (
        (replace(letter_of("x"), link=("x", text)), SENDER, STAMP),
        (replace(letter_of("x"), link=("x", f"https://x/{text} \"'<")), SENDER, STAMP),
        (letter_of("x"), replace(SENDER, unsubscribe=f"mailto:{text}>\r\n"), STAMP),
        (letter_of("x"), SENDER, replace(STAMP, message_id=f"<{text}@>")),
    ):
        if sender is SENDER and stamp is STAMP and letter.link and letter.link[1].startswith("http"):
            letter = replace(letter, link=("x", f"{letter.link[1]}\n"))
        with pytest.raises(MailError, match=r"must (begin with|be like)"):
            message(letter, wrong, sender, stamp)


def test_a_date_without_a_zone_is_one_of_utc():
    stamp = replace(STAMP, date=dt.datetime(2026, 1, 2, 6, 30))
    assert message(letter_of("x"), recipient(), SENDER, stamp) == message(
        letter_of("x"), recipient(), SENDER, STAMP
    )
