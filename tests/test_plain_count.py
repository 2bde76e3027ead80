"""The fast count of records is that of Python's strict reader, or none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.sources import plain_count
from segcore.sources.plain_count import count_plain

FIELDS = ["a", "", " ", "é", '"a"', '""', '"a;a"', '"a\n"', '"\n\n"', '"""a"""', '"a""b"', '"é;\n"']


def counted(tmp_path: Path, content: str) -> tuple[int, int] | None:
    file = tmp_path / "some.csv"
    file.write_bytes(content.encode())
    return count_plain(file, ";")


def by_the_reader(content: str) -> tuple[int, int]:
    reader = csv.reader(content.splitlines(keepends=True), delimiter=";", strict=True)
    return sum(map(bool, reader)), reader.line_num


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.lists(st.sampled_from(FIELDS), max_size=3), max_size=6),
    line_end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    block=st.sampled_from([16, 17, 23, 1 << 20]),
)
def test_a_well_formed_file_is_counted_as_by_the_strict_reader(
    tmp_path: Path, rows: list[list[str]], line_end: str, last: bool, block: int
) -> None:
    content = line_end.join(map(";".join, rows)) + line_end * last
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_count, "BLOCK", block)
        assert counted(tmp_path, content) == by_the_reader(content)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.text('a;"\n'))
def test_any_file_is_counted_as_by_the_strict_reader_or_not_at_all(tmp_path: Path, content: str) -> None:
    found = counted(tmp_path, content)
    assert found is None or found == by_the_reader(content)


@pytest.mark.parametrize(
    "content",
    ['a\n"b', 'a\nb"c\n', 'a\n"b"c\n', 'a\n "b"\n', "a\rb\n", "a\n" + "b" * 200_000],
    ids=["never closed", "inside", "text after it", "blank before it", "lone return", "very long"],
)
def test_what_is_not_plain_is_left_to_the_strict_reader(tmp_path: Path, content: str) -> None:
    assert counted(tmp_path, content) is None


def test_a_file_that_is_not_utf_8_is_left_to_the_strict_reader(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_bytes("a\nMüller\n".encode("cp1252"))
    assert count_plain(file, ";") is None
