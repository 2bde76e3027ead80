"""What mails about failures, corrections, and the page of mails say in German."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from segcore import language
from segcore.mail import reasons
from segcore.sentences import mailings as say

DAY = dt.date(2026, 3, 31)


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    with language.spoken("de"):
        yield


def test_a_correction_and_a_failure() -> None:
    assert say.corrected("31. März 2026: 45 %") == "Korrigiert: 31. März 2026: 45 %"
    assert say.failed("ACME", DAY) == "ACME: Der Lauf vom 31. März 2026 ist gescheitert"
    assert say.failed_at("segment.py", 7) == (
        "Er blieb in segment.py, Zelle 7, stehen. Nichts wurde veröffentlicht, und niemand sonst "
        "bekam eine Mail."
    )
    assert say.look("runs/acme/.failed/2026-03-31") == (
        "Was davon übrig ist, mit der Fehlermeldung, liegt im Projekt in runs/acme/.failed/2026-03-31."
    )
    then = (
        "Ist es behoben, macht segcore run acme --date 2026-03-31 --send den Lauf und verschickt seine Mails."
    )
    assert say.once_mended("acme", DAY, in_notebook=True) == then
    assert say.once_mended("acme", DAY, in_notebook=False) == (
        f"segcore check acme --date 2026-03-31 sagt, was an den Lieferungen falsch ist. {then}"
    )


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((1, 0, 0), "1 Mail wurde verschickt."),
        ((2, 1, 0), "2 Mails wurden verschickt; 1 wurde nicht verschickt oder kam zurück."),
        (
            (0, 3, 2),
            "0 Mails wurden verschickt; 3 wurden nicht verschickt oder kamen zurück; 2 Leser bekamen nichts, "
            "aus dem Grund, der dabei steht.",
        ),
    ],
)
def test_what_the_page_found(counts: tuple[int, int, int], says: str) -> None:
    assert say.summed(*counts) == says


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("nothing is in it", "es ist nichts darin"),
        ("not due before 2026-04-15", "nicht vor dem 15. April 2026 fällig"),
        ("this month's mail was made on 2026-03-20", "die Mail dieses Monats entstand am 20. März 2026"),
        ("550 5.1.1 No such user", "550 5.1.1 No such user"),
    ],
)
def test_why_somebody_got_nothing(kept: str, shown: str) -> None:
    assert reasons.shown(kept) == shown
