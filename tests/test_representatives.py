from __future__ import annotations

import html
import inspect
import re
import zipfile
from pathlib import Path

import pytest
from small_archive import MARCH
from small_representatives import SECRET, everything_in, folder_of, publish

from segcore import archive, files, language
from segcore.engine.sql import quote_text
from segcore.representatives import VARIABLE, own
from segcore.sentences import representatives
from segcore.sentences.de import representatives as german
from segcore.sentences.en import representatives as english
from segcore.wording import NBSP

PAGES = archive.AFTER["representatives"]
CANARIES = re.compile(rb"(?:Canary|K)(\d{4})z")
PEOPLE = re.compile(rb"(?:Person|R)(\d{3})y?\b")


@pytest.fixture(autouse=True)
def secret_is_set(monkeypatch):
    monkeypatch.setenv(VARIABLE, SECRET)


@pytest.fixture
def places(tmp_path) -> archive.Places:
    found = publish(tmp_path)
    assert PAGES.do(found) == []
    return found


def pages(places: archive.Places) -> dict[str, bytes]:
    root = places.reports / "for"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files.files_in(root).values()}


def canaries(folder: Path) -> set[int]:
    return {int(number) for number in CANARIES.findall(everything_in(folder))}


def test_everybody_has_a_page_and_a_workbook(places):
    assert {path.name for path in (places.reports / "for").iterdir()} == {
        ".made.json",
        *(folder_of(places, number).name for number in range(7)),
    }
    for number in range(7):
        names = {path.name for path in folder_of(places, number).iterdir()}
        assert names == {".made.json", "index.html", "workbook.xlsx"}
    assert PAGES.missing(places) == []
    assert PAGES.do(places) == []


def words(page: Path) -> list[str]:
    """What a page says, piece by piece."""
    main = page.read_text().split("<main")[1].partition(">")[2]
    lines = html.unescape(re.sub(r"<[^>]*>", "\n", main)).replace(NBSP, " ").split("\n")
    return [line.strip() for line in lines if line.strip()]


def test_a_page_says_whose_it_is_and_what_there_is_to_do(places):
    said = words(folder_of(places, 1) / "index.html")
    assert said[:2] == ["ACME customers", "Person001y"]
    text = " ".join(said)
    assert (
        "8 customers are on your call list ; all of them fall unless they order. The first to fall is "
        "Canary0055z, on 21 March 2025." in text
    )
    assert "Call 8 customers before 15 April" in said
    assert (
        "1 Canary0055z no. K0055z 21 Mar 2025 then Lost last order 20 days ago, limit 30 2 At risk "
        "€ 412.50 5 Jan 2025" in text
    )
    assert "The first to fall" in said
    assert "9 moved down and 1 is gone" in said
    assert "Canary0043z no. K0043z Gone 1 Loyal – No longer in the population € 322.50 17 Jan 2025" in text
    assert "Of 40 customers of yours to be followed up over the one run so far, 25 were, by whomever" in said
    assert english.WHOEVER in said
    assert (
        "The twelve representatives differ no more than chance would make them (p = 0.40, exchanging whole "
        "customers)." in said
    )
    assert "9 customers are yours" in said
    assert "Canary0055z no. K0055z 2 At risk 15 Jan 2025 recency at most 30 days € 412.50 5 Jan 2025" in text


def test_a_page_runs_nothing_asks_nobody_and_says_not_where_it_was_read(places):
    page = html.unescape((folder_of(places, 1) / "index.html").read_text())
    assert '<meta name="referrer" content="no-referrer">' in page
    assert "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'" in page
    assert "<script" not in page
    assert re.findall(r'(?:href|src)="([^"]*)"', page) == ["workbook.xlsx"]


def test_a_representative_without_customers_has_a_page_that_says_so(places):
    said = words(folder_of(places, 6) / "index.html")
    assert "No customer of this run is yours, so there is nobody to call." in said
    assert "Nobody is to be called before 15 April" in said
    assert "No customer of this run is yours" in said
    assert not any("representatives differ" in text for text in said)


def test_drop_dates_stand_on_the_call_list_only_and_nothing_marks_who_is_held_out(tmp_path):
    plain = publish(tmp_path / "plain")
    held = publish(
        tmp_path / "held",
        changed={
            "calls": "select * replace (case when position = 2 then NULL else position end as position, "
            "position = 2 as held_out) from kept"
        },
    )
    for places in (plain, held):
        PAGES.do(places)
    one, other = (words(folder_of(places, 1) / "index.html") for places in (plain, held))
    assert one[one.index("Moves") :] == other[other.index("Moves") :]  # nothing but the list is another one
    assert "21 Mar" not in other[other.index("Moves") :]
    assert "Falls on" in everything_in(folder_of(held, 1)).decode("utf-8", "replace")


def test_a_first_run_says_when_there_will_be_moves(tmp_path):
    places = publish(tmp_path, changed={"flows": "select * from kept where run_date = '2025-03-01'"})
    PAGES.do(places)
    assert "This is the first run: moves appear from the next run on" in words(
        folder_of(places, 1) / "index.html"
    )


def test_a_run_without_lists_and_follow_ups_has_pages_too(tmp_path):
    left = ("calls", "history", "rules", "books", "followed", "verdict", "flows")
    places = publish(tmp_path, changed=dict.fromkeys(left, ""))
    assert PAGES.do(places) == []
    said = words(folder_of(places, 1) / "index.html")
    assert "No customer of yours was to be followed up yet, or no follow-up is recorded" in said
    assert "9 customers are yours" in said


def test_two_representatives_of_one_name_have_their_numbers_behind_it(tmp_path):
    places = publish(tmp_path, changed={"reps": "select * replace ('Ann' as name) from kept"})
    PAGES.do(places)
    names = [words(folder_of(places, number) / "index.html")[1] for number in (1, 2)]
    assert names == ["Ann (R001)", "Ann (R002)"]


def test_customers_without_a_source_of_representatives_have_pages_by_number(tmp_path):
    places = publish(tmp_path, changed={"reps": "", "books": ""})
    PAGES.do(places)
    assert words(folder_of(places, 1) / "index.html")[1] == "R001"
    assert not folder_of(places, 6).exists()


HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "{{ 7*7 }} ${7*7} \"' --> <!-- ]]>",
    "=1+1",
    "x;=cmd|'/C calc'!A0;y",
    "@SUM(A1)",
    "https://evil.example/x",
    "../../etc/passwd",
    "a\u202eb\x07",
    "**bold**",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_text_on_page_and_workbook(tmp_path, text):
    given = quote_text(text)
    columns = f"{given} as name, {given} as rule, {given} as from_segment, {given} as mark"
    places = publish(
        tmp_path,
        changed={
            "listed": f"select * replace ({columns}) from kept",
            "calls": f"select * replace ({given} as name, {given} as says, {given} as falls_to) from kept",
            "reps": f"select * replace ({given} as name) from kept",
        },
    )
    assert PAGES.do(places) == []
    folder = folder_of(places, 1)
    page = (folder / "index.html").read_text()
    assert not re.search(r"<(?:script|img)\b", page)
    assert words(folder / "index.html")[1] == f"{text} (R001)"
    with zipfile.ZipFile(folder / "workbook.xlsx") as book:
        for name in book.namelist():
            member = book.read(name).decode("utf-8", "replace")
            assert "<f>" not in member and "<hyperlink" not in member, name
    assert all(
        re.fullmatch(r"[0-9a-f]{40}", p.name) for p in (places.reports / "for").iterdir() if p.is_dir()
    )


def test_a_language_is_that_of_the_study(tmp_path):
    with language.spoken("de"):
        assert representatives.finding(8, "15. April") == "8 Kunden vor dem 15. April anrufen"
        assert (
            representatives.moves([("up", 1), ("gone", 2)], MARCH)
            == "1 ist aufgestiegen und 2 sind weggefallen"
        )
    for name in (n for n in dir(english) if n.isupper() or inspect.isfunction(getattr(english, n))):
        assert type(getattr(german, name)) is type(getattr(english, name)), name


@pytest.mark.parametrize(
    ("followed", "eligible", "in_english", "in_german"),
    [
        (
            *(12, 94),
            "Of 94 customers of yours to be followed up over two runs, 12 were, by whomever",
            "In zwei Läufen waren 94 eigene Kunden zum Nachfassen vorgesehen, 12 davon wurden kontaktiert, "
            "von wem auch immer",
        ),
        (
            *(1, 2),
            "Of 2 customers of yours to be followed up over two runs, 1 was, by whomever",
            "In zwei Läufen waren 2 eigene Kunden zum Nachfassen vorgesehen, 1 davon wurde kontaktiert, "
            "von wem auch immer",
        ),
        (
            *(0, 1),
            "Of 1 customer of yours to be followed up over two runs, none was, by anybody",
            "In zwei Läufen war 1 eigener Kunde zum Nachfassen vorgesehen, von niemandem kontaktiert",
        ),
    ],
)
def test_follow_ups_are_said_of_the_customers_whoever_made_them(followed, eligible, in_english, in_german):
    assert english.followups(followed, eligible, "over two runs") == in_english
    assert german.followups(followed, eligible, "in zwei Läufen") == in_german
    for words_of in (english, german):
        assert "You followed up" not in inspect.getsource(words_of)


class TestNothingOfAnybodyElse:
    """200 representatives and 2,000 customers, each with a name that stands nowhere else."""

    def everybody(self, root: Path, reps: int = 200) -> archive.Places:
        places = publish(root, customers=10 * reps, reps=reps, more=0)
        assert PAGES.do(places) == []
        return places

    def foreign(self, places: archive.Places, reps: int = 200) -> dict[int, set[int]]:
        found = {number: canaries(folder_of(places, number)) for number in range(reps)}
        assert all(found.values())
        others = {n: {c for c in seen if c % reps != n} for n, seen in found.items()}
        return {number: seen for number, seen in others.items() if seen}

    def test_no_byte_of_page_and_workbook_is_of_somebody_elses_customer(self, tmp_path):
        places = self.everybody(tmp_path)
        assert self.foreign(places) == {}
        assert {c for n in range(200) for c in canaries(folder_of(places, n))} == set(range(2000))
        for number in range(200):
            people = {int(rep) for rep in PEOPLE.findall(everything_in(folder_of(places, number)))}
            assert people == {number}

    def test_without_the_filter_this_would_be_seen(self, tmp_path, monkeypatch):
        monkeypatch.setattr(own, "only", lambda rows, number: [row[1:] for row in rows])
        reps = 20  # all of them have all customers on their pages
        assert len(self.foreign(self.everybody(tmp_path, reps), reps)) == reps


def test_the_same_run_gives_the_same_bytes(places, tmp_path):
    other = publish(tmp_path / "other")
    PAGES.do(other)
    mine, its = pages(places), pages(other)
    assert mine.keys() == its.keys()
    same = [name for name in mine if mine[name] == its[name]]
    assert len(same) == 15  # all but the records, which hold times
