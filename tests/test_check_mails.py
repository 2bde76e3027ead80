"""``segcore check`` says what would keep mails from being made or from reaching somebody."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from shared_projects import DATES, copied

from segcore import checking


@pytest.fixture(scope="module")
def demo(small_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(small_demo, tmp_path_factory.mktemp("demo"))


def mails(root: Path, date: dt.date = DATES[-1]) -> list[str]:
    with checking.check_study(root / "params" / "demo.yaml", date, root=root) as (checked, engine):
        assert [f"mails: {one}" for one in checked.mails] == [
            line for line in checking.told(checked, engine) if line.startswith("mails: ")
        ]
        return list(checked.mails)


def test_of_mails_that_can_be_made_nothing_is_said(demo: Path) -> None:
    assert mails(demo) == []


def test_a_subscription_to_a_region_that_is_none_is_told(demo: Path) -> None:
    file = demo / "params" / "demo.subscriptions.yaml"
    before = file.read_text(encoding="utf-8")
    entry = "  - {to: somebody@nordkontor.example, gets: customers, where: {region: Nowhere}}\n"
    file.write_text(before + entry, encoding="utf-8")
    try:
        [sentence] = mails(demo)
    finally:
        file.write_text(before, encoding="utf-8")
    assert "for somebody@nordkontor.example: where.region must " in sentence


def test_a_representative_without_an_address_is_told(demo: Path) -> None:
    file = next((demo / "data" / "demo").glob("reps*.csv"))
    before = file.read_bytes()
    head, first, *others = before.split(b"\r\n")
    without = b";".join([*first.split(b";")[:-1], b""])
    file.write_bytes(b"\r\n".join([head, without, *others]))
    try:
        [sentence] = mails(demo)
    finally:
        file.write_bytes(before)
    assert sentence.startswith("representative 0101, Anke M")
    assert sentence.endswith("the reps source has no email for this number; the others get theirs")
