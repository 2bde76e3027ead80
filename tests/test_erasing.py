"""Somebody is taken out of all that a study keeps, and nobody and nothing else is."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pytest
import small_erasing
from python_calamine import CalamineWorkbook
from small_archive import JUNE, MARCH, rewrite
from small_erasing import (
    DATES,
    OTHERS,
    copied_project,
    foreign_book,
    hits,
    layers_of,
    project,
    run,
    supersede,
    workbook_input,
)

from segcore import archive, keeping
from segcore.archive.places import ERASING
from segcore.errors import ArchiveError, LockedError, MailError, UsageError
from segcore.mail.outbox import Mail, Outbox
from segcore.params.file import load_study
from segcore.privacy.erasing import as_wish, erase
from segcore.privacy.note import noted, write_note
from segcore.privacy.person import Person
from segcore.review import repeat
from segcore.runner.due import when_due
from segcore.status import status

NUMBER, NAME = "K-77712", 'Kanari & <b>Söhne</b> "Süd" (.*)\\ O\'Neill; =1+1'
TODAY = dt.date(2026, 1, 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project in which a hostile name stands, also in a run that was made again; nobody changes it."""
    places = project(tmp_path_factory.mktemp("made") / "p", NUMBER, NAME)
    supersede(places, {NUMBER: NAME, **OTHERS})
    return places


@pytest.fixture
def places(made, tmp_path):
    return copied_project(made, tmp_path / "p")


def erased(places, number=NUMBER, *, yes=True, because=None):
    return [*erase(as_wish(places.root, "acme", number, TODAY, because), yes=yes)]


def sheet(book: Path) -> list[list[object]]:
    """The rows of the sheet of customers, below its header."""
    return CalamineWorkbook.from_path(book).get_sheet_by_name("Customers").to_python()[1:]


def everything(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".lock") and path.name != ".index.lock"
    }


def test_it_says_first_what_it_would_do_and_changes_nothing(places):
    before = everything(places.root)
    told = erased(places, yes=False)
    assert everything(places.root) == before
    named = {line.split(": ")[0] for line in told}
    inside = ("data/listed.parquet", "report/moves.csv", "report/report.html", "report/workbook.xlsx")
    for folder in (*map(places.published, DATES), *places.asides()):
        assert {str(folder / name) for name in inside} <= named
    assert "files with the customer, 4 runs to be sealed anew" in "\n".join(told)
    assert any("say --yes" in line for line in told)
    assert f"{places.root / 'data' / 'sales_2025-03-01.csv'}: still holds the customer" in "\n".join(told)


def test_no_byte_of_number_and_name_is_left_and_all_else_stays(places):
    old = everything(places.runs)
    assert hits([NUMBER, "Kanari"], places.runs, places.reports)
    told = erased(places, because="asked for it")
    assert hits([NUMBER, "Kanari"], places.runs, places.reports) == []
    assert "acme: nothing of the customer is left in runs and reports" in told
    assert len(archive.verify_all(places.root / "runs")) == len(DATES)
    for date in DATES:
        aggregate = f"{date}/data/segments.parquet"
        assert everything(places.runs)[aggregate] == old[aggregate]
    with duckdb.connect() as engine:
        rows = engine.execute(f"from '{places.published(JUNE)}/data/listed.parquet'").fetchall()
    assert [row[:2] for row in rows] == [*OTHERS.items()]
    page = (places.reports / "2025-06-01" / "report.html").read_text(encoding="utf-8")
    assert "1,024 customers, 1024 pixels again" in page and page.count('<td class="num">1024</td>') == 4
    assert not (places.runs / ERASING).exists()


def test_a_workbook_is_one_that_spreadsheets_read_and_its_rows_move_up(places):
    erased(places)
    book = places.published(JUNE) / "report" / "workbook.xlsx"
    assert sheet(book) == [[number, name, 1024] for number, name in OTHERS.items()]
    with zipfile.ZipFile(book) as members:
        text = members.read("xl/worksheets/sheet2.xml").decode()
        assert "$A$1:$C$5<" in members.read("xl/workbook.xml").decode()
    assert '<dimension ref="A1:C5"' in text and '<autoFilter ref="A1:C5"' in text
    assert re.findall(r'<row r="(\d+)"', text) == ["1", "2", "3", "4", "5"]
    assert re.findall(r'<c r="A(\d+)"', text) == ["1", "2", "3", "4", "5"]


def test_extracts_lose_the_records_of_the_customer_also_those_that_cannot_be_read(places):
    erased(places)
    run = archive.open_run(places.published(JUNE))
    recorded = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["inputs"]
    assert recorded == list(run.inputs)
    for entry in run.inputs:
        text = (places.inputs / f"{entry['sha256']}.csv").read_text(encoding="utf-8")
        assert [line.split(",")[0] for line in text.splitlines()] == ["customer", *OTHERS]
        assert len(text) == entry["bytes"]
    assert len([*places.inputs.glob("*.csv")]) == len(DATES)


def test_an_extract_that_nobody_can_rewrite_is_removed_whole(places):
    kept = workbook_input(places, NUMBER)
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=[kept])
    told = erased(places)
    path = places.inputs / f"{kept['sha256']}.xlsx"
    assert f"{path}: removed" in told and not path.exists()
    erased_then = dict(archive.open_run(places.published(JUNE)).erased)
    assert {"name": kept["name"], "sha256": kept["sha256"]} in erased_then.pop("delivered")
    assert erased_then == {"on": ["2026-01-02"], "inputs": ["sales_book.xlsx"]}
    assert len(archive.verify_all(places.root / "runs")) == len(DATES)


def test_a_run_says_that_it_cannot_be_repeated_and_no_later_one_is_stale(places):
    erased(places)
    runs, _ = archive.opened(archive.published(places.runs))
    assert [(run.erased["on"], run.erased["inputs"]) for run in runs] == [(["2026-01-02"], [])] * 3
    assert archive.stale(runs) == {}
    with pytest.raises(
        ArchiveError, match="not repeatable: erased, somebody was taken out of it on 2026-01-02"
    ):
        repeat(places.published(JUNE), root=places.root)


def test_the_ledger_maps_hashes_and_names_nobody(places):
    keeping.withdraw("acme/2025-06-01", keeping.Decision(TODAY, f"{NAME} complained"), root=places.root)
    before = archive.read_ledger(places.runs)
    erased(places, because="asked for it")
    ledger = archive.read_ledger(places.runs)
    assert not ledger.faults
    entries = [entry for entry in ledger.entries if entry.event == "erased"]
    assert {entry.old for entry in entries} >= {before.standing(date) for date in DATES[:2]}
    assert {(entry.on, entry.because) for entry in entries} == {("2026-01-02", "asked for it")}
    (withdrawn,) = ledger.withdrawn
    assert withdrawn.because == "erased complained"
    assert hits([NUMBER, "Kanari"], places.runs, places.root / "reports") == []
    keeping.restore("acme/2025-06-01", keeping.Decision(TODAY, None), root=places.root)
    assert len(archive.verify_all(places.root / "runs")) == len(DATES)


def test_what_lies_beside_the_runs_is_cleaned_as_well(places):
    run, loose = places.published(JUNE), [places.failed(TODAY), places.edited / "2025-06-01"]
    copy = places.root / "runs/.scratch/open/acme/2025-06-01"
    for folder in (*loose, copy):
        folder.mkdir(parents=True)
        for name in ("data/listed.parquet", "report/workbook.xlsx", "report/customers.html"):
            shutil.copyfile(run / name, folder / Path(name).name)
        (folder / "wide.csv").write_text(f"{NUMBER};{NAME}\nK-1;other\n", encoding="utf-16")
        (folder / "book.xlsx").write_text(f"no workbook, but {NUMBER}")
    (entry,) = archive.open_run(places.published(MARCH)).inputs
    kept = places.root / "runs" / ".scratch" / "open" / "acme" / "inputs" / f"{entry['sha256']}.csv"
    kept.parent.mkdir()
    shutil.copyfile(places.inputs / kept.name, kept)
    beside = copy.with_name("2025-04-01") / "note.md"
    beside.parent.mkdir()
    beside.write_text("mine")
    (places.runs / ".dry-run").mkdir()
    (places.runs / ".dry-run" / "one.eml").write_text("mail")
    edited = places.reports / "2025-06-01" / "moves.csv"
    edited.write_bytes(edited.read_bytes() + b"K-1,mine,1\n")
    foreseen, told = erased(places, yes=False), erased(places)
    assert f"{copy}: is removed whole: it is a copy of a run; open it again from the run" in foreseen
    assert f"{copy}: removed whole, a copy of a run; open it again from the run" in told
    assert beside.exists() and not copy.exists()
    assert hits([NUMBER, "Kanari"], places.root / "runs", places.root / "reports") == []
    for folder in loose:
        assert "K-1;other" in (folder / "wide.csv").read_text(encoding="utf-16")
        assert not (folder / "book.xlsx").exists()
    assert not (places.runs / ".dry-run").exists() and not kept.exists()
    kept = (places.edited / "2025-06-01" / "moves.csv").read_text(encoding="utf-8")
    assert kept.endswith('K-20004,"Drossel",1024\nK-1,mine,1\n')


def test_what_nobody_can_look_into_is_named_and_nothing_is_claimed_of_it(places):
    folder = places.reports / "mine"
    folder.mkdir()
    (folder / "list.csv.gz").write_bytes(gzip.compress(f"{NUMBER};{NAME}\nK-1;other\n".encode()))
    (folder / "note.txt").write_bytes(f"Müller über {NUMBER}, größer".encode("cp1252"))
    opaque = [folder / "picture.png", folder / "scan.pdf", folder / "link.csv", folder / "report.pdf"]
    opaque[0].write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    opaque[1].write_bytes(b"%PDF-1.7 packed")
    opaque[2].symlink_to(folder / "note.txt")
    opaque[3].write_bytes(b"%PDF-1.7 packed")
    logs = [places.root / "runs" / name for name in ("acme.log", "acme.log.1")]
    for log in logs:
        log.write_text(f"acme: {NUMBER} is odd\nall is well\n")
    (folder / "shared.xlsx").write_bytes(foreign_book(NUMBER))
    foreseen = "\n".join(erased(places, yes=False))
    told = erased(places)
    for path in opaque:
        sentence = f"{path}: nobody can tell whether it holds the customer; look, or remove it"
        assert path.exists() and sentence in told and sentence in foreseen
    assert any("nothing of the customer is left in what can be looked into; " in line for line in told)
    assert "acme: nothing of the customer is left in runs and reports" not in told
    assert gzip.decompress((folder / "list.csv.gz").read_bytes()).endswith(b"K-1;other\n")
    assert (folder / "note.txt").read_bytes() == "Müller über erased, größer".encode("cp1252")
    assert [log.read_text() for log in logs] == ["acme: erased is odd\nall is well\n"] * 2
    assert not (folder / "shared.xlsx").exists()
    assert f"{folder / 'shared.xlsx'}: removed whole: segcore did not make this file" in told
    assert f"{folder / 'shared.xlsx'}: is removed whole" in foreseen
    assert hits([NUMBER, "Kanari"], places.root / "runs", places.root / "reports") == []


def test_a_report_on_paper_is_printed_again_without_the_customer(places):
    """By a real browser, whose PDF holds no text that could be searched for as bytes."""
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, pdf=True)
    archive.finish(places)
    paper = places.reports / JUNE.isoformat() / "report.pdf"
    assert {f"{paper}!pdf"} == {*hits([NUMBER], paper.parent)} & {str(paper), f"{paper}!pdf"}
    told = erased(places)
    assert told[-1].startswith("later deliveries") and not any(str(paper) in line for line in told[-3:])
    assert hits([NUMBER, "Kanari"], places.root / "runs", places.root / "reports") == []
    ((_, words),) = [layer for layer in layers_of("", paper.read_bytes()) if layer[0]]
    assert b"Adler AG" in words


def test_a_report_on_paper_stays_that_does_not_show_the_customer(places, monkeypatch):
    pages = small_erasing._pages

    def aggregates(folder: Path, names: dict[str, str], words: str) -> None:
        pages(folder, names, words)
        (folder / "report.html").write_text("<p>5 customers</p>")

    monkeypatch.setattr(small_erasing, "_pages", aggregates)
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, pdf=True)
    archive.finish(places)
    paper = places.reports / JUNE.isoformat() / "report.pdf"
    before = paper.read_bytes(), paper.stat().st_mtime_ns
    assert "acme: nothing of the customer is left in runs and reports" in erased(places)
    assert (paper.read_bytes(), paper.stat().st_mtime_ns) == before

    paper.write_bytes(before[0] + b"of K-20001")  # somebody wrote on it
    kept = places.edited / JUNE.isoformat() / "report.pdf"
    sentence = f"{kept}: nobody can tell whether it holds the customer; look, or remove it"
    assert sentence in erased(places, "K-20001") and kept.read_bytes() == before[0] + b"of K-20001"


def test_mails_that_wait_are_dropped_and_their_run_is_told_about_again(places):
    seal = archive.open_run(places.published(JUNE)).sha256

    def mail(address: str, *customers: str, what: str = "report") -> Mail:
        raw = f"To: {address}\r\n\r\n{NUMBER} {NAME}".encode()
        told = ("2025-06-01", seal, 1, what, address, "Anke", None, "ACME", "en", f"<{address}>", ())
        return Mail(*told, frozenset(customers), raw)

    with Outbox.open(places.outbox, make=True) as outbox:
        now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        outbox.add([mail("a@acme.example", NUMBER), mail("b@acme.example", "K-20001")], [], now)
    told = erased(places)
    assert any("outbox.sqlite: 2 mails not sent yet and dropped" in line for line in told)
    assert not [path for path in places.runs.glob("outbox*") if NUMBER.encode() in path.read_bytes()]
    with Outbox.open(places.outbox) as outbox:
        assert outbox.connection.execute("select count(*) from body").fetchone()[0] == 0
        owed = [(run, address) for run, _, _, address in outbox.owed()]
    assert owed == [("2025-06-01", "a@acme.example"), ("2025-06-01", "b@acme.example")]


def test_nothing_is_changed_where_the_outbox_cannot_be_opened(places):
    places.outbox.write_bytes(b"no outbox at all, but long enough to be taken for one" * 9)
    before = everything(places.root)
    with pytest.raises(MailError):
        erased(places)
    assert everything(places.root) == before


def test_an_extract_that_was_read_before_is_not_new_afterwards(places):
    study, after = load_study(places.root / "params" / "acme.yaml"), JUNE + dt.timedelta(days=400)
    before = when_due(study, after, root=places.root), status(study, root=places.root, today=after).delivered
    told = archive.open_run(places.published(JUNE)).inputs
    erased(places)
    run = archive.open_run(places.published(JUNE))
    assert run.inputs != told and [entry["sha256"] for entry in run.erased["delivered"]] == [
        entry["sha256"] for entry in told
    ]
    assert when_due(study, after, root=places.root) == before[0] and before[0].run_date is None
    assert "no new extract has come" in before[0].told
    assert not status(study, root=places.root, today=after).delivered and not before[1]
    assert not (places.runs / "2026-07-06").exists()


def test_the_note_is_for_nobody_else_to_read(places):
    write_note(places, NUMBER, Person((NUMBER,)))
    assert (places.runs / ERASING).stat().st_mode & 0o777 == 0o600
    assert noted(places, NUMBER)["ids"] == [NUMBER]


def test_a_second_customer_is_erased_later_and_runs_remember_both_days(places):
    erased(places)
    wish = as_wish(places.root, "acme", "K-20004", dt.date(2026, 2, 3), None)
    assert [*erase(wish, yes=True)]
    assert hits(["K-20004", "Drossel", NUMBER], places.runs, places.reports) == []
    told = archive.open_run(places.published(JUNE)).erased
    assert (told["on"], told["inputs"]) == (["2026-01-02", "2026-02-03"], [])
    assert len(archive.verify_all(places.root / "runs")) == len(DATES)


@pytest.mark.parametrize("number", ["1024", "17", "06-01", "2025-06", "2025-03-01", "12.40", "1.024"])
def test_a_number_that_may_be_an_amount_or_a_date_damages_no_other(tmp_path, number):
    places = project(tmp_path / "p", number, "Kanarienvogel KG")
    told = erased(places, number)
    assert any(f"the number {number!r} may also be an amount, a count or a date" in line for line in told)
    assert len(archive.verify_all(places.root / "runs")) == len(DATES)
    page = (places.published(JUNE) / "report" / "report.html").read_text(encoding="utf-8")
    assert "1,024 customers, 1024 pixels" in page and page.count('<td class="num">1024</td>') == 4
    assert f"<td>{number}</td>" not in page
    book = places.published(JUNE) / "report" / "workbook.xlsx"
    assert sheet(book) == [[one, name, 1024] for one, name in OTHERS.items()]
    with duckdb.connect() as engine:
        rows = engine.execute(f"from '{places.published(JUNE)}/data/listed.parquet'").fetchall()
    assert [row[0] for row in rows] == [*OTHERS] and {int(row[2]) for row in rows} == {1024}
    for entry in archive.open_run(places.published(JUNE)).inputs:
        lines = (places.inputs / f"{entry['sha256']}.csv").read_text(encoding="utf-8").splitlines()
        assert [line.split(",")[0] for line in lines] == ["customer", *OTHERS]
        assert all(line.endswith(",1024") for line in lines[1:])
    assert hits(["Kanarienvogel"], places.runs, places.reports) == []


def test_a_name_that_others_have_too_goes_with_the_number_only(tmp_path):
    places = project(tmp_path / "p", NUMBER, "Adler AG")
    told = erased(places)
    assert any(line.startswith("the name 'Adler AG' is also that of others") for line in told)
    text = (places.published(JUNE) / "report" / "moves.csv").read_text(encoding="utf-8")
    assert text.count("Adler AG") == 1 and NUMBER not in text


@pytest.mark.parametrize("customer", ["", "  ", "K-1\x00"])
def test_what_is_no_number_is_wrong_usage(places, customer):
    with pytest.raises(UsageError, match="CUSTOMER must be a customer's number"):
        erased(places, customer)


def test_who_is_unknown_is_told(places):
    with pytest.raises(
        ArchiveError, match=r"'K-99999' must be the number of a customer of acme, as its runs"
    ):
        erased(places, "K-99999")
    with pytest.raises(ArchiveError, match="must be a study that has runs"):
        [*erase(as_wish(places.root, "other", NUMBER, TODAY, None), yes=True)]


@pytest.mark.parametrize(
    "because", [f"{NUMBER} asked", 'asked by kanari & <b>söhne</b> "süd" (.*)\\ o\'neill; =1+1']
)
def test_a_reason_that_names_the_person_is_refused(places, because):
    before = everything(places.root)
    with pytest.raises(ArchiveError, match="--because must not name the person"):
        erased(places, because=because)
    assert everything(places.root) == before


def test_nothing_is_done_where_a_run_is_damaged_or_under_way(places):
    page = places.published(JUNE) / "report" / "report.html"
    rewrite(page, "edited")
    before = everything(places.runs)
    with pytest.raises(ArchiveError, match=r"report.html: must be as it was sealed"):
        erased(places)
    assert everything(places.runs) == before
    with archive.locked(places), pytest.raises(LockedError):
        erased(places)


def test_somebody_else_must_wait_until_the_first_one_is_erased(places):
    note = places.runs / ERASING
    note.write_text(json.dumps({"customer": "K-20001", "ids": ["K-20001"], "names": [], "lines": []}))
    with pytest.raises(ArchiveError, match="segcore erase acme K-20001 --yes"):
        erased(places)
    with pytest.raises(ArchiveError, match=r"erasing.json: must be gone \(somebody was being erased"):
        archive.verify_all(places.root / "runs")


# Kills itself at the Nth change of a name in the file system.
KILLED = """
import os, signal, sys
import datetime as dt
from pathlib import Path
from segcore.privacy.erasing import as_wish, erase

left, until = int(sys.argv[3]), 0

def counted(change):
    def made(*args, **options):
        global left, until
        left -= 1
        if str(args[0]).endswith(".erasing.json"):
            until = int(sys.argv[3]) - left
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*args, **options)
    return made

for name in ("rename", "replace", "unlink", "rmdir", "link"):
    setattr(os, name, counted(getattr(os, name)))
for _ in erase(as_wish(Path(sys.argv[1]), "acme", sys.argv[2], dt.date(2026, 1, 2), None), yes=True):
    pass
print(until)
"""


def killed(places, changes: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", KILLED, str(places.root), NUMBER, str(changes)]
    return subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False)


@pytest.fixture(scope="module")
def changes(made, tmp_path_factory) -> int:
    """How many changes of names an erasure makes until its note is gone."""
    done = killed(copied_project(made, tmp_path_factory.mktemp("counted") / "p"), 10**6)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_whoever_is_killed_at_any_moment_can_give_the_command_again(places, changes, share):
    done = killed(places, int(changes * share))
    assert done.returncode == -9, done.stderr
    archive.list_runs(places.root / "runs")  # puts in order what it finds
    erased(places)
    assert hits([NUMBER, "Kanari"], places.runs, places.reports) == []
    assert len(archive.verify_all(places.root / "runs")) == len(DATES)
    assert archive.stale(archive.opened(archive.published(places.runs))[0]) == {}
    assert not (places.runs / ERASING).exists() and len(places.asides()) == 1
