"""Parquet: every value as exactly the text that it is, and damaged files as sentences."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segcore.errors import InputError
from segcore.params import Format
from segcore.sources.formats import Delivery
from segcore.sources.formats.parquet import READER, read_counts, read_rows


def delivered(folder: Path, columns: dict[str, pa.Array], **layout: Any) -> Delivery:
    path = folder / "sales.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return Delivery(path, "sales.parquet", Format(**layout), folder)


def told(folder: Path, values: list[Any], kind: pa.DataType, **layout: Any) -> list[str]:
    """The texts of a column, read in this process."""
    rows = [
        row
        for batch in read_rows(delivered(folder, {"x": pa.array(values, kind)}, **layout))
        for row in batch["fields"].to_pylist()
    ]
    assert rows[0] == ["x"]
    return [row[0] for row in rows[1:]]


MOMENT = dt.datetime(2025, 12, 31, 13, 45)


@pytest.mark.parametrize(
    ("kind", "values", "texts"),
    [
        (pa.string(), ["0000100", " ä ", "", None], ["0000100", " ä ", "", ""]),
        (pa.large_string(), ["NULL"], ["NULL"]),
        (pa.dictionary(pa.int8(), pa.string()), ["a", None, "a"], ["a", "", "a"]),
        (pa.int64(), [2**63 - 1, -5, None], ["9223372036854775807", "-5", ""]),
        (pa.uint64(), [2**64 - 1], ["18446744073709551615"]),
        (pa.bool_(), [True, False, None], ["TRUE", "FALSE", ""]),
        (pa.decimal128(38, 18), [Decimal("12.34"), Decimal("100"), Decimal("0")], ["12,34", "100", "0"]),
        (pa.decimal128(20, 10), [Decimal("0.0000000001"), Decimal("-5")], ["0,0000000001", "-5"]),
        (pa.float64(), [1234.5, 100.0, -0.0, 0.1 + 0.2, 1e-7], ["1234,5", "100", "0", "0,3", "0,0000001"]),
        (pa.float64(), [9007199254740991.0, 1e15, 57.68], ["9007199254740991", "1000000000000000", "57,68"]),
        (pa.float64(), [9007199254740992.0, 1e22], ["9.0071992547409920e+15", "1.0000000000000000e+22"]),
        (pa.float64(), [float("nan"), float("inf"), None], ["nan", "inf", ""]),
        (pa.float32(), [19.99, 16777216.0], ["19,99", "1.6777216000000000e+07"]),
        (pa.date32(), [dt.date(2025, 2, 3), dt.date(9999, 12, 31), None], ["2025-02-03", "9999-12-31", ""]),
        (pa.timestamp("us"), [MOMENT], ["2025-12-31 13:45:00"]),
        (pa.timestamp("s"), [dt.datetime(2025, 1, 1)], ["2025-01-01 00:00:00"]),
        (pa.timestamp("ns"), [MOMENT.replace(microsecond=120_000)], ["2025-12-31 13:45:00.12"]),
        (pa.timestamp("us", tz="Europe/Berlin"), [MOMENT], ["2025-12-31 13:45:00+00:00"]),
        (pa.time64("us"), [dt.time(13, 40), None], ["13:40:00", ""]),
        (pa.binary(), ["Müller".encode(), None], ["Müller", ""]),
        (pa.null(), [None], [""]),
    ],
)  # fmt: skip
def test_a_value_is_exactly_its_text(
    tmp_path: Path, kind: pa.DataType, values: list[Any], texts: list[str]
) -> None:
    assert told(tmp_path, values, kind, decimal=",") == texts


def test_a_column_of_parts_or_bytes_cannot_be_mapped_and_still_tells_records_apart(tmp_path: Path) -> None:
    columns = {
        "customer": pa.array(["K1", "K2"]),
        "tags": pa.array([["a", "ü"], None]),
        "photo": pa.array([b"\xff\x00", b"abc"]),
    }
    header, *rows = [
        row for batch in read_rows(delivered(tmp_path, columns)) for row in batch["fields"].to_pylist()
    ]
    assert header == [
        "customer",
        "tags (values with parts, which cannot be mapped)",
        "photo (bytes that are no text, which cannot be mapped)",
    ]
    assert rows == [["K1", '["a", "ü"]', "ff00"], ["K2", "", "abc"]]


def test_the_reader_gives_all_rows_in_order_and_counts_them_by_row_groups(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, {"a": pa.array(range(5)), "b": pa.array(list("vwxyz"))})
    rows = [row for batch in READER.rows(delivery) for row in batch.to_pylist()]
    assert [row["record"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {(row["lines"], row["text"], row["fault"]) for row in rows} == {(1, None, None)}
    assert [row["fields"] for row in rows] == [["a", "b"], *([str(n), "vwxyz"[n]] for n in range(5))]
    assert READER.count(delivery) == 6


def problem(delivery: Delivery) -> str:
    sentences = []
    for read in (read_rows, read_counts):
        with pytest.raises(InputError) as caught:
            list(read(delivery))
        sentences += caught.value.problems
    assert len(set(sentences)) == 1
    return sentences[0]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a;b\n1;2\n", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sales.parquet"
    path.write_bytes(content)
    sentence = problem(Delivery(path, "sales.parquet", Format(), tmp_path))
    assert sentence.startswith("sales.parquet: must be a whole Parquet file (")
    assert sentence.endswith("); deliver it again")


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, {"a": pa.array(range(100))})
    delivery.path.write_bytes(delivery.path.read_bytes()[:-10])
    assert problem(delivery).startswith("sales.parquet: must be a whole Parquet file (")


def test_a_file_without_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        list(read_rows(delivered(tmp_path, {})))
    assert caught.value.problems == ("sales.parquet: must have columns (it has none); deliver it again",)


def test_what_breaks_the_library_breaks_only_the_child(tmp_path: Path) -> None:
    delivery = delivered(tmp_path, {"a": pa.array(range(1000)), "b": pa.array(["x" * 50] * 1000)})
    whole, chance = delivery.path.read_bytes(), random.Random(7)
    outcomes = set()
    for _ in range(6):
        broken = bytearray(whole)
        for at in chance.sample(range(len(broken) - 2000, len(broken) - 8), 40):
            broken[at] = chance.randrange(256)
        delivery.path.write_bytes(broken)
        try:
            outcomes.add(sum(batch.num_rows for batch in READER.rows(delivery)))
        except InputError as error:
            outcomes.add(error.problems[0].split(" ")[0])
    assert outcomes <= {1001, "sales.parquet:", "sales.parquet"} and len(outcomes) > 0
