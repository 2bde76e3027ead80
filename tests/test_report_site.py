"""The list of runs of all studies."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from segcore import archive

COLOUR = {"number": 1, "fill": "#0D2B4B", "outline": "#0D2B4B", "text": "#FFFFFF"}


def publish(root: Path, study: str, date: str, **told: object) -> None:
    folder = root / "runs" / study / date
    (folder / "data").mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    summary = {
        "title": f"{study} customers",
        "customers": 3012,
        "segments": [
            {"segment": "Good", "customers": 3000, "colour": COLOUR},
            {"segment": "Bad", "customers": 12, "colour": COLOUR},
            {"segment": "None", "customers": 0, "colour": COLOUR},
        ],
        "change": 51,
        "moves": {"up": 142, "down": 131, "new": 63, "returned": 0, "gone": 12},
        "warnings": [],
        **told,
    }
    (folder / "data" / "summary.json").write_text(json.dumps(summary))


def rebuild(root: Path) -> Path:
    """Write the page as a run does that has been published."""
    archive.AFTER["index"].do(archive.Places(root, "acme"))
    return root / "reports" / "index.html"


def test_runs_are_listed_by_study_the_newest_first(tmp_path):
    publish(tmp_path, "beta", "2025-01-01")
    publish(tmp_path, "acme", "2025-02-19", moves=None, change=None, customers=2961)
    publish(tmp_path, "acme", "2025-04-05")
    page = rebuild(tmp_path)
    assert page == tmp_path / "reports" / "index.html"
    text = page.read_text(encoding="utf-8")
    order = [
        'href="acme/2025-04-05/report.html"',
        'href="acme/2025-02-19/report.html"',
        'href="beta/2025-01-01/report.html"',
    ]
    assert sorted(order, key=text.index) == order
    assert "<h2>acme customers: 3,012 customers on 5 April 2025</h2>" in text
    assert re.findall(r'<td class="num opt">([^<]+)</td>\n<td class="sh"><span class="share"', text) == [
        "+51",
        "–",
        "+51",
    ]
    assert re.search(r'<td class="num up" [^>]+>142</td>\n<td class="num down" [^>]+>131</td>', text)
    assert 'aria-label="Good 3,000, Bad 12, None 0"' in text
    assert text.count("<i style=") == 6
    assert "<script" not in text


def test_only_published_runs_are_listed(tmp_path):
    publish(tmp_path, "acme", "2025-02-19")
    for name in (".staging-2025-04-05", "2025-04-05", "inputs", ".superseded"):
        (tmp_path / "runs" / "acme" / name).mkdir()
    (tmp_path / "runs" / ".scratch" / "acme" / "2025-01-01").mkdir(parents=True)
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert text.count("report.html") == 1


def test_without_runs_the_page_says_what_to_do(tmp_path):
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert "No run is published yet. Make one with: segcore run NAME --date YYYY-MM-DD" in text


def test_a_run_without_a_summary_is_listed_all_the_same(tmp_path):
    publish(tmp_path, "acme", "2025-02-19")
    (tmp_path / "runs" / "acme" / "2025-02-19" / "data" / "summary.json").unlink()
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert "<h2>acme</h2>" in text
    assert '<td class="sh">not recorded</td>' in text


@pytest.mark.parametrize("damage", ["", "[]", '{"title": "ACME"}', "\\", '{"moves": 1, "segments": [1]}'])
def test_a_run_with_a_damaged_summary_is_listed_all_the_same_and_so_are_the_others(tmp_path, damage):
    publish(tmp_path, "acme", "2025-02-19")
    publish(tmp_path, "beta", "2025-02-19")
    (tmp_path / "runs" / "acme" / "2025-02-19" / "data" / "summary.json").write_text(damage)
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert '<td class="sh">not recorded</td>' in text
    assert "<h2>beta customers: 3,012 customers on 19 February 2025</h2>" in text


def test_a_withdrawn_run_stands_there_with_its_date_and_reason_and_without_a_link(tmp_path):
    publish(tmp_path, "acme", "2025-02-19")
    entry = archive.Entry(
        "withdrawn", "2025-04-05", old="0" * 64, on="2025-04-20", because="<b>old</b> rules"
    )
    archive.record(tmp_path / "runs" / "acme", entry)
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert "<li>5 April 2025, withdrawn on 20 April 2025: &lt;b&gt;old&lt;/b&gt; rules</li>" in text
    assert text.count("report.html") == 1


def test_a_study_all_of_whose_runs_were_withdrawn_is_still_listed(tmp_path):
    folder = tmp_path / "runs" / "acme"
    folder.mkdir(parents=True)
    entry = archive.Entry("withdrawn", "2025-04-05", old="0" * 64, on="2025-04-20", because="wrong file")
    archive.record(folder, entry)
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert "<h2>acme</h2>" in text
    assert "<table" not in text


def test_two_studies_that_finish_together_both_appear(tmp_path):
    places = [archive.Places(tmp_path, name) for name in ("acme", "beta")]
    for place in places:
        publish(tmp_path, place.study, "2025-02-19")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(archive.AFTER["index"].do, places * 5))
    text = (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    assert text.count("report.html") == 2
    assert archive.AFTER["index"].missing(places[0]) == []


def test_moves_are_linked_where_they_are(tmp_path):
    publish(tmp_path, "acme", "2025-02-19")
    folder = tmp_path / "runs" / "acme" / "2025-02-19" / "report"
    folder.mkdir()
    (folder / "moves.csv").write_text("customer_id\n")
    (folder / "calls.xlsx").write_text("mine")
    page = rebuild(tmp_path).read_text(encoding="utf-8")
    first, second = (f"acme/2025-02-19/{name}" for name in ("moves.csv", "calls.xlsx"))
    what = "every customer of both runs and what became of each, for spreadsheets"
    assert f'<a href="{first}" title="{what}">moves.csv</a> <a href="{second}" title="calls.xlsx">' in page


def test_names_and_warnings_are_escaped(tmp_path):
    publish(tmp_path, "acme", "2025-02-19", title="<script>alert(1)</script>", warnings=["<b>old</b> data"])
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;b&gt;old&lt;/b&gt; data" in text


def test_the_same_runs_give_the_same_page_and_nothing_else(tmp_path):
    publish(tmp_path, "acme", "2025-02-19")
    first = rebuild(tmp_path).read_bytes()
    assert rebuild(tmp_path).read_bytes() == first
    assert [path.name for path in (tmp_path / "reports").iterdir()] == ["index.html"]


def test_a_study_whose_ledger_cannot_be_read_is_listed_and_so_are_the_others(tmp_path):
    publish(tmp_path, "acme", "2025-02-19")
    publish(tmp_path, "beta", "2025-02-19")
    (tmp_path / "runs" / "beta" / "ledger.jsonl").mkdir()
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert text.count("report.html") == 1
    assert "<h2>beta</h2>" in text
    assert "The runs of this study cannot be read; segcore verify says why." in text


def test_each_study_stands_there_in_its_own_language(tmp_path):
    publish(tmp_path, "acme", "2025-04-05", language="de", moves=None)
    publish(tmp_path, "beta", "2025-04-05")
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    german, english = re.findall(r'(?s)<section class="study" id="\w+" lang="(\w+)">(.*?)</section>', text)
    assert (german[0], english[0]) == ("de", "en")
    assert "<h2>acme customers: 3.012 Kunden am 5. April 2025</h2>" in german[1]
    assert '<th scope="col" class="num">Auf- <br>gestiegen</th>' in german[1]
    assert "<h2>beta customers: 3,012 customers on 5 April 2025</h2>" in english[1]
    assert '<html lang="en">' in text and "<h1>Reports</h1>" in text


def test_the_page_is_in_the_language_that_all_studies_share(tmp_path):
    publish(tmp_path, "acme", "2025-04-05", language="de")
    text = rebuild(tmp_path).read_text(encoding="utf-8")
    assert '<html lang="de">' in text and "<h1>Berichte</h1>" in text


@pytest.mark.parametrize("said", ["fr", ["de"], None, 7])
def test_a_language_that_nobody_speaks_is_english(tmp_path, said):
    publish(tmp_path, "acme", "2025-04-05", language=said)
    assert "3,012 customers on 5 April 2025" in rebuild(tmp_path).read_text(encoding="utf-8")
