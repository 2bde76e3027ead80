"""``mail.html``: who got what, for the analyst, from what the outbox tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hostile import FOR_PAGES
from small_browser import SIDEWAYS, WIDTHS, chromium, opened, serious
from small_mail import NOW, mail, skip

from segcore import archive
from segcore.archive import mail_pages
from segcore.mail import page as pages
from segcore.mail.letter import Letter, Recipient
from segcore.mail.message import Sender, Stamp, message
from segcore.mail.outbox import Outbox
from segcore.mail.subscriptions import Subscription
from segcore.mailing import dry_run

STEP = archive.AFTER["mail"]


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    """A study with a mail that waits, and somebody who gets none."""
    found = archive.Places(tmp_path, "acme")
    found.runs.mkdir(parents=True)
    (found.runs / "ledger.jsonl").touch()
    with Outbox.open(found.outbox, make=True) as outbox:
        outbox.add([mail(name="Anna Berg")], [skip("b@acme.example", "not due before 2026-04-15")], NOW)
    return found


def text_of(places: archive.Places) -> str:
    return mail_pages.path_of(places).read_text(encoding="utf-8")


def test_a_study_without_an_outbox_has_no_page(tmp_path: Path) -> None:
    places = archive.Places(tmp_path, "acme")
    assert STEP.missing(places) == []
    assert STEP.do(places) == []
    assert not places.reports.exists()


def test_it_is_written_once_and_again_when_something_became_of_a_mail(places: archive.Places) -> None:
    path = mail_pages.path_of(places)
    assert STEP.missing(places) == [path]
    assert STEP.do(places) == []
    assert STEP.missing(places) == []
    first = text_of(places)
    for told in ("Anna Berg", "a@acme.example", "waiting", "not due before 15 April 2026"):
        assert told in first
    with Outbox.open(places.outbox) as outbox:
        outbox.drop_unsent(["2026-03-31"], "the run was withdrawn", NOW)
    assert STEP.missing(places) == [path]
    STEP.do(places)
    assert "the run was withdrawn" in text_of(places)


def test_an_edited_page_is_kept_aside_and_verify_says_so(places: archive.Places) -> None:
    STEP.do(places)
    path = mail_pages.path_of(places)
    path.write_text(text_of(places).replace("Anna", "Otto"), encoding="utf-8")
    assert mail_pages.edited(places) == [
        f"{path}: must be as it was written (it was edited); a right one is written in its place"
    ]
    [told] = STEP.do(places)
    assert told.startswith(f"{path}: was edited; it is kept as {places.edited / 'mail.html'}")
    assert "Otto" in (places.edited / "mail.html").read_text(encoding="utf-8")
    assert mail_pages.edited(places) == []


def test_without_its_outbox_it_goes_away(places: archive.Places) -> None:
    STEP.do(places)
    places.outbox.unlink()
    assert STEP.missing(places) == [mail_pages.path_of(places)]
    STEP.do(places)
    assert not mail_pages.path_of(places).exists()


def test_an_outbox_that_cannot_be_read_leaves_the_page_and_says_so(places: archive.Places) -> None:
    STEP.do(places)
    before = text_of(places)
    places.outbox.write_bytes(b"nothing that SQLite knows, and longer than a header: " + b"x" * 100)
    assert STEP.missing(places) == []
    [told] = STEP.do(places)
    assert told.startswith(f"warning: {mail_pages.path_of(places)} stays as it is: {places.outbox} must be")
    assert text_of(places) == before
    assert mail_pages.unread(places) != []


def test_the_page_is_no_more_open_than_the_outbox(places: archive.Places) -> None:
    page = mail_pages.path_of(places)
    page.parent.mkdir(parents=True)
    page.write_text("of an older version, for everybody to read")
    page.chmod(0o644)
    STEP.do(places)
    assert page.stat().st_mode == places.outbox.stat().st_mode
    assert not page.stat().st_mode & 0o007


def test_the_list_of_runs_leads_there_only_where_there_is_an_outbox(places: archive.Places) -> None:
    index = archive.AFTER["index"]
    (places.runs / "2026-03-31").mkdir()
    (places.runs / "2026-03-31" / "manifest.json").write_text("{}")
    index.do(places)
    link = 'href="acme/mail.html"'
    assert link in (places.root / "reports" / "index.html").read_text(encoding="utf-8")
    places.outbox.unlink()
    index.do(places)
    assert link not in (places.root / "reports" / "index.html").read_text(encoding="utf-8")


def entries(places: archive.Places) -> list[pages.Entry]:
    with Outbox.open(places.outbox) as outbox:
        return outbox.log()


def rendered(some: list[pages.Entry], *, language: str = "en", title: str = "ACME") -> str:
    page = pages.Page("acme", title, language, some)
    return pages.render(page, pages.source(page))


def test_it_speaks_german_where_the_study_does(places: archive.Places) -> None:
    text = rendered(entries(places), language="de")
    for told in (
        '<html lang="de">',
        "Mails zu ACME",
        "wartet",
        "nicht vor dem 15. April 2026 fällig",
        "ganzer Bericht",
    ):
        assert told in text


def test_of_many_mails_those_that_went_wrong_stand_first_and_the_others_are_counted(
    places: archive.Places,
) -> None:
    one = next(entry for entry in entries(places) if entry.state == "queued")
    sent = [replace(one, state="sent", address=f"a{number}@acme.example", name="") for number in range(700)]
    bounced = replace(one, state="bounced", address="z@acme.example", name="", why="550 nobody")
    text = rendered([*sent, bounced])
    assert text.index("z@acme.example") < text.index("a1@acme.example")
    assert text.count("@acme.example") == pages.LISTED
    assert "201 more are not listed here; segcore mail log acme --run 2026-03-31 lists them." in text
    assert len(text) < 300_000


def test_it_names_no_customer_and_no_folder_of_a_representative(places: archive.Places) -> None:
    with Outbox.open(places.outbox) as outbox:
        outbox.add([mail("c@acme.example", customers=frozenset({"Canary0001z"}))], [], NOW)
    text = rendered(entries(places))
    assert "Canary" not in text
    assert "/for/" not in text
    assert [part.split('"')[0] for part in text.split('href="')[1:]] == ["../index.html"]


def test_a_mail_that_was_sent_again_is_no_trouble_and_a_withdrawn_run_says_so(places: archive.Places) -> None:
    one = next(entry for entry in entries(places) if entry.state == "queued")
    both = [replace(one, state="failed"), replace(one, state="sent", edition=2)]
    text = rendered(both)
    assert "sent again later" in text
    assert "refused" not in text
    assert "or came back" not in text
    page = pages.Page("acme", "ACME", "en", both, {"2026-03-31": "2026-04-02"})
    assert "Mails of 31 March 2026, withdrawn since: on 2 April 2026" in pages.render(page, "0" * 64)
    assert pages.source(page) != pages.source(replace(page, withdrawn={}))


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every hostile text in every place that comes from outside."""
    folder = tmp_path_factory.mktemp("hostile")
    with Outbox.open(folder / "outbox.sqlite", make=True) as outbox:
        outbox.add([mail()], [], NOW)
        [one] = outbox.log()
    some = [
        replace(one, name=text, subject=text, why=text, what=f"own accounts {text}", state="failed")
        for text in FOR_PAGES
    ]
    path = folder / "mail.html"
    path.write_text(rendered(some, title=FOR_PAGES[0]), encoding="utf-8")
    return path


def test_in_a_browser_hostile_texts_do_nothing_and_axe_finds_nothing(hostile_page: Path) -> None:
    with chromium() as browser:
        for width in WIDTHS:
            with opened(browser, hostile_page, width) as seen:
                assert seen.quiet()
                assert seen.page.evaluate(SIDEWAYS) == 0
                found = seen.page.evaluate(
                    "() => [...document.querySelectorAll('script,img,svg,iframe,a')].length"
                )
                assert found == 1
        with opened(browser, hostile_page, 390, bypass_csp=True) as seen:
            assert serious(seen) == []


def test_in_a_browser_a_dry_run_shows_hostile_mails_and_nothing_of_them_runs(tmp_path: Path) -> None:
    sender = Sender("segments@acme.example", "Segments", "", "acme.acme.example", "acme.example")
    made = []
    for number, text in enumerate(FOR_PAGES[:20]):
        one = Recipient(f"a{number}@acme.example", "", "en", Subscription(to="a@acme.example", gets="report"))
        letter = Letter(text, text, (text,), greeting=text, closing=text)
        raw = message(letter, one, sender, Stamp(f"<{number}@acme.example>", NOW))
        made.append(mail(one.address, subject=text, raw=raw))
    places = archive.Places(tmp_path, "acme")
    places.runs.mkdir(parents=True)
    page = dry_run.write(places, "2026-03-31", [*made, skip(FOR_PAGES[1], why=FOR_PAGES[2])])
    with chromium() as browser:
        for width in (1280, 390):
            with opened(browser, page, width) as seen:
                for frame in seen.page.query_selector_all("iframe"):
                    frame.scroll_into_view_if_needed()
                assert seen.quiet()
                assert seen.page.evaluate(SIDEWAYS) == 0
                assert seen.page.evaluate("() => document.querySelectorAll('script,img,svg').length") == 0
                assert len(seen.page.frames) == 21
        with opened(browser, page, bypass_csp=True) as seen:
            assert serious(seen) == []
