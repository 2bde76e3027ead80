"""What ``segcore rules preview`` says of whom a table would move, and the file that lists them."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_model import fill, model
from test_rules_check import STUDY, TABLE, windowed

from segcore import preview, tables
from segcore.engine import DuckDB
from segcore.errors import ParamsError, UsageError
from segcore.model import apply, save

WIDER = TABLE.replace("Loyal,3,2", "Loyal,3,*").replace("At risk,>=2,*", "At risk,2,2")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a run of six customers; frequency is cut at 4 orders, recency at 30 and 90 days."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "acme.yaml").write_text(STUDY)
    (tmp_path / "params" / "acme.rules.csv").write_text(TABLE)
    (tmp_path / "params" / "acme-new.csv").write_text(WIDER)
    folder, used = tmp_path / "runs" / "acme" / "2025-11-30", windowed(model())
    (folder / "data").mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    save(folder, used, used)
    with DuckDB() as engine:
        fill(
            engine,
            "('1', 'Ahrens', '07', 1, 1), ('2', '=1+1', '07', 2, 1), ('3', 'Clausen', '08', 3, 2), "
            "('4', NULL, NULL, 4, 3), ('5', 'Ehlers', NULL, 1, 9), ('6', 'Falk', NULL, 60, 1)",
            "customer_id, name, rep, recency, frequency",
        )
        apply(engine, used)
        engine.execute("create table reps as select '07' as rep, 'Anke Möller' as name")
        tables.save(engine, folder, "customers", "reps")
    return tmp_path


def test_it_names_who_would_move_and_says_the_sizes_that_would_come_out(root: Path) -> None:
    found = preview.preview(Path("params/acme-new.csv"), None, root=root)
    assert list(found.lines) == [
        f"5 of 6 customers of the run {root}/runs/acme/2025-11-30 would move",
        "       4  At risk → Loyal: Ahrens, =1+1, Clausen and 1 more",
        "       1  At risk → Lost: Falk",
        "the segments would have",
        "       5  Loyal, now 1",
        "       0  At risk, now 5",
        "       1  Lost, now 0",
        "params/acme-new.would_move.csv: everybody who would move",
    ]
    assert found.as_json()["sizes"][0] == {"segment": "Loyal", "now": 1, "then": 5}
    assert found.as_json()["moves"][1] == {
        "from_segment": "At risk", "to_segment": "Lost", "customers": 1, "first": ["Falk"],
    }  # fmt: skip


def test_the_file_lists_all_of_them_with_both_rules_and_no_formula(root: Path) -> None:
    out = root / "list.csv"
    preview.preview(Path("params/acme-new.csv"), None, root=root, out=out)
    then = '"last order up to 90 days ago",last order up to 30 days ago'.replace('"', "")
    assert out.read_text(encoding="utf-8-sig").splitlines() == [
        "customer_id,name,representative,from_segment,to_segment,rule_now,rule_then",
        f"1,Ahrens,Anke Möller,At risk,Loyal,{then}",
        f"2,'=1+1,Anke Möller,At risk,Loyal,{then}",
        f"3,Clausen,08,At risk,Loyal,{then}",
        f"4,,,At risk,Loyal,{then}",
        "6,Falk,,At risk,Lost,last order up to 90 days ago,everyone else",
    ]


def test_a_table_that_moves_nobody_writes_nothing(root: Path) -> None:
    found = preview.preview(Path("params/acme.rules.csv"), None, root=root)
    assert list(found.lines) == [f"0 of 6 customers of the run {root}/runs/acme/2025-11-30 would move"]
    assert not list(root.glob("params/*would_move*"))


def test_a_list_that_cannot_be_written_is_one_sentence(root: Path) -> None:
    with pytest.raises(UsageError, match=r"^nowhere/list\.csv: must be a file that can be written"):
        preview.preview(Path("params/acme-new.csv"), None, root=root, out=Path("nowhere/list.csv"))


def rename(root: Path, segments: str) -> None:
    study, table = root / "params" / "acme.yaml", root / "params" / "acme.rules.csv"
    study.write_text(f"{STUDY[: STUDY.index('segments:')]}{segments}\n")
    table.write_text(TABLE.replace("At risk", "Asleep"))


def test_a_new_name_alone_moves_nobody(root: Path) -> None:
    rename(root, "segments: {Loyal: {}, Asleep: {was: [At risk]}, Lost: {}}")
    found = preview.preview(Path("params/acme.rules.csv"), None, root=root)
    assert (found.moved, dict(found.sizes)) == (0, {"Loyal": (1, 1), "Asleep": (5, 5), "Lost": (0, 0)})


def test_a_segment_of_the_run_that_the_study_does_not_know_is_refused(root: Path) -> None:
    rename(root, "segments: {Loyal: {}, Asleep: {}, Lost: {}}")
    with pytest.raises(ParamsError) as caught:
        preview.preview(Path("params/acme.rules.csv"), None, root=root)
    assert caught.value.problems == (
        f"{root}/params/acme.yaml: segments: must have 'At risk', as the run of 2025-11-30 has, or say which "
        "segment takes its place (it is neither there nor under was); "
        'write was: ["At risk"] at that segment, like '
        '"Asleep": {was: ["At risk"]}',
    )
