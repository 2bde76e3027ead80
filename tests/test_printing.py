"""The report as PDF: where Chromium is and where it is not, and what becomes of it when runs change."""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from pathlib import Path

import pytest
from report_runs import write_project
from small_archive import APRIL, MARCH, filled, make

from segcore import archive, keeping, printing
from segcore.archive import printed
from segcore.errors import ArchiveError, ParamsError
from segcore.params.file import load_study
from segcore.printing import PrintError

PAGE = '<html><a id="top" href="#end">down</a><a href="customers.html">all</a><p id="end">ACME</p></html>'


@pytest.fixture
def places(tmp_path: Path) -> archive.Places:
    return archive.Places(tmp_path, "acme")


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of Chromium: prints what it was asked for, and the page into the PDF."""
    program = tmp_path / "browser"
    program.write_text(
        "#!/bin/sh\n"
        f"printf '%s\\n' \"$@\" > {tmp_path}/asked\n"
        'for word; do case "$word" in --print-to-pdf=*) out="${word#*=}";; file:*) page="${word#file://}";; '
        "esac; done\n"
        f'{{ printf "%%PDF-1.4\\n"; cat "$page"; '
        'printf "\\n/CreationDate (D:20260101112233+00\'00\')\\n%%%%EOF\\n"; } > "$out"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv(printing.CHROMIUM, str(program))
    return program


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a browser."""
    monkeypatch.delenv(printing.CHROMIUM, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


NONE_HERE = (
    "a PDF is printed by Chromium (there is none here); install it, or say where it is in SEGCORE_CHROMIUM"
)


def asking(places: archive.Places, date: dt.date, words: str = "customers", *, pdf: bool = True) -> None:
    """Publish a run whose study asks for a PDF."""
    facts = {**filled(places, date, words), "params": {"report": {"pdf": pdf}}}
    archive.publish(places, archive.seal(places.staging(date), facts), replace=True)


def paper(places: archive.Places, date: dt.date) -> Path:
    return places.reports / date.isoformat() / "report.pdf"


def test_the_real_browser_prints_the_same_bytes_dated_by_the_run(tmp_path):
    page = tmp_path / "report.html"
    page.write_text(PAGE)
    first, again = (printing.printed(page, MARCH) for _ in range(2))
    assert first == again
    assert set(re.findall(rb"/(?:Creation|Mod)Date \(D:(\d+)", first)) == {b"20250301000000"}
    assert b"file:" not in first


def test_links_to_what_lies_beside_the_page_are_left_out_and_those_within_it_stay(tmp_path, browser):
    page = tmp_path / "report.html"
    page.write_text(PAGE)
    made = printing.printed(page, MARCH).decode()
    assert '<a id="top" href="#end">down</a><a>all</a>' in made
    assert "(D:20250301000000+00'00')" in made


def test_the_browser_gets_a_profile_of_its_own_and_no_network(tmp_path, browser):
    page = tmp_path / "report.html"
    page.write_text(PAGE)
    printing.printed(page, MARCH)
    asked = (tmp_path / "asked").read_text().splitlines()
    assert set(printing.FLAGS) <= set(asked)
    assert ("--no-sandbox" in asked) == (os.geteuid() == 0)
    profile = next(word for word in asked if word.startswith("--user-data-dir="))
    assert not Path(profile.partition("=")[2]).exists()


def test_a_study_that_asks_for_it_has_its_report_printed_after_the_run(places, browser):
    asking(places, MARCH)
    make(places, APRIL)
    assert archive.finish(places) == []
    assert b"<p>customers</p>" in paper(places, MARCH).read_bytes()
    assert not paper(places, APRIL).exists()
    assert printed.missing(places) == []
    assert 'href="acme/2025-03-01/report.pdf"' in (places.root / "reports" / "index.html").read_text()


def test_without_a_browser_one_sentence_is_said_and_the_run_is_published(places, nowhere):
    asking(places, MARCH)
    asking(places, APRIL)
    assert archive.finish(places) == [f"{paper(places, MARCH)}: not printed: {NONE_HERE}"]
    assert printed.missing(places) == []
    assert archive.list_runs(places.root / "runs")[0].line.startswith("acme")


def test_the_pdf_of_a_run_that_was_made_again_is_printed_again(places, browser):
    asking(places, MARCH)
    archive.finish(places)
    asking(places, MARCH, "others")
    assert printed.missing(places) == [paper(places, MARCH)]
    archive.finish(places)
    assert b"<p>others</p>" in paper(places, MARCH).read_bytes()


def test_the_pdf_of_a_run_that_is_withdrawn_goes_with_it(places, browser):
    asking(places, MARCH)
    archive.finish(places)
    keeping.withdraw("acme/2025-03-01", keeping.Decision(APRIL, "wrong extract"), root=places.root)
    assert not paper(places, MARCH).parent.exists()


def test_a_pdf_of_somebody_else_is_kept_aside_where_one_is_asked_for_and_left_alone_elsewhere(
    places, browser
):
    make(places, MARCH)
    asking(places, APRIL)
    for date in (MARCH, APRIL):
        paper(places, date).parent.mkdir(parents=True)
        paper(places, date).write_bytes(b"my own")
    kept = places.edited / "2025-04-15" / "report.pdf"
    assert archive.finish(places) == [
        f"{paper(places, APRIL)}: was edited; it is kept as {kept}, and the published one is there again"
    ]
    assert paper(places, MARCH).read_bytes() == kept.read_bytes() == b"my own"


def test_a_pdf_that_somebody_wrote_on_is_kept_aside(places, browser):
    asking(places, MARCH)
    archive.finish(places)
    edited = paper(places, MARCH).read_bytes().replace(b"customers", b"friendsss")
    paper(places, MARCH).write_bytes(edited)
    asking(places, MARCH, "others")
    kept = places.edited / "2025-03-01" / "report.pdf"
    assert archive.finish(places) == [
        f"{paper(places, MARCH)}: was edited; it is kept as {kept}, and the published one is there again"
    ]
    assert kept.read_bytes() == edited


def test_whether_to_print_is_true_or_false(tmp_path):
    words = {"follow_up: {target": "report: {pdf: 'on paper'}\nfollow_up: {target"}
    path = write_project(tmp_path, words, customers=1)
    with pytest.raises(ParamsError) as error:
        load_study(path)
    assert str(error.value) == f"{path}: report.pdf: must be true or false (got 'on paper')"


def test_any_published_run_can_be_printed(places, browser):
    make(places, MARCH)
    archive.finish(places)
    assert keeping.print_report("acme/2025-03-01", root=places.root) == [f"{paper(places, MARCH)}: printed"]
    assert b"<p>customers</p>" in paper(places, MARCH).read_bytes()
    make(places, APRIL)
    assert archive.finish(places) == []
    assert paper(places, MARCH).exists()


def test_what_is_no_published_run_is_not_printed(places, browser):
    make(places, MARCH)
    with pytest.raises(ArchiveError) as error:
        keeping.print_report("acme/2025-04-15", root=places.root)
    assert str(error.value) == (
        "'acme/2025-04-15' must name a published run, like demo/2025-12-31, or its folder (there is none); "
        "segcore list shows what there is"
    )


def test_a_browser_that_is_not_where_it_is_said_to_be_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv(printing.CHROMIUM, "/no/such/chromium")
    with pytest.raises(PrintError) as error:
        printing.program()
    assert str(error.value) == (
        "SEGCORE_CHROMIUM must be the path of Chromium (got '/no/such/chromium', which cannot be run)"
    )


def test_a_browser_that_prints_nothing_is_told(tmp_path, browser):
    browser.write_text("#!/bin/sh\nexit 1\n")
    page = tmp_path / "report.html"
    page.write_text(PAGE)
    with pytest.raises(PrintError) as error:
        printing.printed(page, MARCH)
    assert str(error.value) == (f"{browser} printed no PDF; try: {browser} --headless --print-to-pdf {page}")


def test_a_browser_that_takes_too_long_is_ended_with_what_it_started(tmp_path, browser):
    browser.write_text(f"#!/bin/sh\nsleep 30 & echo $! > {tmp_path}/child\nwait\n")
    page = tmp_path / "report.html"
    page.write_text(PAGE)
    with pytest.raises(PrintError) as error:
        printing.printed(page, MARCH, patience=0.5)
    assert str(error.value) == f"{browser} had not printed after 0.5 seconds and was ended"
    child = Path(f"/proc/{(tmp_path / 'child').read_text().strip()}/stat")
    for _ in range(50):
        if not child.exists() or child.read_text().split()[2] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("what the browser started goes on")
