"""How often a first study is to be run, by the dates in the names of its deliveries."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from small_init import ENGLISH, deliver, made

from segcore.init.rhythm import rhythm_of

FIRST = dt.date(2025, 1, 31)


def every(*gaps: int) -> str:
    return rhythm_of(FIRST + dt.timedelta(days=sum(gaps[:n])) for n in range(len(gaps) + 1)).every


@pytest.mark.parametrize(
    ("gaps", "wanted"),
    [
        ((91, 91), "91 days"),
        ((90, 92, 91), "91 days"),
        ((28, 31, 30), "1 month"),  # the last day of every month
        ((14, 14, 14), "14 days"),
        ((91,), ""),
        ((91, 30, 91), ""),
        ((38, 38), ""),
        ((52, 52), ""),
        ((53, 53), "53 days"),
        ((37, 37), "37 days"),
        ((400, 400), ""),
    ],
)
def test_it_is_said_where_deliveries_are_regular_and_not_about_45_days_apart(
    gaps: tuple[int, ...], wanted: str
) -> None:
    assert every(*gaps) == wanted


def test_deliveries_of_every_day_are_told_and_nothing_is_written() -> None:
    found = rhythm_of(FIRST + dt.timedelta(days=n) for n in range(9))
    assert found.every == ""
    assert found.note == (
        "please check: 9 deliveries of orders are 1 day apart; run_every stays 45 days, so write it if there "
        "shall be a run as often"
    )


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("2024-01-01", "2024-04-01", "2024-07-01"), "3 months"),
        (("2024-10", "2024-11", "2024-12"), "1 month"),
        (("20240101", "20240401", "20240701"), "3 months"),
    ],
)
def test_init_writes_it_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], wanted: str
) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)
    files = [deliver(tmp_path, f"sales_{name}.csv", ENGLISH) for name in names]
    study, told = made(tmp_path, *files)
    assert study.run_every == wanted
    why = f"3 deliveries of orders are {wanted} apart, by the dates in their names"
    assert f"run_every {wanted}: {why}" in told.lines


def test_init_says_nothing_of_names_without_dates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)
    study, told = made(tmp_path, deliver(tmp_path, "sales.csv", ENGLISH))
    assert study.run_every == "45 days"
    assert not [line for line in told.lines if line.startswith("run_every")]
