"""The store of inputs, its cache, and what reviewers are shown of a delivery."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from small_sources import DAY, HEADER, deliver, ingest_files, line, study_in

from segcore.engine import DuckDB, Engine
from segcore.errors import InputError
from segcore.params import Study
from segcore.sources import collect, data_folder, delivered, ingest, kept_before, orders_by_month, staged


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


class TestTheStoreOfInputs:
    """Every extract is kept once, by its content; what was parsed is a cache beside it."""

    def test_it_keeps_each_content_once_under_its_hash(self, tmp_path: Path) -> None:
        content = HEADER + line()
        study = study_in(tmp_path)
        data = deliver(tmp_path, {"sales_1.csv": content, "sales_2.csv": content})
        first, second = collect(study, data, tmp_path / "inputs")
        digest = hashlib.sha256(content.encode("cp1252")).hexdigest()

        assert [first.name, second.name] == ["sales_1.csv", "sales_2.csv"]
        assert first.sha256 == second.sha256 == digest
        assert first.path == second.path == tmp_path / "inputs" / f"{digest}.csv"
        assert [path.name for path in (tmp_path / "inputs").iterdir()] == [f"{digest}.csv"]
        assert first.path.read_bytes() == (data / "sales_1.csv").read_bytes()
        assert first.bytes == len(content.encode("cp1252"))

    def test_a_run_reads_what_was_kept_for_it_whatever_lies_in_the_data_folder_now(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        study, data = study_in(tmp_path), deliver(tmp_path, {"sales.csv": HEADER + line()})
        run_dir, store = tmp_path / "runs" / "acme" / "2025-12-31", tmp_path / "runs" / "acme" / "inputs"
        extracts = collect(study, data, store)
        run_dir.mkdir(parents=True)
        record = json.dumps({"inputs": [extract.as_json() for extract in extracts]})
        (run_dir / "run.json").write_text(record, encoding="utf-8")
        (data / "sales.csv").write_text("something else")

        assert staged(study, data, run_dir) == extracts
        ingest(engine, study, DAY, staged(study, data, run_dir), store)
        assert engine.rows("select order_id from transactions") == [("A1",)]

    def test_a_run_that_was_not_staged_collects_the_extracts_itself(self, tmp_path: Path) -> None:
        study, data = study_in(tmp_path), deliver(tmp_path, {"sales.csv": HEADER + line()})
        (extract,) = staged(study, data, tmp_path / "runs" / "acme" / "2025-12-31")
        assert extract.path.parent == tmp_path / "runs" / "acme" / "inputs"

    def test_the_cache_may_be_deleted_and_is_made_again_by_the_same_content(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        files: dict[str, str | bytes] = {"sales.csv": HEADER + line()}
        ingest_files(engine, tmp_path, files)
        (parsed,) = (tmp_path / "inputs" / "parsed").glob("*.parquet")
        before = parsed.read_bytes()
        parsed.unlink()
        ingest_files(engine, tmp_path, files)
        assert parsed.read_bytes() == before

    def test_the_cache_is_not_used_for_another_format(self, engine: Engine, tmp_path: Path) -> None:
        files: dict[str, str | bytes] = {"sales.csv": HEADER + line(amount="1.000")}
        ingest_files(engine, tmp_path, files)
        ingest_files(engine, tmp_path, files, ('decimal: ",", thousands: "."', 'decimal: "."'))
        assert engine.rows("select amount from transactions") == [(Decimal(1),)]
        assert len(list((tmp_path / "inputs" / "parsed").glob("*.parquet"))) == 2


class TestDamage:
    """What is kept is hashed again whenever it is used."""

    @pytest.fixture
    def given(self, tmp_path: Path) -> tuple[Study, Path, Path]:
        study, data = study_in(tmp_path), deliver(tmp_path, {"sales.csv": HEADER + line()})
        return study, data, tmp_path / "inputs"

    @pytest.mark.parametrize("damage", ["", "half", HEADER + line(order="A2")])
    def test_a_damaged_stored_file_is_replaced_from_the_data_folder(
        self, given: tuple[Study, Path, Path], damage: str
    ) -> None:
        study, data, store = given
        (kept,) = collect(study, data, store)
        kept.path.chmod(0o644)
        kept.path.write_text(damage)
        assert collect(study, data, store) == (kept,)
        assert kept.path.read_bytes() == (data / "sales.csv").read_bytes()
        assert kept.path.stat().st_mode & 0o777 == 0o444

    def test_a_stored_file_that_is_damaged_after_it_was_kept_is_not_parsed(
        self, engine: Engine, given: tuple[Study, Path, Path]
    ) -> None:
        study, data, store = given
        (kept,) = collect(study, data, store)
        kept.path.chmod(0o644)
        kept.path.write_text(HEADER + line(order="A2"))
        with pytest.raises(InputError) as caught:
            ingest(engine, study, DAY, [kept], store)
        assert caught.value.problems == (
            f"sales.csv: must be kept as it was delivered ({kept.path} was altered or is missing); run again "
            "with the file in the data folder, or put the kept one back from a copy",
        )

    def test_a_flipped_bit_in_the_cache_of_parsed_extracts_changes_nothing(
        self, engine: Engine, given: tuple[Study, Path, Path]
    ) -> None:
        study, data, store = given
        extracts = collect(study, data, store)
        ingest(engine, study, DAY, extracts, store)
        (parsed,) = (store / "parsed").glob("*.parquet")
        before = parsed.read_bytes()
        for place in range(0, len(before), 197):
            parsed.write_bytes(before[:place] + bytes([before[place] ^ 4]) + before[place + 1 :])
            ingest(engine, study, DAY, extracts, store)
            assert parsed.read_bytes() == before

    def test_what_a_run_recorded_is_found_again_by_its_content(self, given: tuple[Study, Path, Path]) -> None:
        study, data, store = given
        extracts = collect(study, data, store)
        records = [extract.as_json() for extract in extracts]
        extracts[0].path.unlink()
        assert kept_before(records, data, store) == extracts
        extracts[0].path.unlink()
        (data / "sales.csv").write_text("other")
        with pytest.raises(InputError) as caught:
            kept_before(records, data, store)
        assert caught.value.problems == (
            f"sales.csv: must be kept as it was delivered ({extracts[0].path} was altered or is missing, and "
            f"{data}/sales.csv has other content or is gone); put one of them back from a copy",
        )


class TestDeliveriesThatAreNoFiles:
    """They stop the run before any work."""

    @pytest.mark.parametrize(
        ("make", "what"),
        [
            (lambda path: path.symlink_to("nothing"), "a link to nothing"),
            (lambda path: path.mkdir(), "a folder"),
            (os.mkfifo, "a pipe or a device"),
        ],
    )
    @pytest.mark.parametrize("name", ["sales_2.csv", "sales*"])
    def test_each_is_named(self, tmp_path: Path, make: Callable[[Path], None], what: str, name: str) -> None:
        study = study_in(tmp_path, ('["sales*"]', f'["sales_1.csv", "{name}"]'))
        data = deliver(tmp_path, {"sales_1.csv": HEADER + line()})
        make(data / "sales_2.csv")
        with pytest.raises(InputError) as caught:
            collect(study, data, tmp_path / "inputs")
        assert caught.value.problems == (
            f"sales_2.csv: must be a file (it is {what}); deliver the file itself, or take it out of the "
            "data folder",
        )

    def test_a_link_to_a_file_is_a_delivery(self, tmp_path: Path) -> None:
        data = deliver(tmp_path, {"elsewhere.csv": HEADER + line()})
        (data / "sales.csv").symlink_to(data / "elsewhere.csv")
        (kept,) = collect(study_in(tmp_path), data, tmp_path / "inputs")
        assert not kept.path.is_symlink()


def test_the_data_folder_is_the_study_s_else_the_environment_s_else_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)
    plain = study_in(tmp_path)
    own = study_in(tmp_path, ("title:", "data_dir: mine\ntitle:"))
    assert (data_folder(plain), data_folder(own, root=tmp_path)) == (Path("data"), tmp_path / "mine")
    monkeypatch.setenv("SEGCORE_DATA_DIR", "/elsewhere")
    assert (data_folder(plain, root=tmp_path), data_folder(own)) == (Path("/elsewhere"), Path("mine"))


def test_reviewers_see_what_was_delivered_and_the_orders_of_every_month(
    engine: Engine, tmp_path: Path
) -> None:
    change = (
        '["sales*"]',
        r"""["sales*"]
    delivered: '(\d{4}-\d{2}-\d{2})'""",
    )
    content = HEADER + line() + line(item="20") + line(order="A2", date="05.03.2025")
    study = ingest_files(engine, tmp_path, {"sales_2025-12-30.csv": content}, change)
    frame = delivered(collect(study, tmp_path / "data", tmp_path / "inputs"))
    assert frame.drop(columns="sha256").to_numpy().tolist() == [
        ["transactions", "sales_2025-12-30.csv", "2025-12-30", len(content.encode("cp1252"))]
    ]
    months = orders_by_month(engine)
    assert list(months.columns) == ["month", "orders", "lines", "value"]
    assert [(str(m)[:10], o, n, v) for m, o, n, v in months.itertuples(index=False)] == [
        ("2025-02-01", 1, 2, 2.0),
        ("2025-03-01", 1, 1, 1.0),
    ]
