"""In what two runs differ: parts, customers, tables, notebooks; for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest
from shared_projects import DATES, copied

from segcore import review, runner
from segcore.cli import reviewing
from segcore.engine import ENGINES
from segcore.errors import ArchiveError
from segcore.review.diffing.notebooks import notebook_diff
from segcore.review.diffing.parts import Change, keyed
from segcore.review.diffing.tables import CustomerCell, customer_cells, table_diff

BEFORE, LAST = DATES[-2:]


class TestParts:
    def test_every_kind_of_change_is_a_sentence(self):
        changes = keyed({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"})
        assert [change.sentence for change in changes] == [
            "b was 2, is 9", "c is gone (3)", "d is new (4)",
        ]  # fmt: skip
        assert Change("code").sentence == "code is new"

    def test_the_same_is_no_change(self):
        assert keyed({"a": "1"}, {"a": "1"}) == []


class TestTables:
    @pytest.fixture
    def diff(self, tmp_path):
        def compare(name: str, old: dict[str, list[Any]] | None, new: dict[str, list[Any]] | None):
            paths = []
            for which, columns in (("old", old), ("new", new)):
                path = tmp_path / f"{which}.parquet"
                if columns is not None:
                    pd.DataFrame(columns).to_parquet(path, index=False)
                paths.append(path if columns is not None else None)
            with ENGINES["duckdb"]() as engine:
                return table_diff(engine, name, *paths)

        return compare

    def test_rows_are_matched_by_the_key_of_the_table(self, diff):
        found = diff(
            "history",
            {"customer_id": ["A", "B", "C", "D"], "rank": [1, 2, None, 4], "segment": ["x", "x", "y", "y"]},
            {"customer_id": ["E", "D", "C", "B"], "rank": [1, 4, None, 3], "segment": ["x", "y", "y", "z"]},
        )
        assert (found.added, found.removed, found.changed) == (1, 1, 1)
        assert found.columns == {"rank": 1, "segment": 1}
        assert found.examples == (
            "customer_id B: rank 2.0 → 3.0, segment x → z",
            "customer_id E: only in the second run",
            "customer_id A: only in the first run",
        )
        assert not found.same

    def test_order_alone_is_no_difference(self, diff):
        found = diff(
            "reps", {"rep": ["1", "2"], "name": ["a", None]}, {"rep": ["2", "1"], "name": [None, "a"]}
        )
        assert found.same and found.examples == ()

    def test_an_empty_key_is_a_key(self, diff):
        found = diff(
            "representatives",
            {"rep": [None, "1"], "customers": [1, 2]},
            {"rep": [None, "1"], "customers": [1, 3]},
        )
        assert (found.added, found.removed, found.changed) == (0, 0, 1)
        assert found.examples == ("rep 1: customers 2 → 3",)

    def test_a_long_text_is_told_by_its_beginning(self, diff):
        old, new = ({"rep": ["1"], "told": [f"{n} of {'9' * 200}"]} for n in (2, 3))
        found = diff("representatives", old, new)
        nines = "9" * 95
        assert found.examples == (f"rep 1: told 2 of {nines}… → 3 of {nines}…",)

    def test_columns_of_one_run_only_are_named(self, diff):
        found = diff("reps", {"rep": ["1"], "old": [1]}, {"rep": ["1"], "new 'one'": [1]})
        assert found.only == ("new 'one'", "old") and not found.same

    def test_a_table_of_one_run_only_is_counted(self, diff):
        assert diff("reps", None, {"rep": ["1", "2"]}).added == 2
        assert diff("reps", {"rep": ["1"]}, None).removed == 1

    @pytest.mark.parametrize("kept", [0, 4, 700])
    @pytest.mark.parametrize("compare", [lambda *of: table_diff(of[0], "reps", *of[1:]), customer_cells])
    def test_a_file_that_is_no_table_is_named(self, tmp_path, compare, kept):
        """It was sealed as it is, so nobody altered it."""
        old, new = tmp_path / "old.parquet", tmp_path / "new.parquet"
        with ENGINES["duckdb"]() as engine:
            engine.write_parquet("select 1 as customer_id, 'x' as segment", old)
            new.write_bytes(old.read_bytes()[:kept] + b"\0" * 50)
            with pytest.raises(ArchiveError) as caught:
                compare(engine, old, new)
        told = str(caught.value)
        assert told.startswith(f"{old} and {new}: must be Parquet files that can be read (got ")
        assert told.endswith("); mend the notebook that writes them, and make the run again")

    def test_customers_are_told_by_the_segments_they_left_and_entered(self, tmp_path):
        old = {"customer_id": ["A", "B", "C", "D"], "segment": ["x", "x", "y", "y"], "r_class": [1, 1, 2, 2]}
        new = {"customer_id": ["A", "B", "C", "E"], "segment": ["x", "y", "y", "x"], "r_class": [1, 2, 1, 1]}
        for name, columns in (("old", old), ("new", new)):
            pd.DataFrame(columns).to_parquet(tmp_path / f"{name}.parquet", index=False)
        with ENGINES["duckdb"]() as engine:
            cells = customer_cells(engine, tmp_path / "old.parquet", tmp_path / "new.parquet")
        assert sorted(cells, key=str) == sorted(
            [
                CustomerCell("x", "x", 1, {}),
                CustomerCell("x", "y", 1, {"r": 1}),
                CustomerCell("y", "y", 1, {"r": 1}),
                CustomerCell("y", None, 1, {}),
                CustomerCell(None, "x", 1, {}),
            ],
            key=str,
        )


class TestNotebooks:
    def write(self, path: Path, *cells: tuple[str, str], picture: str = "p", parameters: str = "1") -> Path:
        node = nbformat.v4.new_notebook()
        injected = nbformat.v4.new_code_cell(f"x = {parameters}", metadata={"tags": ["injected-parameters"]})
        node.cells = [injected]
        for source, text in cells:
            data = {
                "text/plain": text,
                "text/html": picture,
                "image/svg+xml": picture,
            }
            output = nbformat.v4.new_output("display_data", data)
            node.cells.append(nbformat.v4.new_code_cell(source, outputs=[output]))
        nbformat.write(node, path)
        return path

    def test_pictures_and_parameters_are_no_difference(self, tmp_path):
        one = self.write(tmp_path / "a.ipynb", ("f()", "text"))
        other = self.write(tmp_path / "b.ipynb", ("f()", "text"), picture="q", parameters="2")
        found = notebook_diff(one, other)
        assert (found.lines, found.cells, found.outputs) == ((), 1, 0)

    def test_source_is_compared_by_line_and_outputs_are_counted(self, tmp_path):
        one = self.write(tmp_path / "segment.ipynb", ("f()", "1"), ("g()\nh()", "2"), ("i()", "3"))
        other = self.write(tmp_path / "b.ipynb", ("f()", "1"), ("g()\nh(1)", "2"), ("i()", "4"))
        found = notebook_diff(one, other)
        assert found.name == "segment"
        assert [line for line in found.lines[2:] if line[:1] in "+-"] == ["-h()", "+h(1)"]
        assert found.counts == (1, 1)
        assert (found.cells, found.outputs) == (2, 1)


@pytest.fixture(scope="module")
def root(small_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo whose last run was published, and again with another title, rule and notebook."""
    root = copied(small_demo, tmp_path_factory.mktemp("project"))
    edit(root / "params" / "demo.rules.csv", "Champions,>=4,", "Champions,>=5,")
    edit(root / "params" / "demo.yaml", "title: Nordkontor", "title: NORDKONTOR")
    edit(
        root / "notebooks" / "segment.py",
        "model.alternatives(engine, this.study)\n",
        "model.alternatives(engine, this.study).copy()\n",
    )
    options = runner.RunOptions(force=True)
    runner.run(root / "params" / "demo.yaml", LAST, root=root, options=options)
    return root


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def superseded(root: Path) -> Path:
    (folder,) = (root / "runs" / "demo" / ".superseded").glob(f"{LAST}-*")
    return folder


@pytest.mark.slow
class TestRuns:
    def test_a_run_does_not_differ_from_itself(self, root, monkeypatch, capsys):
        monkeypatch.chdir(root)
        reviewing.diff(f"demo/{LAST}", f"demo/{LAST}")
        where = f"demo {LAST} (runs/demo/{LAST})"
        assert capsys.readouterr().out.splitlines() == [
            f"{where} → {where}",
            "nothing differs: the same went in, and the same came out",
        ]

    def test_what_went_in_is_told_part_by_part_and_rules_in_words(self, root):
        old, new = superseded(root), root / "runs" / "demo" / str(LAST)
        lines = review.told(review.compare(old, new))
        assert lines[0] == f"demo {LAST} ({old}) → demo {LAST} ({new})"
        rules = lines.index("rules:")
        assert lines[rules + 1].startswith("  line 2 is gone (Champions if recency is class 4 or 5")
        assert lines[rules + 2].startswith("  line 2 is new (Champions if recency is class 5")
        assert "study: title was 'Nordkontor customers', is 'NORDKONTOR customers'" in lines
        assert any(line.startswith("notebooks: segment was ") for line in lines)
        same = "inputs, breaks, parameters, accepted, beside, code, packages, python and previous"
        assert f"the same: {same}" in lines
        assert any(line.startswith("  Champions → Loyal: ") for line in lines)
        changed = "alternatives = model.alternatives(engine, this.study)"
        assert f"  -{changed}" in lines and f"  +{changed}.copy()" in lines

    def test_no_table_of_data_is_told_that_is_the_same(self, root):
        found = review.compare(superseded(root), root / "runs" / "demo" / str(LAST))
        names = {table.name for table in found.tables}
        assert "customers" in names
        assert not names & {"transactions", "reps", "quarantine", "reconciliation"}
        (customers,) = (table for table in found.tables if table.name == "customers")
        assert (customers.added, customers.removed) == (0, 0)
        assert set(customers.columns) == {"segment", "rank", "rule", "fragile"}
        moved = sum(cell.customers for cell in found.customers if cell.left != cell.entered)
        assert 0 < moved == customers.columns["segment"]

    def test_charts_make_no_noise(self, root):
        lines = review.told(review.compare(*(root / "runs" / "demo" / str(d) for d in (BEFORE, LAST))))
        text = "\n".join(lines)
        assert len(lines) < 260
        assert "vega" not in text and "base64" not in text and max(map(len, lines)) < 1000

    def test_machines_get_all_of_it(self, root, monkeypatch, capsys):
        monkeypatch.chdir(root)
        aside = superseded(root).name
        reviewing.diff(f"demo/.superseded/{aside}", f"demo/{LAST}", as_json=True)
        found = json.loads(capsys.readouterr().out)
        assert found["schema"] == 1 and found["same"] is False
        assert [entry["run_date"] for entry in found["runs"]] == [str(LAST), str(LAST)]
        assert found["runs"][0]["folder"] == f"runs/demo/.superseded/{aside}"
        assert found["parts"]["study"] == [
            {"what": "title", "before": "'Nordkontor customers'", "after": "'NORDKONTOR customers'"}
        ]
        assert {cell["left"] for cell in found["customers"]} >= {"Champions", "Loyal"}

    def test_a_run_that_is_not_as_it_was_sealed_is_not_compared(self, root):
        run_dir = root / "runs" / "demo" / str(BEFORE)
        path = run_dir / "data" / "customers.parquet"
        before = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(before[:100])
        try:
            with pytest.raises(ArchiveError) as caught:
                review.compare(run_dir, root / "runs" / "demo" / str(LAST))
        finally:
            path.write_bytes(before)
        (told,) = caught.value.problems
        assert told.startswith(f"{path}: must be as it was sealed (it was altered)")
