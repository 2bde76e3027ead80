"""Mails to representatives lead to pages that are there, whoever made the runs and with which secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from small_archive import APRIL, MARCH
from small_mailing import EACH, Post, post
from small_representatives import SECRET

from segcore import archive
from segcore.mailing import looking, sending

LINK = re.compile(r"https://intranet\.acme\.example/reports/(acme/for/[0-9a-f]{40}/index\.html)")
AGAIN = "for: written again from the published runs"


@pytest.fixture
def without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """A run that was made without the secret, which is set for mails only."""
    monkeypatch.delenv("SEGCORE_REPS_SECRET", raising=False)
    with post(tmp_path, secret=False) as made:
        assert not (made.places.reports / "for").exists()
        monkeypatch.setenv("SEGCORE_REPS_SECRET", SECRET)
        yield made


def leads_to(root: Path, mails: list[bytes]) -> list[Path]:
    """The pages of representatives that mails lead to."""
    texts = [
        message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content() for raw in mails
    ]
    return [root / "reports" / path for text in texts for path in LINK.findall(text)]


def by_dry_run(acme: Post) -> tuple[list[str], list[bytes]]:
    page, told = sending.dry_run(acme.job(), MARCH)
    return list(told), [file.read_bytes() for file in sorted(page.parent.glob("*.eml"))]


def by_test(acme: Post) -> tuple[list[str], list[bytes]]:
    sent = sending.send_run(acme.job(test_to="me@acme.example"), MARCH)
    return list(sent.lines), [one.raw for one in acme.server.got]


def by_sending(acme: Post) -> tuple[list[str], list[bytes]]:
    sent = acme.send()
    return list(sent.lines), [one.raw for one in acme.server.got]


@pytest.mark.parametrize("how", [by_dry_run, by_test, by_sending])
def test_the_pages_that_mails_lead_to_are_made_if_the_run_was_made_without_a_secret(
    without: Post, how: Callable[[Post], tuple[list[str], list[bytes]]]
) -> None:
    told, mails = how(without)
    found = leads_to(without.root, mails)
    assert len(found) == 4
    assert all(page.is_file() for page in found)
    assert [line for line in told if line.endswith(AGAIN)] == [f"{without.places.reports}/{AGAIN}"]
    told, mails = how(without)
    assert not [line for line in told if line.endswith(AGAIN)]


def test_with_another_secret_the_pages_move_and_the_mails_lead_there(
    without: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.list_runs(without.root / "runs")
    monkeypatch.setenv("SEGCORE_REPS_SECRET", f"another {SECRET}")
    _, mails = by_sending(without)
    found = leads_to(without.root, mails)
    assert len(found) == 4
    assert all(page.is_file() for page in found)


def test_who_has_no_page_gets_no_mail_that_leads_nowhere(without: Post) -> None:
    """Pages are of the newest run: who is in it no more has none, if none was made before."""
    others = "select * replace ('R009' as rep) from kept where rep = 'R003'"
    others = f"select * from kept where rep <> 'R003' union all {others}"
    without.publish(
        APRIL,
        changed={
            "listed": others,
            "reps": "select *, lower(rep) || '@acme.example' as email from kept where rep <> 'R003'",
            "calls": "from kept where rep <> 'R003'",
        },
    )
    sent = without.send(MARCH)
    assert without.got == EACH[:-1]
    why = {entry.rep: entry.why for entry in without.log() if entry.state == "skipped" and entry.rep}
    assert why == {"R003": "the page that the mail would lead to is not there"}
    assert list(looking.log(without.root, "acme", to="R003").lines)
    assert sent.queued[0].amiss == 1
