"""Keys are written in one way or refused; names stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_values import read, reason

from segcore.engine import DuckDB
from segcore.sources.values.texts import EMPTY

BLANKS = " \t\u00a0"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def found(engine: DuckDB, *texts: str | None, name: str = "customer_id", **how: object) -> list[object]:
    """The values; the name of the rule where a text is refused."""
    return [f"! {rule}" if rule else value for value, rule in read(engine, name, texts, **how)]


WRITTEN = {
    "K1": "K1",
    "0000100": "0000100",
    '="0000100"': "0000100",
    '=" 0000100 "': "0000100",
    "'0001": "0001",
    " K 1\t": "K 1",
    "K\u00a01": "K 1",
    "\ufeffK1\u200b": "K1",
    "K\u200b1\u00ad": "K1",
    "\uff2b\uff11": "K1",
    "\uff07\uff11": "1",
    "Mu\u0308ller": "M\u00fcller",
    "Büro": "Büro",
    "SO-123/4_5": "SO-123/4_5",
    "C489449": "C489449",
    "#1001": "#1001",
    "1-2": "1-2",
    "1E5": "1E5",
    "NA": "NA",
    "Jan": "Jan",
    "Mai": "Mai",
    "O'Brien": "O'Brien",
    "=": "=",
    "SÃO PAULO": "SÃO PAULO",
    "123456789012345": "123456789012345",
    "1234567890123456": "1234567890123456",
    "12345678901234567890": "12345678901234567890",
    "123456789012000": "123456789012000",
    "000000000000123000": "000000000000123000",
    "1234567890123456700": "1234567890123456700",
}


def test_keys_are_written_in_one_way(engine: DuckDB) -> None:
    assert found(engine, *WRITTEN) == list(WRITTEN.values())


DAMAGED = {
    "exponent": ["1.23E+05", "1,23E+05", "1E+05", "1.23e+05", "1.23E5", "1E-05", " 1.23E+05 ", '="1.23E+05"'],
    "digits lost": ["1234567890123000", "1234567890123450000", "123456789012345000"],
    "decimals": ["13085.0", "1.00", " 7.0 "],
    "turned into a date": ["01. Feb", "Feb 01", "1-Feb", "1. Mrz", "Mai 68", "01-Dez", "Feb-25", "01. Mrz."],
    "encoding": ["M\ufffdller", "MÃ¼ller", "GrÃ¶ÃŸe", "Ã„rzte", "Itâ€™s", "5Â\u00a0x", "ï¿½"],
    "control character": ["a\tb", "a\nb", "a\x01", "\x00a", "a\x7f", "a\x85b"],
    "error value": [
        *("#MULTIVALUE", "#COMPUTATION", "#SYNTAX", "#DATASYNC", "#DIV/0", "#DIV/0!", "#OVERFLOW", "#ERROR"),
        *("#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#N/A", "#NV", "#BEZUG!", "#####", "##", "***"),
        *("#PARTIALRESULT", "#TOREFRESH", "#SECURITY", "#UNAVAILABLE"),
    ],
}


@pytest.mark.parametrize("rule", DAMAGED)
def test_damaged_keys_are_refused_by_a_named_rule(engine: DuckDB, rule: str) -> None:
    assert found(engine, *DAMAGED[rule]) == [f"! {rule}"] * len(DAMAGED[rule])


def test_a_damaged_key_is_told_what_it_must_be(engine: DuckDB) -> None:
    assert [reason(engine, "customer_id", texts[0]) for texts in DAMAGED.values()] == [
        "must be a key with all its digits (a spreadsheet rounded it to a power of ten)",
        "must be a key with all its digits (a spreadsheet keeps 15 of them and writes zeros for the others)",
        'must be a key without decimals (a program took it for a number); strip_suffix: ".0" takes them away',
        "must be a key (a spreadsheet turned it into a date)",
        "must be a key in which every letter is whole (it was decoded wrongly before it was delivered)",
        "must be a key without control characters",
        "must be a value, not the error that a report or a spreadsheet shows in its place",
    ]


def test_what_stands_for_nothing_is_no_key(engine: DuckDB) -> None:
    texts = [None, "", " ", "\u00a0\t", "\u200b", '=""', "'", *EMPTY, " # ", "Nicht\u00a0zugeordnet"]
    assert found(engine, *texts) == [None] * len(texts)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("transactions", "customer_id"),
        ("transactions", "market"),
        ("transactions", "item"),
        ("transactions", "rep"),
        ("transactions", "product"),
        ("transactions", "plant_id"),
        ("customers", "rep"),
        ("renumbered", "becomes"),
    ],
)
def test_keys_are_known_by_their_names(engine: DuckDB, kind: str, name: str) -> None:
    assert found(engine, "#", "1.23E+05", name=name, kind=kind) == [None, "! exponent"]


def test_a_study_s_own_key_is_one_too(engine: DuckDB) -> None:
    assert found(engine, "#", name="line", unique=("line",)) == [None]
    assert found(engine, "#", name="line") == ["#"]


@pytest.mark.parametrize("name", ["name", "region", "country"])
def test_names_stay_as_they_are(engine: DuckDB, name: str) -> None:
    texts = [
        "NA",
        "None",
        "-",
        "#",
        "NULL",
        "1.23E+05",
        "01. Feb",
        "a\nb",
        "ﬁ",
        "#1 Bar",
        "'x",
        "A\u00a0B",
        "**",
    ]
    assert found(engine, *texts, name=name, kind="customers") == texts


def test_names_lose_the_blanks_around_them_and_letters_are_composed(engine: DuckDB) -> None:
    texts = ["Mu\u0308ller", " x ", "\u00a0Bü\u200b", "", " "]
    assert found(engine, *texts, name="name", kind="customers") == ["M\u00fcller", "x", "Bü", None, None]


def test_an_error_is_no_name(engine: DuckDB) -> None:
    assert found(engine, "#REF!", "#MULTIVALUE", name="name", kind="customers") == ["! error value"] * 2


def test_a_study_says_what_stands_for_nothing(engine: DuckDB) -> None:
    assert found(engine, "NA", " NA ", "x", name="name", kind="customers", empty=["NA"]) == [None, None, "x"]
    assert found(engine, "NULL", "0", "x", empty=["0"]) == ["NULL", None, "x"]
    assert found(engine, "#", empty=[]) == ["#"]
    own = {"from": "X", "empty": ["ohne"]}
    assert found(engine, "ohne", "0", column=own, empty=["0"]) == [None, "0"]


@settings(deadline=None)
@given(
    texts=st.lists(
        st.text(st.characters(codec="ascii", exclude_categories=["Cc"], exclude_characters="#"), max_size=8),
        max_size=9,
    )
)
def test_names_lose_blanks_and_nothing_else(engine: DuckDB, texts: list[str]) -> None:
    values = read(engine, "name", texts, kind="customers")
    assert values == [(text.strip() or None, None) for text in texts]


@settings(deadline=None)
@given(
    text=st.from_regex(r"[0-9K]{0,5}[1-9K](\.[0-9K]{1,2})?", fullmatch=True),
    width=st.integers(1, 6),
    suffix=st.sampled_from([None, ".0", "0"]),
)
def test_keys_lose_their_suffix_and_digits_are_padded(
    engine: DuckDB, text: str, width: int, suffix: str | None
) -> None:
    kept = text.removesuffix(suffix or "")
    padded = kept.zfill(width) if kept.isdigit() and len(kept) <= width else kept
    column = {"from": "X", "zero_pad": width, "strip_suffix": suffix}
    refused = suffix != ".0" and re.fullmatch(r"\d+\.0+", text)
    assert found(engine, text, column=column) == ["! decimals" if refused else padded or None]
