"""What gates say, in the notebook, on top of the report and in the summary."""

from __future__ import annotations

import pandas as pd

from segcore.params.gates import GATES
from segcore.sentences import records, warnings

COLUMNS = ("source", "gate", "file", "found", "limit", "state", "because", "told")
ROWS = (
    ("customers", "quarantine", "", 0.001, 0.05, "ok", "", "customers: 1 of 1,000 records is in quarantine"),
    ("customers", "repeated", "", 0.0, 0.01, "ok", "", ""),
    ("transactions", "match", "customers", 0.9, 0.95, "warned", "", "transactions: 10 are unknown"),
    ("transactions", "months", "", 1.0, 0.0, "accepted", "closed", "transactions: none is of May 2025"),
)
TABLE = pd.DataFrame(ROWS, columns=list(COLUMNS))
FOUND = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]


def test_the_notebook_says_what_each_gate_found_and_which_were_passed() -> None:
    assert records.gates(TABLE, {"months": "closed", "transactions.limit": "it is whole"}) == [
        "Accepted: months, because closed.",
        "Accepted: transactions.limit, because it is whole. It was not needed: the gate did not stop.",
        "customers: 1 of 1,000 records is in quarantine.",
        "Warning: transactions: 10 are unknown.",
        "Passed once: transactions: none is of May 2025.",
    ]


def test_where_nothing_is_amiss_that_is_said() -> None:
    assert records.gates(TABLE.iloc[[1]], {}) == ["Every gate is passed: nothing that they look at is amiss."]


def test_the_table_in_the_notebook_has_no_empty_number() -> None:
    shown = records.measured(TABLE.assign(limit=[0.05, None, 0.95, 0.0]))
    assert list(shown.columns) == ["source", "gate", "file", "found", "limit", "state"]
    assert list(shown["limit"]) == [0.05, "", 0.95, 0.0]


def test_the_report_warns_of_gates_that_warn_or_were_passed() -> None:
    assert warnings.gates(FOUND) == [
        ("Unknown keys.", "transactions: 10 are unknown."),
        (
            "Passed once: transactions.months.",
            "transactions: none is of May 2025. Accepted because: closed.",
        ),
    ]


def test_the_others_are_notes() -> None:
    assert records.noted(FOUND) == ["customers: 1 of 1,000 records is in quarantine."]


def test_every_gate_has_a_name() -> None:
    assert set(warnings.NAMES) == set(GATES)
