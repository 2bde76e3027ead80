"""What stops a run or warns although every record has its outcome."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_gates import gates, told
from small_sources import HEADER, line

from segcore.engine import DuckDB
from segcore.errors import InputError, ParamsError
from segcore.params.gates import GATES, accepted_gates
from segcore.sources import stop_at
from segcore.sources.gates import MEASURES


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


def sales(sound: int, bad: int) -> dict[str, str]:
    """Sound records of two customers, and some of another one that lack the market."""
    lines = [line(f"K{n % 2}", f"A{n}") for n in range(sound)]
    lines += [line("K9", f"B{n}", market="", amount="2,50") for n in range(bad)]
    return {"sales.csv": HEADER + "".join(lines)}


CUSTOMERS = (
    "variables:",
    "  customers: {files: [accounts.csv], columns: {customer_id: Kunde, rep: Vertreter}}\nvariables:",
)


class TestQuarantine:
    """Nobody noticed 1,647 records of 1,830 in quarantine, and 140 of 400 customers."""

    def test_over_five_percent_stops(self, engine: DuckDB, tmp_path: Path) -> None:
        found = gates(engine, tmp_path, sales(18, 2))
        assert told(found, "quarantine") == [
            (
                "stopped",
                "transactions: every record must be readable (2 of 20 records are in quarantine, 10.0%; "
                "2 where market must have a value, first sales.csv record 20; 1 customer and €\u00a05.00 "
                "concerned; the limit is 5%); list them with segcore check acme --xlsx refused.xlsx, and "
                "mend the extract or what the study says of it, or pass it once with --accept "
                "transactions.quarantine --because TEXT",
            )
        ]

    def test_customers_that_cannot_be_read_are_not_none(self, engine: DuckDB, tmp_path: Path) -> None:
        """It said that no customer was concerned."""
        files = {"sales.csv": sales(18, 0)["sales.csv"] + line("1,2E+05", "B1") + line("#NV", "B2")}
        ((_, text),) = told(gates(engine, tmp_path, files), "quarantine")
        assert "€\u00a02.00 and 2 records without a customer that can be read concerned; the limit" in text

    def test_over_half_a_percent_warns(self, engine: DuckDB, tmp_path: Path) -> None:
        found = gates(engine, tmp_path, sales(99, 1))
        ((state, text),) = told(found, "quarantine")
        assert state == "warned"
        assert text.endswith(
            "the limit is 0.5%); list them with segcore check acme --xlsx refused.xlsx, "
            "and mend the extract or what the study says of it"
        )

    def test_any_is_told(self, engine: DuckDB, tmp_path: Path) -> None:
        ((state, text),) = told(gates(engine, tmp_path, sales(199, 1)), "quarantine")
        assert state == "ok"
        assert text == "transactions: 1 of 200 records is in quarantine, 0.5%"

    def test_none_is_nothing(self, engine: DuckDB, tmp_path: Path) -> None:
        found = gates(engine, tmp_path, sales(3, 0))
        assert [(row["state"], row["told"]) for row in found if row["gate"] == "quarantine"] == [("ok", "")]

    def test_a_study_says_otherwise(self, engine: DuckDB, tmp_path: Path) -> None:
        own = ("    unique: record", "    gates: {quarantine: {stop: 20 %}}\n    unique: record")
        assert [state for state, _ in told(gates(engine, tmp_path, sales(18, 2), own), "quarantine")] == [
            "warned"
        ]


class TestAlike:
    """One customer who is written in two ways counted as two, and nobody was told."""

    def test_customers_in_two_ways_are_told(self, engine: DuckDB, tmp_path: Path) -> None:
        names = ["K1", "k1", "0007", "7", "10-1", "101", "K2"]
        content = HEADER + "".join(line(name, f"A{n}") for n, name in enumerate(names))
        assert told(gates(engine, tmp_path, {"sales.csv": content}), "alike") == [
            (
                "warned",
                "transactions: customer_id: each customer_id must be written in one way (6 of 7 differ only "
                "in capitals, zeros in front, or signs between, and count as different: '0007' and '7', "
                "'10-1' and '101', 'K1' and 'k1'); say how customer_id is written (zero_pad, strip_suffix, "
                "or sql: upper(…) of another column), or map old to new ones under renumbered:",
            )
        ]

    def test_others_are_no_word_worth(self, engine: DuckDB, tmp_path: Path) -> None:
        assert told(gates(engine, tmp_path, sales(9, 0)), "alike") == []


class TestRenumbered:
    """Old numbers that were padded otherwise renumbered nobody, silently."""

    NUMBERS = (
        "variables:",
        "  renumbered: {files: [numbers.csv], columns: {customer_id: Alt, becomes: Neu}}\nvariables:",
    )

    @pytest.mark.parametrize(
        ("old", "new", "state"), [("00K1", "N1", ["warned"]), ("K1", "N1", []), ("X", "K1", [])]
    )
    def test_customers_of_whom_nobody_knows_an_order_are_told(
        self, engine: DuckDB, tmp_path: Path, old: str, new: str, state: list[str]
    ) -> None:
        files = {**sales(4, 0), "numbers.csv": f"Alt;Neu\n{old};{new}\n"}
        found = gates(engine, tmp_path, files, self.NUMBERS)
        assert [
            row["state"] for row in found if (row["source"], row["gate"]) == ("renumbered", "match")
        ] == state


class TestMatch:
    """A lookup that knows few of the keys."""

    def accounts(self, *customers: str) -> dict[str, str]:
        return {"accounts.csv": "Kunde;Vertreter\n" + "".join(f"{name};R1\n" for name in customers)}

    def test_that_knows_nobody_stops(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {**sales(4, 0), **self.accounts("0K0", "0K1")}
        assert told(gates(engine, tmp_path, files, CUSTOMERS), "match") == [
            (
                "stopped",
                "transactions: customers: each customer_id must stand in the source customers (4 of 4 "
                "records have one that does not: 'K0' and 'K1'; 2 customers and €\u00a04.00 concerned); ask "
                "for all customers, or compare how both write customer_id (zero_pad, strip_suffix), or pass "
                "it once with --accept transactions.match --because TEXT",
            )
        ]

    def test_order_lines_have_their_customer_from_the_head_of_their_order(
        self, engine: DuckDB, tmp_path: Path
    ) -> None:
        """The gate was blind: customer_id is no column of the order lines themselves."""
        files = {
            "sales.csv": "Auftrag;Position;Datum;Sparte;Umsatz\n"
            + "".join(f"A{n};10;01.02.2025;M;1,00\n" for n in range(4)),
            "heads.csv": "Auftrag;Kunde\n" + "".join(f"A{n};K{n}\n" for n in range(4)),
            **self.accounts("0K0", "0K1"),
        }
        heads = (
            "variables:",
            "  orders:\n    files: [heads.csv]\n    format: {encoding: cp1252, delimiter: ';'}\n"
            "    columns: {order_id: Auftrag, customer_id: Kunde}\nvariables:",
        )
        lines = ("      customer_id: Kunde\n      order_id: Auftrag", "      order_id: Auftrag")
        found = [
            row
            for row in gates(engine, tmp_path, files, lines, heads, CUSTOMERS)
            if row["gate"] == "match" and row["file"] == "customers"
        ]
        assert [(row["found"], row["state"], row["customers"]) for row in found] == [(0.0, "stopped", 4)]

    def test_that_knows_half_warns(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {**sales(4, 0), **self.accounts("K0", "K7")}
        assert told(gates(engine, tmp_path, files, CUSTOMERS), "match") == [
            (
                "warned",
                "transactions: customers: each customer_id must stand in the source customers (2 of 4 "
                "records have one that does not: 'K1'; 1 customer and €\u00a02.00 concerned; the limit is "
                "95%); ask for all customers, or compare how both write customer_id (zero_pad, strip_suffix)",
            )
        ]

    def test_representatives_of_order_lines_are_looked_for_too(self, engine: DuckDB, tmp_path: Path) -> None:
        """The gate looked at those of customers and followups only."""
        files = {**sales(4, 0), "reps.csv": "Kunde\nK0\n"}
        reps = ("variables:", "  reps: {files: [reps.csv], columns: {rep: Kunde}, format: {}}\nvariables:")
        found = gates(engine, tmp_path, files, ("market: Sparte", "market: Sparte\n      rep: Kunde"), reps)
        ((state, text),) = told(found, "match")
        assert state == "warned"
        assert text.startswith(
            "transactions: reps: each rep must stand in the source reps (2 of 4 records have one that does "
            "not: 'K1'; 1 customer"
        )

    def test_that_knows_all_says_nothing(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {**sales(4, 0), **self.accounts("K0", "K1")}
        assert told(gates(engine, tmp_path, files, CUSTOMERS), "match") == []


class TestAccepting:
    """``--accept GATE --because TEXT``."""

    def test_all_stops_are_told_at_once(self, engine: DuckDB, tmp_path: Path) -> None:
        files = {**sales(4, 2), "accounts.csv": "Kunde;Vertreter\nX;R1\n"}
        gates(engine, tmp_path, files, CUSTOMERS)
        with pytest.raises(InputError) as caught:
            stop_at(engine.frame("from gates order by source, gate"))
        assert [text.split(" (")[0] for text in caught.value.problems] == [
            "transactions: customers: each customer_id must stand in the source customers",
            "transactions: every record must be readable",
        ]

    @pytest.mark.parametrize("name", ["quarantine", "transactions.quarantine"])
    def test_an_accepted_gate_does_not_stop(self, engine: DuckDB, tmp_path: Path, name: str) -> None:
        found = gates(engine, tmp_path, sales(4, 2), accepted={name: "known"})
        (row,) = [row for row in found if row["gate"] == "quarantine"]
        assert (row["state"], row["because"]) == ("accepted", "known")
        assert "--accept" not in row["told"]
        stop_at(engine.frame("from gates"))

    def test_the_gate_of_another_source_does(self, engine: DuckDB, tmp_path: Path) -> None:
        found = gates(engine, tmp_path, sales(4, 2), accepted={"customers.quarantine": "known"})
        assert [state for state, _ in told(found, "quarantine")] == ["stopped"]

    def test_gates_and_reasons_are_pairs(self) -> None:
        pairs = accepted_gates(["quarantine", "customers.match"], ["known ", "new ones"])
        assert pairs == {"quarantine": "known", "customers.match": "new ones"}

    @pytest.mark.parametrize(
        ("gates", "reasons", "problem"),
        [
            (
                ["quarantne"],
                ["x"],
                "--accept must name a gate, or source and gate like customers.match (got 'quarantne'); "
                "did you mean quarantine?",
            ),
            (
                ["sales.match"],
                ["x"],
                "--accept must name a gate, or source and gate like customers.match (got 'sales.match'); "
                "did you mean reps.match?",
            ),
            (["match", "match"], ["x", "y"], "--accept match must be given once"),
            (
                ["match"],
                [" "],
                "--accept GATE and --because TEXT must be given in pairs, for the run records why "
                "(got 1 and 0)",
            ),
            (
                [],
                ["x"],
                "--accept GATE and --because TEXT must be given in pairs, for the run records why "
                "(got 0 and 1)",
            ),
        ],
    )
    def test_mistakes_are_sentences(self, gates: list[str], reasons: list[str], problem: str) -> None:
        with pytest.raises(ParamsError) as caught:
            accepted_gates(gates, reasons)
        assert caught.value.problems == (problem,)


def test_every_gate_is_measured() -> None:
    assert set(MEASURES) == set(GATES)
