"""segcore.mail.addresses: what an address must be, and a name."""

from __future__ import annotations

import pytest

from segcore.mail.addresses import checked

OURS = ("acme.example", "acme.test")
LIKE = "the address must be like name@acme.example, without a name before it (got {})"
BEFORE = (
    "the address must have letters, digits and single dots, _, + or - before its @ (got {}); "
    "ask for another address of the recipient"
)


@pytest.mark.parametrize("address", ["a@acme.example", "anna.berg+x_y-z@ACME.Test", "o'neill@acme.example"])
@pytest.mark.parametrize("name", ["", "Anna Berg", "Berg, Anna (Süd)", "ناقص", "=1+1", "Anna; Bert: & Co."])
def test_what_companies_have_is_taken(address, name):
    assert checked(address, name, OURS) == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "anna",
        "@acme.example",
        "anna@",
        "Anna <anna@acme.example>",
        "anna@acme.example, bert@acme.example",
        "anna@acme.example\nBcc: x@acme.example",
        "anna@acme.example\r",
        "anna@acme.example\n",
        '"anna berg"@acme.example',
        "anna@acme.example\0",
        "änna@acme.example",
        "anna@acme.exämple",
        "anna@[127.0.0.1]",
        "anna@acme@acme.example",
        "x" * 65 + "@acme.example",
    ],
)
def test_what_is_no_address_is_refused(address):
    assert checked(address, "", OURS) == [LIKE.format(repr(address))]


def test_an_address_is_not_longer_than_servers_take():
    address = "a@" + "x" * 60 + ("." + "y" * 60) * 4
    (told,) = checked(address, "", OURS)
    assert told.startswith("the address must be like") and len(told) < 200


@pytest.mark.parametrize(
    "address",
    [
        "x%other.example@acme.example",
        "other.example!x@acme.example",
        "=?utf-8?q?x=40other.example?=@acme.example",
        "|x@acme.example",
        "/etc/passwd@acme.example",
        "-oQ/tmp@acme.example",
        ".a@acme.example",
        "a.@acme.example",
        "a..b@acme.example",
        "`x`@acme.example",
        "${run}@acme.example",
    ],
)
def test_what_leads_elsewhere_or_runs_something_is_refused(address):
    assert checked(address, "", OURS) == [BEFORE.format(repr(address))]


@pytest.mark.parametrize(
    "domain", ["acme.example.evil.test", "evil.test", "xacme.example", "sub.acme.example"]
)
def test_a_domain_must_be_one_of_those_allowed(domain):
    got = f"a@{domain}"
    told = "the address must be of acme.example or acme.test (got {!r}); allow its domain under mail: domains"
    assert checked(got, "", OURS) == [told.format(got)]


def test_a_domain_is_one_that_can_be_registered():
    assert checked("a@-acme.example", "", OURS) == [
        "the address must end with a domain as it is registered (got 'a@-acme.example')"
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Anna\nBcc: x", "must be one line of text (got 'Anna\\nBcc: x', which has U+000A)"),
        ("Anna\r", "must be one line of text (got 'Anna\\r', which has U+000D)"),
        ("\u202egreB", "must be one line of text (got '\\u202egreB', which has U+202E)"),
        ("\ud800", "must be one line of text (got '\\ud800', which has U+D800)"),
        (
            "=?utf-8?q?x=0D=0ABcc:y?=",
            "must have no =? or ?= (got '=?utf-8?q?x=0D=0ABcc:y?='), which mail programs decode",
        ),
        ("Anna <x@y.example>", "must have no < > \" or \\ (got 'Anna <x@y.example>')"),
        ('An"na', "must have no < > \" or \\ (got 'An\"na')"),
        ("ceo@acme.example", "must be no address other than the recipient's (got 'ceo@acme.example')"),
        ("x" * 101, "must have 100 characters at most (got 101)"),
    ],
)
def test_a_name_that_would_be_more_than_a_name_is_refused(name, told):
    assert checked("a@acme.example", name, OURS) == [f"the recipient's name {told}"]


def test_both_are_told_at_once():
    assert len(checked("a", "\n", OURS)) == 2


def test_an_address_may_be_its_own_name():
    assert checked("a@acme.example", "a@acme.example", OURS) == []
