"""Whom somebody means who names an address, a number or a name: one reader, and one table of cases."""

from __future__ import annotations

import pytest

from segcore.mail.who import Reader, meant, perhaps

ANNA = Reader("anna@acme.example", "Anna Süß", "0107")
BERT = Reader("bert@acme.example", "Bert Berg", "k7")
BIRGIT = Reader("birgit@acme.example", "Bert Berg", "K7")
CARL = Reader("carl@acme.example", "0107", None)
BOARD = Reader("board@acme.example", "", None)
SHARED = Reader("anna@acme.example", "Dora Doe", "0108")
EVERYBODY = [ANNA, BERT, BIRGIT, CARL, BOARD, SHARED]

CASES = {
    "an address, and all that goes there": ("anna@acme.example", [ANNA, SHARED]),
    "an address, whose capitals count for nothing": ("BOARD@Acme.example", [BOARD]),
    "a number, though somebody is called so": ("0107", [ANNA]),
    "a number as it is written": ("k7", [BERT]),
    "another number that differs in a capital": ("K7", [BIRGIT]),
    "a name, whose capitals count for nothing": ("anna süß", [ANNA]),
    "a name in another writing of its letters": ("ANNA SÜSS", [ANNA]),
    "a name of two, who are both meant": ("Bert Berg", [BERT, BIRGIT]),
    "blanks around it": (" 0108 ", [SHARED]),
    "a number without its zeros": ("107", []),
    "a part of an address": ("anna", []),
    "nobody": ("zoe@acme.example", []),
    "nothing, which is not who has no name": ("", []),
    "blanks, which are nobody either": ("  ", []),
}


@pytest.mark.parametrize("case", CASES)
def test_who_is_meant(case: str) -> None:
    who, found = CASES[case]
    assert meant(who, EVERYBODY) == found


@pytest.mark.parametrize(
    ("who", "found"),
    [("ana@acme.example", "anna@acme.example"), ("107", "0107"), ("0109", ""), ("K8", ""), ("Berti", "")],
)
def test_whom_somebody_may_have_meant(who: str, found: str) -> None:
    assert perhaps(who, EVERYBODY) == found
