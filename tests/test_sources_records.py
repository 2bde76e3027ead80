"""Which record is which: numbers, raw text and counts, against Python's strict CSV reader."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sources import HEADER, ingest_files, line

from segcore.engine import DuckDB, Engine
from segcore.params import Format
from segcore.sources.formats import Delivery
from segcore.sources.formats.lines import TEXT

TEXTS = st.text('ab;" ü', max_size=5) | st.text('ab"\n ü', max_size=5)
SHORT = st.sampled_from(["x", "x;y", ";x", '"a;b"'])
LONG = st.sampled_from(["1;2;3;4;5;6;7", ";;;;;;;x", 'x;"a;""b""";3;4;5;6;7'])
AFTER_QUOTE = st.sampled_from(['"a"b;2;3;4;5;6', 'x;y;"a".;4;5;6'])
LINES = st.tuples(st.just("text"), TEXTS) | st.tuples(st.just("refused"), SHORT | LONG | AFTER_QUOTE)
LINES |= st.tuples(st.just("blank"), st.sampled_from(["", "   ", ";;", '"";"";']))


# A key must not hold line ends; any other text may.
NOTE = ("market: Sparte", "note: Sparte\n      market: {sql: \"'M'\"}")


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def quoted(*fields: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator="\n").writerow(fields)
    return text.getvalue()


def found(engine: Engine, folder: Path, content: str | bytes) -> tuple[list[object], list[object]]:
    """Numbers and markets of the loaded records, numbers and raw text of the refused ones."""
    ingest_files(engine, folder, {"sales.csv": content}, NOTE)
    return (
        engine.rows("select record, note from transactions order by record"),
        engine.rows("select record, raw from quarantine where rule = 'columns' order by record"),
    )


@settings(deadline=None, max_examples=25)
@given(lines=st.lists(LINES, max_size=12), end=st.sampled_from(["\n", "\r\n"]), last=st.booleans())
def test_numbers_and_raw_texts_are_those_of_the_file(
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[str, str]],
    end: str,
    last: bool,
) -> None:
    content, number = HEADER, 1
    loaded: list[object] = []
    refused: list[object] = []
    for position, (kind, text) in enumerate([*lines, ("text", "near"), ("text", "end")]):
        number += 1
        if kind == "text":
            content += quoted("K1", f"A{position}", "1", "01.02.2025", f"<{text}>", "1,00")
            loaded.append((number, f"<{text}>"))
            number += text.count("\n")
        else:
            content += text + "\n"
        if kind == "refused":
            refused.append((number, text))
    content = content if last else content[:-1]
    folder = tmp_path_factory.mktemp("records")

    # Line breaks inside quotes stay what they are.
    made = found(engine, folder, content.replace("\n", end))
    texts = [(number, market.replace("\r\n", "\n")) for number, market in made[0]]  # type: ignore[misc]
    assert (texts, made[1]) == (loaded, refused)


def test_numbers_stay_right_over_many_blocks_of_a_large_file(engine: Engine, tmp_path: Path) -> None:
    chance, content, loaded, refused = random.Random(7), [HEADER], [], []
    number, raws = 1, ("x;y", "1;2;3;4;5;6;7;8", 'x;"a"b;3;4;5;6')
    for position in range(120_000):
        kind = chance.random()
        number += 1
        if kind < 0.001:
            content.append("\n")
            continue
        if kind < 0.003:
            raw = chance.choice(raws)
            content.append(raw + "\n")
            refused.append((number, raw))
        else:
            market = '"a\n\nb"' if kind < 0.01 else "x" * chance.randrange(100)
            content.append(line(order=f"A{position}", market=market or "M"))
            loaded.append(number)
            number += market.count("\n")
    made = found(engine, tmp_path, "".join(content))
    assert [record for record, _ in made[0]] == loaded  # type: ignore[misc]
    assert made[1] == refused


def test_refused_records_tell_the_reason_and_their_text(engine: Engine, tmp_path: Path) -> None:
    content = HEADER + line() + "x;y\n" + '"a"b;2;3;4;5;6\n' + ";".join("1234567") + "\n"
    ingest_files(engine, tmp_path, {"sales.csv": content})
    assert engine.rows('select record, "column", raw, rule, reason from quarantine order by record') == [
        (3, None, "x;y", "columns", "must have as many fields as the header (it has fewer)"),
        (4, None, '"a"b;2;3;4;5;6', "columns", "must have nothing after a closing quote"),
        (5, None, "1;2;3;4;5;6;7", "columns", "must have as many fields as the header (it has more)"),
    ]


def test_a_refused_record_s_text_is_cut_after_a_thousand_characters(engine: Engine, tmp_path: Path) -> None:
    _, refused = found(engine, tmp_path, HEADER + line() + "x" * 1200 + "\n")
    assert refused == [(3, "x" * 1000)]


def test_a_quote_inside_a_field_without_quotes_is_text(engine: Engine, tmp_path: Path) -> None:
    lines = line(market='7" frame') + line(order="A2", market='a""b')
    loaded, refused = found(engine, tmp_path, HEADER + lines)
    assert (loaded, refused) == ([(2, '7" frame'), (3, 'a""b')], [])


def test_empty_fields_beyond_the_header_hold_nothing_and_are_let_pass(engine: Engine, tmp_path: Path) -> None:
    lines = line() + line(order="A2", amount="1,00;") + line(order="A3", amount="1,00;;;")
    loaded, refused = found(engine, tmp_path, HEADER + lines + line(order="A4", amount="1,00;;x"))
    assert [number for number, _ in loaded] == [2, 3, 4]  # type: ignore[misc]
    assert refused == [(5, "K1;A4;10;01.02.2025;Büro;1,00;;x")]


def test_blanks_after_a_closing_quote_are_let_pass(engine: Engine, tmp_path: Path) -> None:
    loaded, refused = found(engine, tmp_path, HEADER + line(market='"a;b"  ') + line(order="A2"))
    assert (loaded, refused) == ([(2, "a;b"), (3, "Büro")], [])


@settings(deadline=None, max_examples=300)
@given(text=st.text('ab;"\n', max_size=30), end=st.sampled_from(["\n", "\r\n"]))
def test_records_are_split_as_by_the_strict_reader(
    tmp_path_factory: pytest.TempPathFactory, text: str, end: str
) -> None:
    """Where the strict reader of Python has nothing to say, nor has segcore, and both agree."""
    folder = tmp_path_factory.mktemp("split")
    (folder / "text.csv").write_text("h;h\n" + text, encoding="utf-8", newline=end)
    delivery = Delivery(folder / "text.csv", "text.csv", Format(delimiter=";"), folder)
    try:
        rows = list(csv.reader(io.StringIO("h;h\n" + text, newline=""), delimiter=";", strict=True))
    except csv.Error:
        return
    made = [row for batch in TEXT.rows(delivery) for row in batch.to_pylist()]
    assert sum(row["lines"] for row in made) == TEXT.count(delivery)
    if any(row["fault"] for row in made):
        assert any(";" in field and "\n" in field for row in rows for field in row)
        return
    assert [row["fields"] or row["text"].split(";") for row in made] == [row or [""] for row in rows]
