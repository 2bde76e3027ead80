"""No byte of a representative's mail is of a customer of somebody else."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from small_erasing import layers_of
from small_letters import SENDER, STAMP
from small_mails import mails_of, published, source_of, text_of, texts_in
from small_representatives import SECRET

from segcore.mail.letter import Letter, Recipient
from segcore.mail.message import message
from segcore.params import Study
from segcore.representatives import Secret, own

CANARIES = re.compile(r"(?:Canary|K)(\d{4})z")
PEOPLE = re.compile(r"(?:Person|\bR)(\d{3})(?:y|\b)")
REPS, CUSTOMERS = 200, 2000


class Seen(NamedTuple):
    """Whose customers and which representatives stand in a mail."""

    customers: set[int]
    people: set[int]
    letter: Letter


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Study]:
    """200 representatives and 2,000 customers, each with a name that stands nowhere else."""
    return made(tmp_path_factory.mktemp("canaries"), CUSTOMERS, REPS)


def made(root: Path, customers: int, reps: int) -> tuple[Path, Study]:
    asked = "{rep: all, gets: own accounts, attach: [page, workbook]}"
    return root, published(root, asked, customers=customers, reps=reps, more=0)


def every_byte(recipient: Recipient, letter: Letter) -> str:
    """The bytes of a mail as they go out, of its parts, and of what is packed in these."""
    raw = message(letter, recipient, SENDER, STAMP)
    parts = email.message_from_bytes(raw, policy=email.policy.default).walk()
    held = [part.get_payload(decode=True) for part in parts if not part.is_multipart()]
    assert len(held) == 5  # text, HTML, picture, page and workbook
    layers = [piece for part in held for _, piece in layers_of("", part)]
    return "\n".join(piece.decode("utf-8", "replace") for piece in [raw, *layers])


def seen(project: tuple[Path, Study], read: Callable[[Recipient, Letter], str]) -> dict[int, Seen]:
    """Representative → what stands in the mail."""
    root, study = project
    found = {}
    with source_of(root, study) as source:
        for recipient, letter in mails_of(source):
            assert letter is not None
            assert recipient.address == f"{recipient.rep}@acme.example".lower()
            said = read(recipient, letter)
            customers, people = CANARIES.findall(said), PEOPLE.findall(said)
            found[int(recipient.rep[1:])] = Seen({*map(int, customers)}, {*map(int, people)}, letter)
    return found


def test_no_byte_of_a_mail_is_of_somebody_elses_customer(project):
    every = seen(project, every_byte)
    assert set(every) == set(range(REPS))
    for number, found in every.items():
        assert found.customers == set(range(number, CUSTOMERS, REPS))
        assert found.people == {number}
        assert found.letter.customers == {f"K{customer:04}z" for customer in found.customers}


def test_without_the_filter_this_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr(own, "only", lambda rows, number: [row[1:] for row in rows])
    attached: list[str] = []

    def read(_: Recipient, letter: Letter) -> str:
        if not attached:  # those of one are enough, for each holds all customers now
            attached.extend(map(text_of, letter.attachments))
        return "\n".join(texts_in(letter))

    every = seen(made(tmp_path, 400, 40), read)  # each mail holds all customers now
    assert {n for n, found in every.items() if any(c % 40 != n for c in found.customers)} == set(range(40))
    assert [len(set(CANARIES.findall(text))) for text in attached] == [400, 400]


def test_every_link_leads_to_the_own_folder_and_no_address_gets_two(project):
    root, study = project
    asked = "subscriptions: [{rep: all, gets: own accounts}]\n"
    study.subscriptions_path.write_text(asked)
    with source_of(root, study) as source:
        found = {recipient.rep: letter.link[1] for recipient, letter in mails_of(source)}
    secret = Secret(SECRET)
    base = "https://intranet.acme.example/reports/acme/for"
    assert found == {rep: f"{base}/{secret.folder('acme', rep)}/index.html" for rep in found}
    assert len(set(found.values())) == REPS
