"""Files that write the numbers of a column in two styles: nobody knows what 1,234 means in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_sources import HEADER, ingest_files, line

from segcore.engine import DuckDB, Engine
from segcore.errors import InputError

PLAIN = (' decimal: ",", thousands: ".",', ' decimal: ",",')


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def delivery(*amounts: str) -> str:
    return HEADER + "".join(line(order=f"A{n}", amount=amount) for n, amount in enumerate(amounts))


def test_texts_that_both_styles_can_read_are_not_believed_beside_others(
    engine: Engine, tmp_path: Path
) -> None:
    """1,234 became 1.234 while 1,234.56 beside it was refused."""
    files = {"sales.csv": delivery("1,50", "1,234", "1,234.56", "2,500.00", "7,001", "2")}
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path, files, PLAIN)
    assert caught.value.problems == (
        "sales.csv: amount must be written in one form (2 numbers can only be read with the decimal sign "
        "'.', first record 4 '1,234.56'; 2 numbers with either sign, first record 3 '1,234'); ask for an "
        "export in one form, or mend decimal and thousands of the column",
    )


def test_keys_that_were_all_rounded_refuse_their_file(engine: Engine, tmp_path: Path) -> None:
    """One key of 16 digits in ten ends in 0; that all do shows the spreadsheet that kept 15 of them."""
    rounded = [f"12345678901234{n}0" for n in range(3)]
    files = {"sales.csv": HEADER + "".join(line(customer) for customer in ("K1", *rounded))}
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path / "a", files)
    assert caught.value.problems == (
        "sales.csv: customer_id must have all its digits (each of 3 keys of 16 or 17 digits ends in "
        "zeros, like 1234567890123400, for a spreadsheet keeps 15); export it as text",
    )
    whole = HEADER + "".join(line(customer) for customer in ("1234567890123456", *rounded))
    ingest_files(engine, tmp_path / "b", {"sales.csv": whole})
    assert engine.rows("select count(*) from transactions") == [(4,)]


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        (("1,50", "1,234", "1,234.56"), "be written in one form (1 number can only"),
        (("980", "1,234", "2,500", "3,000"), "show what ',' means in it (each of 3 numbers"),
    ],
)
def test_such_a_file_among_many_small_ones_is_refused(
    engine: Engine, tmp_path: Path, amounts: tuple[str, ...], told: str
) -> None:
    files = {f"sales_{n}.csv": delivery("1,50", f"{n},50") for n in range(25)}
    files["sales_7.csv"] = delivery(*amounts)
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path, files, PLAIN)
    (problem,) = caught.value.problems
    assert problem.startswith(f"sales_7.csv: amount must {told}")


def test_without_a_text_that_both_can_read_only_the_record_is_refused(engine: Engine, tmp_path: Path) -> None:
    ingest_files(engine, tmp_path, {"sales.csv": delivery("1,50", "1,234.56", "2")}, PLAIN)
    assert engine.rows("select record, rule from quarantine") == [(3, "decimal sign")]


def test_one_style_alone_is_believed(engine: Engine, tmp_path: Path) -> None:
    ingest_files(engine, tmp_path, {"sales.csv": delivery("1,50", "1,234", "x")}, PLAIN)
    assert engine.rows("select amount::VARCHAR from transactions order by 1") == [("1.2340",), ("1.5000",)]


def test_amounts_that_may_all_be_thousands_or_decimals_ask_for_their_sign(
    engine: Engine, tmp_path: Path
) -> None:
    """1,234 beside 980 became 1.234 without a word."""
    files = {"sales.csv": delivery("980", "1,234", "-12,500", "2,000 EUR")}
    with pytest.raises(InputError) as caught:
        ingest_files(engine, tmp_path / "a", files, PLAIN)
    assert caught.value.problems == (
        "sales.csv: amount must show what ',' means in it (each of 3 numbers with it has three digits behind "
        "it, like '1,234', first record 3: 1234 or 1.234?); write at the column decimal: '.', thousands: ',' "
        "if they are thousands, or decimal: ',' if they are decimals",
    )
    sums = {'decimal: ","': "970.7340", 'decimal: ".", thousands: ","': "-8286.0000"}
    for said, total in sums.items():
        answer = ("amount: Umsatz", f"amount: {{from: Umsatz, {said}}}")
        ingest_files(engine, tmp_path / said[9], files, PLAIN, answer)
        assert engine.rows("select sum(amount)::DECIMAL(18, 4)::VARCHAR from transactions") == [(total,)]


@pytest.mark.parametrize("other", ["0,500", "1234,500", "1,5", "1,2345"])
def test_one_number_that_has_decimals_for_sure_tells_of_all(
    engine: Engine, tmp_path: Path, other: str
) -> None:
    ingest_files(engine, tmp_path, {"sales.csv": delivery("1,234", "2,500", "3,000", other)}, PLAIN)
    assert engine.rows("select count(*) from quarantine") == [(0,)]
