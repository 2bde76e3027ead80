"""What the dashboard says and draws of the runs of a study."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from report_runs import DATES, make_runs, write_project

from segcore import archive, language, report
from segcore.dashboard import kit, page, rows, tables
from segcore.dashboard.changes import changes
from segcore.dashboard.pairs import pairs
from segcore.dashboard.reading import seen
from segcore.dashboard.rows import days
from segcore.params.file import load_study
from segcore.sentences.de import dashboard as german
from segcore.sentences.de import stale_runs as german_stale
from segcore.sentences.de import two_runs as german_two
from segcore.sentences.en import dashboard as say
from segcore.sentences.en import stale_runs, two_runs

HOSTILE = {"Loyal": "</script><script>alert(1)</script>", "Needs attention": "datum['x'] + alert(2)"}
DAYS = [dt.date.fromisoformat(date) for date in DATES]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three runs with hostile names; the last one has other breaks, and rules that are partly others."""
    study = write_project(tmp_path_factory.mktemp("dashboard"), HOSTILE, customers=120)
    made = make_runs(study)
    for folder in made:
        finish(study, folder)
    return made


def finish(study: Path, folder: Path) -> None:
    """Write what a run has beside its tables."""
    (folder / "study").mkdir()
    for path in (study, study.with_name("acme.rules.csv")):
        shutil.copyfile(path, folder / "study" / path.name)
    date = dt.date.fromisoformat(folder.name)
    report.write_summary(report.load(load_study(study), date, folder), folder)


def seal(folder: Path, before: archive.Run | None) -> archive.Run:
    """Publish a run that was compared with another one."""
    facts = {"study": "acme", "run_date": folder.name, "previous": before.reference if before else None}
    return archive.seal(folder, facts)


@pytest.fixture
def copied(runs: list[Path], tmp_path: Path) -> list[Path]:
    """The same runs to be changed."""
    return [Path(shutil.copytree(folder, tmp_path / folder.name)) for folder in runs]


@pytest.fixture(autouse=True)
def small_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library takes a second to make; whether it draws is for the tests in a browser."""
    monkeypatch.setattr(page, "kit", lambda *_: kit.Kit("window.segcoreDraw=async()=>({});", {"wide": {}}))


def data_of(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text)
    assert found
    return json.loads(found[1])


def headings(text: str) -> list[str]:
    return re.findall(r'<p class="eb">\d&ensp;([^<]*)</p>', text)


def test_the_same_runs_give_the_same_page(runs):
    first = page.render("acme", runs, "ab" * 32)
    assert page.render("acme", runs, "ab" * 32) == first
    assert page.source_of(first) == "ab" * 32


def test_every_section_stands_in_the_page(runs):
    assert headings(page.render("acme", runs, "")) == [
        "Segments",
        "Those who needed attention",
        "Moves",
        "Why they moved",
        "Follow-ups",
        "Two runs compared",
        "What changed in breaks and rules",
    ]


def test_hostile_names_are_data_and_part_of_no_specification(runs):
    text = page.render("acme", runs, "")
    assert "<script>alert" not in text
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in text
    names = {row["segment"] for row in data_of(text)["rows"]["sizes"]}
    assert set(HOSTILE.values()) <= names


def test_specifications_know_nothing_of_a_study():
    from segcore.dashboard.specs import CHARTS, specs

    made = specs()
    assert {width: list(charts) for width, charts in made.items()} == {
        width: list(CHARTS) for width in ("wide", "phone")
    }
    told = json.dumps(made)
    assert "datasets" not in told and "2025" not in told and "Champions" not in told


def test_every_segment_has_its_size_in_every_run(runs):
    rows = data_of(page.render("acme", runs, ""))["rows"]
    first = next(row for row in rows["sizes"] if row["segment"] == "Champions")
    assert len(rows["sizes"]) == 4 * 3
    assert (first["day"], first["place"], first["number"], first["fill"]) == (DATES[0], 0, "1", "#0D2B4B")
    assert first["says"].startswith(f"Champions, 19 February 2025: {first['customers']} customers, ")
    for date in DATES:
        shares = [row["share"] for row in rows["sizes"] if row["day"] == date]
        assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_moves_and_causes_agree(runs):
    rows = data_of(page.render("acme", runs, ""))["rows"]
    for date in DATES[1:]:
        moved = [row["customers"] for row in rows["flows"] if row["day"] == date and row["panel"] == 0]
        caused = [row["customers"] for row in rows["causes"] if row["day"] == date]
        assert sum(n for n in caused if n > 0) == moved[0] > 0
        assert sum(n for n in caused if n < 0) == moved[1] < 0


def test_any_two_runs_have_their_flows_with_the_sizes_of_both_as_sums(runs):
    found = pairs(seen("acme", runs))
    assert list(found["pairs"]) == ["0 1", "0 2", "1 2"]
    for one, two in ((0, 1), (0, 2), (1, 2)):
        table = found["pairs"][f"{one} {two}"]["rows"]
        assert [row[-1] for row in table[:4]] == [size[1] for size in found["sizes"][one]]
        into = [sum(int(row[place]) for row in table) for place in range(4)]
        assert into == [size[0] for size in found["sizes"][two]]


def test_runs_of_before_have_the_flows_from_the_run_before_alone(runs, copied):
    for folder in copied:
        (folder / "data" / "between_runs.parquet").unlink()
    new, old = (pairs(seen("acme", folders))["pairs"] for folders in (runs, copied))
    assert old["0 2"]["rows"] is None
    assert old["0 2"]["why"] == two_runs.NO_FLOWS
    assert [old[both]["rows"] for both in ("0 1", "1 2")] == [new[both]["rows"] for both in ("0 1", "1 2")]


def test_follow_ups_of_thousands_have_the_sign_of_thousands_in_every_column(runs, monkeypatch):
    row = {"run_date": DAYS[0], "eligible": 9000, "followed": 8000, "reached": 1300, "after": 1234.4}
    row |= {"expected": 1100.0, "difference": 134.4, "low95": -50.0, "high95": 50.0}
    monkeypatch.setattr(rows, "in_runs", lambda _: [row])
    told = [cell.text for cell in tables.in_runs(seen("acme", runs)).rows[0]]
    assert told[1:5] == ["9,000", "8,000", "1,300", "1,234"]


def test_another_model_is_told_in_words(copied):
    path = copied[2] / "model.json"
    model = json.loads(path.read_text())
    variable = next(one for one in model["variables"] if one["name"] == "recency")
    variable["edges"][0] += 1
    path.write_text(json.dumps(model))
    (change,) = changes(seen("acme", copied))
    assert (change.before, change.date, change.kinds) == (DAYS[1], DAYS[2], ["boundary"])
    assert re.fullmatch(r"Last order: \d+ and \d+ became \d+ and \d+ days ago", change.told[0])


def test_a_run_that_cannot_be_read_is_named_and_left_out(copied):
    (copied[1] / "data" / "summary.json").write_text("{")
    text = page.render("acme", copied, "")
    assert say.unread([DAYS[1]]) == (
        "The run of 5 April 2025 cannot be shown on this page: it lacks its tables, or is damaged; "
        "segcore verify says which."
    )
    assert "cannot be shown on this page" in text
    assert headings(text)[0] == "Segments"


def test_runs_without_a_table_are_named_where_it_is_missing(copied):
    (copied[1] / "data" / "marks.parquet").unlink()
    text = page.render("acme", copied, "")
    assert {row["day"] for row in data_of(text)["rows"]["causes"]} == {DATES[2]}
    assert "is left out here: it was made before segcore kept these numbers." in text


def test_where_older_runs_cannot_be_chosen_the_comparison_says_so(runs, monkeypatch):
    assert "can be chosen" not in page.render("acme", runs, "")
    monkeypatch.setattr("segcore.dashboard.pairs.MOST", 2)
    monkeypatch.setattr("segcore.dashboard.sections.MOST", 2)
    text = page.render("acme", runs, "")
    assert data_of(text)["pairs"]["runs"] == ["5 April 2025", "20 May 2025"]
    assert "can be chosen" in text.partition('<section id="compare">')[2]
    assert say.newest_only(2, 3, DAYS[1]) == (
        "The newest two of three runs can be chosen, since 5 April 2025; "
        "the charts and tables above show all."
    )
    with language.spoken("de"):
        assert german.newest_only(24, 30, DAYS[1]) == (
            "Zur Wahl stehen die neuesten 24 von 30 Läufen, seit dem 5. April 2025; die Diagramme und "
            "Tabellen darüber zeigen alle."
        )


def test_a_run_that_is_published_no_more_is_not_shown(runs):
    found = seen("acme", [runs[0], runs[2]])
    assert found.dates == [DAYS[0], DAYS[2]]
    assert days(found) == [1739923200000, 1747699200000]
    assert pairs(found)["runs"] == ["19 February 2025", "20 May 2025"]


def test_with_one_run_the_page_says_when_it_begins(runs):
    text = page.render("acme", runs[:1], "")
    assert "There is one run so far. The dashboard begins with the second" in text
    assert "<script" not in text.replace("&lt;script", "")
    assert headings(text) == []


def test_a_study_whose_runs_cannot_be_read_has_a_page_that_says_so(tmp_path):
    (tmp_path / "2025-02-19").mkdir()
    assert "No run can be shown" in page.render("acme", [tmp_path / "2025-02-19"], "")


def test_the_page_is_in_the_language_of_the_newest_run(copied):
    path = copied[2] / "data" / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "language": "de"}))
    text = page.render("acme", copied, "")
    assert '<html lang="de">' in text
    assert headings(text) == list(german.TITLES.values())
    assert data_of(text)["locale"]["number"]["decimal"] == ","
    assert data_of(text)["pairs"]["runs"][2] == "20. Mai 2025"


class TestStale:
    """What is said of a run is its own, and nothing is said of moves from a run that is no longer there."""

    @pytest.fixture
    def sealed(self, copied) -> list[archive.Run]:
        """The three runs, published one after the other."""
        made: list[archive.Run] = []
        for folder in copied:
            made.append(seal(folder, made[-1] if made else None))
        return made

    @pytest.fixture
    def forced(self, sealed, tmp_path) -> list[Path]:
        """The middle run was made again with another rule table."""
        other = {**HOSTILE, "Champions,3,>=2": "Champions,3,3"}
        study = write_project(tmp_path / "other", other, customers=120)
        folder = make_runs(study, DATES[1:2], [sealed[0].folder])[-1]
        finish(study, folder)
        seal(folder, sealed[0])
        return [sealed[0].folder, folder, sealed[2].folder]

    @staticmethod
    def segments(folder: Path) -> pd.Series:
        return pd.read_parquet(folder / "data" / "customers.parquet").set_index("customer_id")["segment"]

    def check_sizes(self, folders: list[Path]) -> None:
        found = seen("acme", folders)
        for folder in folders:
            counted = self.segments(folder).value_counts().to_dict()
            date = dt.date.fromisoformat(folder.name)
            shown = {r["segment"]: r["customers"] for r in found.sizes if r["run_date"] == date}
            assert {name: number for name, number in shown.items() if number} == counted
            (row,) = (row for row in found.flows if row["run_date"] == date)
            assert row["customers"] == sum(counted.values())

    def check_moves(self, folder: Path, data: Any) -> None:
        moved = pd.read_parquet(folder / "data" / "moves.parquet")["state"].value_counts()
        drawn = [row["customers"] for row in data["rows"]["flows"] if row["day"] == folder.name]
        signs = {"up": 1, "down": -1, "new": 1, "returned": 1, "gone": -1}
        assert drawn == [sign * moved.get(kind, 0) for kind, sign in signs.items()]
        caused = [row["customers"] for row in data["rows"]["causes"] if row["day"] == folder.name]
        assert sum(n for n in caused if n > 0) == moved["up"]
        assert -sum(n for n in caused if n < 0) == moved["down"]

    def check_pair(self, one: Path, two: Path, pair: Any, names: list[str]) -> None:
        both = pd.concat([self.segments(one), self.segments(two)], axis=1, join="inner")
        both.columns = ["start", "end"]
        for name, row in zip(names, pair["rows"], strict=False):
            told = [int(((both["start"] == name) & (both["end"] == end)).sum()) for end in names]
            assert [int(text) for text in row[: len(names)]] == told

    def test_runs_that_follow_each_other_are_not_stale(self, sealed, runs):
        folders = [run.folder for run in sealed]
        assert seen("acme", folders).stale == []
        assert page.render("acme", folders, "") == page.render("acme", runs, "")
        self.check_sizes(folders)

    def test_after_a_withdrawal_nothing_is_said_from_the_withdrawn_run(self, sealed):
        folders = [sealed[0].folder, sealed[2].folder]
        found = seen("acme", folders)
        assert found.stale == [dt.date.fromisoformat(d) for d in archive.stale([sealed[0], sealed[2]])]
        assert found.stale == [DAYS[2]]
        text = page.render("acme", folders, "")
        data = data_of(text)
        self.check_sizes(folders)
        assert stale_runs.named([DAYS[2]], "acme") in text.replace("\xa0", " ")
        assert text.count(stale_runs.AGAIN) == 3 and "Over two runs" not in text
        assert [data["rows"].get(name, []) for name in ("flows", "causes", "headline")] == [[], [], []]
        pair = data["pairs"]["pairs"]["0 1"]
        assert (pair["rows"], pair["why"]) == (None, two_runs.stale("acme"))
        figures = {row["name"]: row["texts"] for row in data["pairs"]["figures"]}
        assert {*figures["Moved up"], *figures["Now in a target"]} == {"–"}

    def test_a_run_made_again_with_other_rules_is_shown_as_it_is_now(self, forced):
        found = seen("acme", forced)
        assert found.stale == [DAYS[2]]
        text = page.render("acme", forced, "")
        data = data_of(text)
        self.check_sizes(forced)
        self.check_moves(forced[1], data)
        names = [one["name"] for one in data["pairs"]["segments"]]
        self.check_pair(*forced[:2], data["pairs"]["pairs"]["0 1"], names)
        assert {row["day"] for name in ("flows", "causes") for row in data["rows"][name]} == {DATES[1]}
        assert [data["pairs"]["pairs"][both]["why"] for both in ("0 1", "0 2", "1 2")] == [
            "",
            *[two_runs.stale("acme")] * 2,
        ]
        assert [one.date for one in changes(found)] == DAYS[1:]
        assert stale_runs.named([DAYS[2]], "acme") in text.replace("\xa0", " ")
        assert "over the runs shown here" in text

    def test_a_first_run_that_was_not_the_first_is_stale_and_so_are_those_after_it(self, sealed):
        assert seen("acme", [run.folder for run in sealed[1:]]).stale == DAYS[1:]
        both = pairs(seen("acme", [run.folder for run in sealed[1:]]))["pairs"]["0 1"]
        assert (both["why"], both["rows"] is None) == ("", False)

    def test_a_run_after_one_that_was_added_since_is_stale(self, sealed, copied, tmp_path):
        late = Path(shutil.copytree(copied[2], tmp_path / "late" / DATES[2]))
        (late / "manifest.json").unlink()
        seal(late, sealed[0])
        folders = [sealed[0].folder, sealed[1].folder, late]
        assert seen("acme", folders).stale == [DAYS[2]]
        rows = pairs(seen("acme", folders))["pairs"]
        assert [rows[both]["rows"] is None for both in ("0 1", "0 2", "1 2")] == [False, False, True]


class TestSentences:
    """In both languages."""

    def test_two_runs_in_words(self):
        segments = {"Loyal": (100, 143), "Lost": (30, 11)}
        assert two_runs.compared((DAYS[0], DAYS[2]), (130, 154), segments) == (
            "On 20 May 2025 there were 24 customers more than on 19 February 2025; Loyal grew most (+43) and "
            "Lost shrank most (−19)."
        )
        assert two_runs.compared((DAYS[0], DAYS[1]), (5, 5), {"Loyal": (5, 5)}) == (
            "On 5 April 2025 there were as many customers as on 19 February 2025; every segment is as large "
            "as it was."
        )

    def test_moves_in_words(self):
        found = [{"up": None, "down": None}, {"up": 3, "down": 5}, {"up": 4, "down": 5}]
        assert say.balance(found) == "In every run more customers moved down than up"
        assert say.balance([*found, {"up": 9, "down": 5}]) == (
            "In two of three runs more customers moved down than up"
        )
        assert say.balance(found[:1]) == "Moves appear from the second run on"
        assert german.balance(found) == "In jedem Lauf sind mehr Kunden abgestiegen als aufgestiegen"

    def test_stale_runs_in_words(self):
        assert stale_runs.named([], "acme") == german_stale.named([], "acme") == stale_runs.left_out([]) == ""
        assert stale_runs.named([DAYS[1]], "acme") == (
            "The run of 5 April 2025 is stale: a run before it was withdrawn, added or made again since. Its "
            "sizes are shown, its moves and sums over all runs are not; segcore backfill acme --stale makes "
            "it again."
        )
        with language.spoken("de"):
            assert german_stale.named(DAYS[1:], "acme") == (
                "Die Läufe vom 5. April 2025 und 20. Mai 2025 sind überholt: Ein Lauf davor wurde seither "
                "zurückgezogen, ergänzt oder neu gemacht. Ihre Größen stehen hier, ihre Wechsel und Summen "
                "über alle Läufe nicht; segcore backfill acme --stale macht sie neu."
            )
            assert german_stale.left_out(DAYS[:1]) == (
                "Der Lauf vom 19. Februar 2025 fehlt hier: überholt, siehe oben."
            )
            assert "segcore backfill acme --stale" in german_two.stale("acme")

    def test_causes_in_words(self):
        assert say.own({"earned": 70, "boundary": 30}, ("boundary",)) == (
            "30% of 100 moves over all runs came from our method"
        )
        assert say.own({"earned": 70}, ("boundary",)) == "None of 70 moves over all runs came from our method"
        assert say.own({"earned": 7}, (), every=False) == (
            "None of 7 moves over the runs shown here came from our method"
        )
        assert say.own({}, ()) == "Nobody moved"

    def test_changes_in_words(self):
        assert say.changed(1, 7) == "Breaks or rules changed in one of seven runs"
        with language.spoken("de"):
            assert german.changed(1, 7) == (
                "Klassengrenzen oder Regeln haben sich in einem von sieben Läufen geändert"
            )
        assert say.changed(0, 7) == "All runs were made with the same breaks and rules"
        assert say.rule("Loyal", "recency is class 3", added=True) == "New rule: Loyal if recency is class 3"

    def test_both_languages_say_the_same_things(self):
        for one, other in ((say, german), (two_runs, german_two), (stale_runs, german_stale)):
            public = [{n for n in vars(module) if not n.startswith("_")} for module in (one, other)]
            assert public[0] ^ public[1] <= {"count"}
            for name, value in vars(one).items():
                if isinstance(value, dict) and name.isupper():
                    assert list(value) == list(getattr(other, name)), name


class TestKit:
    """What draws takes seconds to make, so it is kept with segcore's compiled modules."""

    @pytest.fixture(autouse=True)
    def made(self, monkeypatch, tmp_path) -> list[kit.Kit]:
        """What is made here, in turn."""
        made: list[kit.Kit] = []

        def make() -> kit.Kit:
            made.append(kit.Kit(f"number {len(made)}", {"wide": {}}))
            return made[-1]

        monkeypatch.setattr(kit, "_made", make)
        monkeypatch.setattr(kit, "COMPILED", tmp_path / "segcore" / "__pycache__")
        return made

    def test_it_is_made_once_for_one_version_of_the_code_in_whatever_project(self, made, tmp_path):
        assert kit.kit(tmp_path / "one", "a") == kit.kit(tmp_path / "two", "a")
        assert kit.kit(tmp_path / "one", "a") == kit.Kit("number 0", {"wide": {}})
        assert len(made) == 1
        assert not (tmp_path / "one").exists()

    def test_that_of_another_version_takes_its_place(self, made, tmp_path):
        kit.kit(tmp_path, "a")
        assert kit.kit(tmp_path, "b").library == "number 1"
        assert [path.name for path in kit.COMPILED.iterdir()] == ["dashboard-b.json"]

    def test_where_segcore_may_not_write_it_is_kept_beside_the_runs(self, made, tmp_path):
        kit.COMPILED.parent.write_text("no folder can be made below a file")
        assert kit.kit(tmp_path / "runs", "a") == kit.kit(tmp_path / "runs", "a")
        assert len(made) == 1
        kept = tmp_path / "runs" / kit.FOLDER
        assert [path.name for path in kept.iterdir()] == ["dashboard-a.json"]

    def test_where_nothing_can_be_kept_it_is_made_each_time(self, made, tmp_path):
        for folder in (kit.COMPILED.parent, tmp_path / "runs"):
            folder.write_text("no folder can be made below a file")
        assert kit.kit(tmp_path / "runs", "a").library == "number 0"
        assert kit.kit(tmp_path / "runs", "a").library == "number 1"

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"library": "x"}'])
    def test_one_that_cannot_be_read_is_made_anew(self, made, tmp_path, text):
        kit.kit(tmp_path, "a")
        (kit.COMPILED / "dashboard-a.json").write_text(text)
        assert kit.kit(tmp_path, "a").library == "number 1"
        assert kit.kit(tmp_path, "a").library == "number 1"

    def test_one_that_was_damaged_is_made_anew(self, made, tmp_path):
        kit.kit(tmp_path, "a")
        kept = kit.COMPILED / "dashboard-a.json"
        kept.write_text(kept.read_text().replace("number 0", "number x"))
        assert kit.kit(tmp_path, "a").library == "number 1"
        assert kit.kit(tmp_path, "a").library == "number 1"
        assert len(made) == 2
