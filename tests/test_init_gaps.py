"""What `segcore init` cannot tell stays a gap with its candidates, and what does not work is said first."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from small_init import ENGLISH, deliver, drafted, orders, read

from segcore.engine import DuckDB
from segcore.errors import ParamsError
from segcore.init import InitResult, init_study
from segcore.init.writing import gap_of
from segcore.params.file import load_study


@pytest.fixture(autouse=True)
def _no_other_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)


def written(root: Path, *texts: str) -> InitResult:
    files = [deliver(root, f"x{n}.csv", text) for n, text in enumerate(texts)]
    return init_study("mine", files, root=root)


def test_two_columns_that_may_both_be_the_amount_are_a_gap(tmp_path: Path) -> None:
    text = orders("Kunde;Beleg;Datum;Sparte;Umsatz;Betrag", "{customer};{n};{day};{market};{amount};{n}")
    result = written(tmp_path, text)
    question = "the amount: which of Umsatz (0.5 · 1.5 · 2.5) or Betrag (0 · 1 · 2)?"
    assert result.lines[0] == f"gap: sources.transactions.columns.amount: {question}"
    assert result.lines[-1] == f"segcore check {tmp_path}/params/mine.yaml"
    assert not any("first run" in line for line in result.lines)
    assert result.run_date is None
    assert f"      amount: '? Umsatz, Betrag'    # GAP: {question}\n" in result.study.read_text("utf-8")
    with pytest.raises(ParamsError) as refused:
        load_study(result.study)
    assert refused.value.problems == (
        f"{result.study}: sources.transactions.columns.amount: is a gap that segcore init left; write the "
        "name of the column there, which may be Umsatz, Betrag (got '? Umsatz, Betrag')",
    )


def test_a_name_of_two_lines_is_said_on_one_in_a_gap(tmp_path: Path) -> None:
    text = orders('Kunde;Beleg;Datum;Sparte;"Netto\nwert";Nettowert', "{customer};{n};{day};X;{amount};{n}")
    question = "which of Netto wert (0.5 · 1.5 · 2.5) or Nettowert (0 · 1 · 2)?"
    result = written(tmp_path, text)
    assert result.lines[0] == f"gap: sources.transactions.columns.amount: the amount: {question}"
    assert "      amount: '? Netto wert, Nettowert'  # GAP: " in result.study.read_text("utf-8")


def test_a_gap_that_is_filled_in_is_none(tmp_path: Path) -> None:
    text = orders("Kunde;Beleg;Datum;Sparte;Umsatz;Betrag", "{customer};{n};{day};{market};{amount};{n}")
    study = written(tmp_path, text).study
    study.write_text(study.read_text("utf-8").replace("'? Umsatz, Betrag'", "Umsatz"), "utf-8")
    assert load_study(study).sources.transactions.columns["amount"].from_ == "Umsatz"


def test_a_file_without_orders_is_a_draft_with_all_its_gaps(tmp_path: Path) -> None:
    text = "customerID,tenure,MonthlyCharges\n7590-VHVEG,1,29.85\n5575-GNVDE,34,56.95\n"
    gaps = [line for line in written(tmp_path, text).lines if line.startswith("gap: ")]
    assert gaps == [
        "gap: sources.transactions.columns.order_date: which column is the date of the order? "
        "none looks like it",
        "gap: sources.transactions.columns.amount: the amount: which of MonthlyCharges (29.85 · 56.95) "
        "or tenure (1 · 34)?",
    ]


def test_a_file_without_a_header_is_a_draft_by_position_with_three_values_of_each(tmp_path: Path) -> None:
    record = "{customer};A{n};{day};{market};{amount}"
    result = written(tmp_path, orders("", record, form="%d.%m.%Y").lstrip("\n"))
    text = result.study.read_text("utf-8")
    assert (
        text[text.index("    format:") : text.index("    unique:")]
        == """\
    format: {encoding: cp1252, delimiter: ";", header: none, decimal: ".", date: "%d.%m.%Y"}
    columns:
      # column 1 (100 · 107 · 114)
      # column 2 (A0 · A1 · A2)
      # column 3 (01.01.2024 · 04.01.2024 · 07.01.2024)
      # column 4 (X · Y)
      # column 5 (0.5 · 1.5 · 2.5)
      customer_id: '? 1, 4'         # GAP: the customer: which of column 1 (100 · 107 · 114) or column 4 \
(X · Y)?
      order_id: {sql: "customer_id || ' ' || order_date"}  # please check: no column of order numbers, so \
what a customer orders in one day is one order
      order_date: 3                 # please check: the first column of dates (01.01.2024 · 04.01.2024 · \
07.01.2024)
      amount: '? 5, 1'              # GAP: the amount: which of column 5 (0.5 · 1.5 · 2.5) or column 1 \
(100 · 107 · 114)?
      market: {sql: "'all'"}        # please check: no column of product groups, so all orders are in one \
market
"""
    )
    result.study.write_text(text.replace("'? 1, 4'", "1").replace("'? 5, 1'", "5"), "utf-8")
    with DuckDB() as engine:
        read(engine, tmp_path, load_study(result.study), dt.date(2025, 1, 1))
        assert engine.rows("select count(*), sum(amount) from transactions") == [(120, 7200)]


def test_of_several_files_the_one_that_lacks_least_holds_the_orders(tmp_path: Path) -> None:
    sales = "who,date,sales\n" + "".join(f"p{n % 3},2024-05-0{1 + n % 9},{n}.5\n" for n in range(20))
    result = written(tmp_path, "a,b\nx,y\n", sales)
    assert result.lines[:3] == (
        "gap: sources.transactions.columns.customer_id: the customer: which of who (p0 · p1 · p2)?",
        "transactions: x1.csv",
        "left out: x0.csv (neither orders nor customers, products, representatives or follow-ups)",
    )


def test_a_file_without_records_is_left_out_of_the_draft(tmp_path: Path) -> None:
    header = ENGLISH.partition("\n")[0]
    result = written(tmp_path, ENGLISH, header, "")
    assert [line.replace(f"{tmp_path}/", "") for line in result.lines[:3]] == [
        "transactions: x0.csv",
        "left out: data/x1.csv: must hold records below its header (it holds none)",
        "left out: data/x2.csv: must be a table, with a header in its first 50 rows, or rows of as many "
        "fields (it begins with ''); deliver the table alone",
    ]
    assert load_study(result.study).sources.transactions.files == ("x0.csv",)


def test_records_that_would_be_refused_are_said_first(tmp_path: Path) -> None:
    bad = "".join(f"101,9{n},31.02.2024,X,1.5\n" for n in range(6))
    result = written(tmp_path, ENGLISH + bad)
    assert result.lines[:2] == (
        "transactions: 5% of 126 records would be quarantined",
        "transactions: 6 quarantined because order_date must be a date like 2025-12-31 (%Y-%m-%d) "
        "(got 31.02.2024)",
    )
    assert result.lines[-2:] == (
        f"written: {tmp_path}/params/mine.yaml and {tmp_path}/params/mine.rules.csv; "
        "mend what is said first, then:",
        f"segcore check {tmp_path}/params/mine.yaml",
    )


@pytest.mark.parametrize(
    ("header", "record", "sql", "kept"),
    [
        (
            "Menge;Einzelpreis;Rabatt",
            "2;{amount};0.1",
            "quantity * price * (1 - coalesce(discount, 0))",
            "0.1",
        ),
        (
            "Menge;Einzelpreis;Rabatt",
            "2;{amount};15",
            "quantity * price * (1 - coalesce(discount, 0) / 100)",
            "15",
        ),
        ("Menge;Einzelpreis;Rabatt", "2;{amount};150", "quantity * price - coalesce(discount, 0)", "150"),
    ],
)
def test_a_discount_is_taken_off_and_told(
    header: str, record: str, sql: str, kept: str, *, tmp_path: Path
) -> None:
    text = orders(f"Kunde;Beleg;Datum;Sparte;{header}", f"{{customer}};{{n}};{{day}};{{market}};{record}")
    orders_of = drafted(tmp_path, deliver(tmp_path, "x.csv", text)).guesses[0]
    amount, rebate = orders_of.named("amount"), orders_of.named("discount")
    assert amount and rebate
    assert (amount.sql, dict(rebate.options)) == (sql, {"type": "number"})
    assert amount.note.startswith("please check: Rabatt is taken for ")
    assert amount.note.endswith(f"({kept})")


def test_a_discount_that_cannot_be_taken_off_is_told(tmp_path: Path) -> None:
    text = orders(
        "Kunde;Beleg;Datum;Sparte;Menge;Preis;Rabatt", "{customer};{n};{day};{market};2;{amount};10%"
    )
    amount = drafted(tmp_path, deliver(tmp_path, "x.csv", text)).guesses[0].named("amount")
    assert amount and (amount.sql, amount.note) == (
        "quantity * price",
        "please check: Rabatt (10%) is not taken off",
    )


def test_an_amount_that_agrees_with_quantity_and_price_is_chosen(tmp_path: Path) -> None:
    text = orders(
        "Kunde;Beleg;Datum;Sparte;Menge;Einzelpreis;Betrag;Umsatz",
        "{customer};{n};{day};{market};1;{amount};{n};{amount}",
    )
    amount = drafted(tmp_path, deliver(tmp_path, "x.csv", text)).guesses[0].named("amount")
    assert amount and amount.source == "Umsatz"


@pytest.mark.parametrize(
    ("record", "total", "amount", "note"),
    [
        (
            "{n}.5;3",
            "7200",
            "Preis",
            "please check: Preis (0.5 · 1.5 · 2.5) adds up to the total in the file, so it is the amount",
        ),
        (
            "{amount};{customer}",
            "",
            "quantity * price",
            "",
        ),
        (
            "{customer};{customer}.5",
            "",
            "quantity * price",
            "please check: Preis (100 · 107 · 114) grows with the quantity, as if it were the line's amount "
            "already",
        ),
    ],
)
def test_a_price_that_may_be_that_of_the_whole_line_is_not_multiplied_in_silence(
    record: str, total: str, amount: str, note: str, *, tmp_path: Path
) -> None:
    text = orders("Kunde;Beleg;Datum;Sparte;Preis;Menge", f"{{customer}};{{n}};{{day}};{{market}};{record}")
    text += f"Summe;;;;{total};\n" if total else ""
    made = drafted(tmp_path, deliver(tmp_path, "x.csv", text)).guesses[0].named("amount")
    assert made and (made.source or made.sql, made.note) == (amount, note)


def test_an_amount_after_a_discount_of_any_kind_is_confirmed(tmp_path: Path) -> None:
    """A few euros look like per cent by themselves."""
    text = orders(
        "Kunde;Beleg;Datum;Menge;Einzelpreis;Rabatt;line_total",
        "{customer};{n};{day};1;{n}50;9;{n}41",
    )
    amount = drafted(tmp_path, deliver(tmp_path, "x.csv", text)).guesses[0].named("amount")
    assert amount and (amount.source, amount.note) == ("line_total", "")


def test_what_only_the_first_line_of_an_order_has_is_a_gap(tmp_path: Path) -> None:
    """As shops export: the lines below it would be nobody's, and left out."""
    text = "Name,Email,Total,Created at,Lineitem quantity,Lineitem price\n" + "".join(
        f"#{1000 + n},{n}@x.example,30,2025-03-0{1 + n} 10:11:12 +0100,2,10\n"
        f"#{1000 + n},,,2025-03-0{1 + n} 10:11:12 +0100,1,10\n"
        for n in range(9)
    )
    draft = drafted(tmp_path, deliver(tmp_path, "orders_export.csv", text))
    assert [(mapped.name, gap_of(mapped)) for _, mapped in draft.gaps] == [
        (
            "customer_id",
            "Email (0@x.example · 1@x.example · 2@x.example) stands on the first line of an order only; "
            "ask for it on every line",
        )
    ]
    columns = {mapped.name: mapped.source or mapped.sql for mapped in draft.guesses[0].columns}
    assert (columns["order_id"], columns["amount"]) == ("Name", "quantity * price")
    assert draft.dates.layouts == ("%Y-%m-%d %H:%M:%S +0100",)


def test_a_column_that_says_which_lines_are_credits_gives_the_amount_its_sign(tmp_path: Path) -> None:
    text = orders("Kunde;Beleg;Datum;Sparte;Betrag;S/H", "{customer};{n};{day};{market};{amount};S")
    result = written(tmp_path, text + "101;900;2024-05-05;X;7.5;H\n")
    assert "amount: please check: S/H (S · H) says which lines are credits" in result.lines
    with DuckDB() as engine:
        read(engine, tmp_path, load_study(result.study), dt.date(2025, 1, 1))
        credits = "select sum(amount) from exclusions where rule = 'credits'"
        assert engine.rows(f"select sum(amount), ({credits}) from transactions") == [(7200, -7.5)]


@pytest.mark.parametrize(
    ("column", "value", "predicate"),
    [
        ("Status", "storniert", "status in ('storniert')"),
        ("order_status", "CANCELLED", "status in ('CANCELLED')"),
        ("FKART", "S1", "status in ('S1')"),
        ("Storno", "X", "status in ('X')"),
        ("FKSTO", "X", "status in ('X')"),
    ],
)
def test_a_state_that_means_cancelled_is_excluded(
    column: str, value: str, predicate: str, tmp_path: Path
) -> None:
    text = orders(f"Kunde;Beleg;Datum;Sparte;Umsatz;{column}", "{customer};{n};{day};{market};{amount};")
    text += f"101;9;2024-05-05;X;1.5;{value}\n101;10;2024-05-06;X;1.5;{value}\n"
    rule = ("cancelled by state", predicate, f"please check: {column} is {value}")
    assert drafted(tmp_path, deliver(tmp_path, "x.csv", text)).guesses[0].exclude == (rule,)


def test_credits_that_are_documents_of_their_own_are_excluded_and_told(tmp_path: Path) -> None:
    """The second delivery holds one of them again: what is told is what a run leaves out."""
    first, second = "101,901,2024-05-05,X,-20.5\n", "101,902,2024-05-06,Y,-9.5\n"
    header = ENGLISH.partition("\n")[0]
    result = written(tmp_path, ENGLISH + first + second, f"{header}\n{first}")
    assert load_study(result.study).sources.transactions.exclude == {"credits": "amount < 0"}
    told = "exclude credits: please check: what is below 0 is left out: 2 records, together -30.00"
    assert told in result.lines
    assert any("1 duplicates + 2 excluded (credits: 2)" in line for line in result.lines)


def test_returns_within_an_order_stay_and_are_told(tmp_path: Path) -> None:
    result = written(tmp_path, ENGLISH + "101,901,2024-05-05,X,50\n101,901,2024-05-05,Y,-20.5\n")
    assert load_study(result.study).sources.transactions.exclude == {}
    assert (
        "credits: 1 line below 0, together -20.50, stay: they count as orders of their day and lower what "
        'customers are worth; exclude: {credits: "amount < 0"} would leave them out'
    ) in result.lines


def test_columns_that_only_say_when_the_export_was_made_are_ignored(tmp_path: Path) -> None:
    def export(day: int, first: int) -> str:
        record = f"{{customer}};{{day}};{{market}};{{amount}};0{day}.01.2025;Lauf {day}"
        rows = orders("Kunde;Datum;Sparte;Umsatz;Stand;Export", record).splitlines()
        return "\n".join([rows[0], *rows[1 + first : 61 + first]]) + "\n"

    files = [deliver(tmp_path, f"u_{n}.csv", export(n, 30 * n)) for n in (1, 2)]
    source = load_study(init_study("mine", files, root=tmp_path).study).sources.transactions
    assert (source.unique, source.ignore) == ("record", ("Stand", "Export"))


def test_last_years_value_is_never_this_years(tmp_path: Path) -> None:
    text = orders(
        "Kunde;Beleg;Datum;Sparte;Umsatz VJ;Umsatz 2024;Umsatz 2025;Plan-Umsatz",
        "{customer};{n};{day};{market};1;2;{amount};3",
    )
    amount = drafted(tmp_path, deliver(tmp_path, "x.csv", text)).guesses[0].named("amount")
    assert amount and amount.source == "Umsatz 2025"
