"""What somebody may get has one entry, and everything that depends on it asks there."""

from __future__ import annotations

from typing import get_args

import pytest

from segcore import outputs
from segcore.mail import page
from segcore.mail.gets import GETS, Name
from segcore.mail.letter import Recipient
from segcore.mail.subscriptions import Subscription

ASKED = {
    "report": Subscription(to="a@acme.example", gets="report"),
    "own accounts": Subscription(rep="0107", gets="own accounts"),
    "customers": Subscription(to="a@acme.example", gets="customers", where={"segment": "Lost"}),  # type: ignore[arg-type]
}


def test_everything_that_a_subscription_may_get_has_one_entry() -> None:
    assert list(GETS) == list(get_args(Name)) == list(ASKED)


@pytest.mark.parametrize("name", get_args(Name))
def test_what_stands_in_place_of_a_link_may_be_attached(name: Name) -> None:
    assert GETS[name].in_place in GETS[name].attach


@pytest.mark.parametrize("name", get_args(Name))
def test_what_somebody_gets_begins_what_the_mail_is_about_and_has_a_label_on_the_page(name: Name) -> None:
    one = Recipient("a@acme.example", "", "en", ASKED[name], "0107" if GETS[name].own else None)
    assert one.what.startswith(name)
    assert page._what(one.what).startswith(GETS[name].label)


def test_a_mail_of_own_accounts_is_none_without_a_share_of_the_run() -> None:
    one = Recipient("a@acme.example", "", "en", ASKED["own accounts"], "0107")
    assert GETS["own accounts"].letter(None, one, None) is None  # type: ignore[arg-type]


def test_every_file_of_a_run_may_go_with_its_report() -> None:
    assert GETS["report"].attach == (*outputs.OUTPUTS, outputs.PAPER)
