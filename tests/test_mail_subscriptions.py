"""Who asked for which mails is read strictly; what cannot be sent is refused before anything is."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_mails import EMAILS, MAIL, people_of, published, source_of, written
from small_representatives import STUDY

from segcore.errors import MailError, ParamsError
from segcore.mail.subscriptions import Monthly, load_subscriptions
from segcore.params.file import load_study
from segcore.project import studies_in

ROOT = Path(__file__).parents[1]
GIVEN = "gets: own accounts, rep: R001"
WHERE = "to: a@acme.example, gets: customers, where:"


def test_what_is_written_is_what_is_asked_for(tmp_path):
    study = written(
        tmp_path,
        """
        {rep: all, gets: own accounts, except: ["R003", R004]}
        {rep: R001, gets: own accounts, attach: [page, workbook], language: de, only_if_any: true}
        {to: Jana@acme.example, name: Jana Holt, gets: report, attach: report.html, when: {monthly: 28}}
        {to: a@acme.example, gets: customers, where: {segment: Lost, move: [down, gone], cause: [masked]}}
        """,
    )
    every, one, jana, some = load_subscriptions(study)
    assert (every.rep, every.apart, every.when) == ("all", ("R003", "R004"), "each run")
    assert (one.attach, one.language, one.only_if_any) == (("page", "workbook"), "de", True)
    assert (jana.to, jana.attach, jana.when) == ("Jana@acme.example", ("report.html",), Monthly(monthly=28))
    assert some.where.asked == {"segment": ("Lost",), "move": ("down", "gone"), "cause": ("masked",)}
    assert [subscription.key for subscription in (every, one, jana)] == ["own accounts"] * 2 + ["report"]


def test_two_who_ask_for_the_same_customers_ask_for_the_same_in_any_order(tmp_path):
    study = written(
        tmp_path,
        """
        {to: a@acme.example, gets: customers, where: {segment: [Lost, Loyal], move: up}}
        {to: b@acme.example, gets: customers, where: {move: [up], segment: [Loyal, Lost]}}
        {to: b@acme.example, gets: customers, where: {segment: [Loyal, Lost]}}
        """,
    )
    first, second, third = load_subscriptions(study)
    assert first.key == second.key != third.key


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("gets: report, to: a", "0.to: must be an address like name@acme.example, without a name before it "
         "(got 'a')"),
        ("gets: report", "0: to must be given where somebody gets report (it is missing)"),
        ("gets: reports, to: a@b", "0.gets: must be 'report', 'own accounts' or 'customers' (got 'reports')"),
        ("to: a@b", "0.gets must be given (it is missing)"),
        ("gets: report, to: a@b, too: c@d", "0.too is not a key of subscriptions; did you mean to?"),
        ("gets: report, to: a@b, rep: R001", "0: rep must be left out where somebody gets report (got "
         "'R001')"),
        ("gets: report, to: a@b, only_if_any: true", "0: only_if_any must be left out for a report, which "
         "always has something in it"),
        ("gets: report, to: a@b, attach: page", "0: attach must name files that go with report (got 'page'); "
         "it may be report.html, customers.html, workbook.xlsx, slides.pptx, call_list.csv, crm.csv, "
         "moves.csv, "
         "notebooks/ingest.html, notebooks/segment.html, notebooks/transitions.html, notebooks/report.html, "
         "report.pdf"),
        ("gets: own accounts", "0: rep must be given for own accounts: the number of a representative in "
         "quotes, or all"),
        ("gets: own accounts, rep: 1", "0.rep: must be text; put it in quotes (got 1)"),
        ("gets: own accounts, rep: all, to: a@b", "0: to must be left out with rep: all, for each has an "
         "address "
         "of the own (got 'a@b')"),
        (f"{GIVEN}, name: Ann", "0: name must be left out for own accounts, for the reps source has it "
         "(got 'Ann')"),
        (f"{GIVEN}, except: [R002]", "0: except must be left out without rep: all (got ['R002'])"),
        (f"{GIVEN}, where: {{move: up}}", "0: where must be left out where somebody gets own accounts "
         "(got move)"),
        (f"{GIVEN}, attach: [report.html]", "0: attach must name files that go with own accounts "
         "(got 'report.html'); it may be page, workbook"),
        (f"{GIVEN}, attach: [page, page]", "0: attach must name each once (got 'page' 2 times)"),
        (f"{GIVEN}, when: monthly", "0.when: must be each run, or {monthly: DAY} with a day from 1 to 28 "
         "(got 'monthly')"),
        (f"{GIVEN}, when: {{monthly: 31}}", "0.when: must be each run, or {monthly: DAY} with a day from "
         "1 to 28"),
        (f"{GIVEN}, language: fr", "0.language: must be 'en' or 'de' (got 'fr')"),
        ("gets: customers, to: a@b", "0: where must say which customers: by segment, region, market, move or "
         "cause"),
        (f"{WHERE} {{segment: Loyla}}", "0: where.segment must name segments of the study (got 'Loyla'); "
         "did you "
         "mean Loyal?"),
        (f"{WHERE} {{move: fell}}", "0: where.move must name moves (got 'fell'); it may be up, down, stayed, "
         "unranked, new, returned, gone"),
        (f"{WHERE} {{cause: age}}", "0: where.cause must name causes (got 'age'); did you mean aged?"),
        (f"{WHERE} {{region: []}}", "0.where.region: must have 1 or more entries (got [])"),
        (f"{WHERE} {{marked: x}}", "0.where.marked is not a key of subscriptions; did you mean market?"),
        (f"{WHERE} {{segment: Lost, move: gone}}", "0: where.segment must be left out with move: gone, "
         "for who is "
         "gone is in none"),
        (f"{WHERE} {{move: up}}, attach: report.html", "0: attach must name files that go with customers "
         "(got 'report.html'); it may be list"),
        (f"{WHERE} {{move: up}}, token: x", "0.token must not stand in subscriptions, for they are kept like "
         "studies: put secrets into the environment and remove the key"),
    ],
    ids=lambda value: value.split(", ")[0] if ": " in value else "",
)  # fmt: skip
def test_a_fault_is_told_in_one_sentence(tmp_path, line, sentence):
    study = written(tmp_path, f"{{{line}}}")
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    assert str(caught.value) == f"{study.subscriptions_path}: subscriptions.{sentence}"


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    study = written(
        tmp_path, "{gets: report}\n{gets: own accounts}\n{to: a@b, gets: customers, where: {move: x}}"
    )
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        "subscriptions.0",
        "subscriptions.1",
        "subscriptions.2",
    ]


@pytest.mark.parametrize(
    ("lines", "who"),
    [
        ("{to: a@B.example, gets: report}\n{to: A@b.example, gets: report, language: de}", "a@b.example"),
        ("{rep: R001, gets: own accounts}\n{rep: R001, gets: own accounts, to: a@b}", "representative R001"),
        (
            "{rep: all, gets: own accounts}\n{rep: all, gets: own accounts, attach: page}",
            "representative all",
        ),
    ],
)
def test_nobody_asks_for_the_same_twice(tmp_path, lines, who):
    study = written(tmp_path, lines)
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    gets = "report" if "report}" in lines else "own accounts"
    assert str(caught.value) == (
        f"{study.subscriptions_path}: subscriptions: nobody may ask for the same twice ({who} does, for "
        f"{gets}); "
        "remove all but one"
    )


def test_a_file_that_is_not_there_and_a_study_without_mails_are_told(tmp_path):
    study = written(tmp_path, "{to: a@b, gets: report}")
    study.subscriptions_path.rename(study.path.with_name("other.subscriptions.yaml"))
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    assert str(caught.value) == (
        f"{study.subscriptions_path}: there must be subscriptions in this file (no such file; "
        f"{study.path.parent} holds other.subscriptions.yaml)"
    )
    other = load_study(written(tmp_path, "{to: a@b, gets: report}", study=STUDY).path)
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(other)
    assert str(caught.value).startswith(f"{other.path}: mail must be given, for mails come from somebody")


def test_subscriptions_beside_a_study_are_no_study(tmp_path):
    study = written(tmp_path, "{to: a@b, gets: report}")
    assert studies_in(study.path.parent) == [study.path]


def test_the_subscriptions_of_the_demo_can_be_used():
    every, *others = load_subscriptions(load_study(ROOT / "params" / "demo.yaml"))
    assert (every.rep, every.gets) == ("all", "own accounts")
    assert [one.gets for one in others] == ["report", "report", "customers"]


# --- people -----------------------------------------------------------------------------------


def refused(root: Path, subscriptions: str, **run: str) -> list[str]:
    """Why nothing can be queued, without the file's name."""
    study = published(root, subscriptions, **run)
    with source_of(root, study) as source, pytest.raises(MailError) as caught:
        people_of(source)
    assert {problem.partition(": ")[0] for problem in caught.value.problems} == {
        str(study.subscriptions_path)
    }
    return [problem.partition(": ")[2] for problem in caught.value.problems]


def test_representatives_are_found_in_their_source_with_those_who_have_one_of_the_own(tmp_path):
    study = published(
        tmp_path,
        """
        {to: boss@acme.example, name: Jana Holt, gets: report, language: de}
        {rep: all, gets: own accounts, except: [R003]}
        {rep: R001, to: R001@ACME.example, gets: own accounts, attach: [page]}
        """,
    )
    with source_of(tmp_path, study) as source:
        found = people_of(source)
    assert [(one.rep, one.address, one.name, one.language) for one in found] == [
        (None, "boss@acme.example", "Jana Holt", "de"),
        *((f"R00{n}", f"r00{n}@acme.example", f"Person00{n}y", "en") for n in (0, 2, 4, 5, 6)),
        ("R001", "r001@acme.example", "Person001y", "en"),
    ]
    assert found[1].what == "own accounts R000"
    assert found[-1].subscription.attach == ("page",)


def test_own_accounts_go_to_their_owner_only(tmp_path):
    assert refused(tmp_path, "{rep: R001, to: r002@acme.example, gets: own accounts}") == [
        "representative R001: to must be the address of the reps source, for own accounts go to their "
        "owner only (got 'r002@acme.example', the source has 'r001@acme.example')"
    ]


def test_nobody_gets_a_mail_whose_number_is_mistyped_among_those_who_are_to_get_none(tmp_path):
    numbers = "select * replace (lpad(rep[2:], 4, '0') as rep) from kept"
    emails = f"select *, 'r' || rep || '@acme.example' as email from ({numbers})"
    study = published(
        tmp_path,
        '{rep: all, gets: own accounts, except: ["5", "001", "0002"]}',
        changed={"listed": numbers, "calls": numbers, "reps": emails},
    )
    with source_of(tmp_path, study) as source, pytest.raises(MailError) as caught:
        people_of(source)
    must = f"{study.subscriptions_path}: except must name representatives of the run"
    assert caught.value.problems == (
        f"{must} (got '5'); did you mean 0005?",
        f"{must} (got '001'); did you mean 0001?",
    )


def test_everything_for_which_nothing_can_be_queued_is_told_at_once(tmp_path):
    emails = """select * exclude (name), case rep when 'R001' then NULL when 'R002' then ' '
        when 'R006' then '' when 'R003' then 'r003@other.example' when 'R004' then 'Ann <r@acme.example>'
        else lower(rep) || '@acme.example' end as email,
        case rep when 'R005' then '=?utf-8?q?x=0D=0ABcc:a@b?=' else name end as name from kept"""
    lines = "{rep: all, gets: own accounts}\n{rep: R01, gets: own accounts}\n{to: a@b.example, gets: report}"
    none = (
        "must have an email in the reps source, for own accounts go there (there is none); add it, or write "
        'except: ["{rep}"] at rep: all'
    )
    assert refused(tmp_path, lines, emails=emails) == [
        "representative R001: " + none.format(rep="R001"),
        "representative R002: " + none.format(rep="R002"),
        "rep must be a representative of the run (got 'R01'); did you mean R001?",
        "representative R003: the address must be of acme.example (got 'r003@other.example'); allow its "
        "domain "
        "under mail: domains",
        "representative R004: the address must be like name@acme.example, without a name before it (got "
        "'Ann <r@acme.example>')",
        "representative R005: the recipient's name must have no =? or ?= (got '=?utf-8?q?x=0D=0ABcc:a@b?='), "
        "which mail programs decode",
        "report: the address must be of acme.example (got 'a@b.example'); allow its domain under mail: "
        "domains",
    ]


def test_who_has_no_customers_and_no_address_gets_nothing(tmp_path):
    emails = EMAILS.replace("as email", "as mail")
    none = published(tmp_path / "none", "{rep: all, gets: own accounts}", emails=emails)
    with source_of(tmp_path / "none", none) as source, pytest.raises(MailError) as caught:
        people_of(source)
    assert len(caught.value.problems) == 6  # not of R006, who has no customers
    left = published(tmp_path / "left", "{rep: R006, gets: own accounts}", emails=emails)
    with (
        source_of(tmp_path / "left", left) as source,
        pytest.raises(MailError, match="R006: must have an email"),
    ):
        people_of(source)


def test_without_an_address_of_the_web_pages_must_be_attached(tmp_path):
    mail = MAIL.replace("base_url: https://intranet.acme.example/reports, ", "")
    lines = "{rep: all, gets: own accounts}\n{to: a@acme.example, gets: report, attach: workbook.xlsx}"
    path = tmp_path / "params" / "acme.yaml"
    assert refused(tmp_path, lines, mail=mail) == [
        f"mail.base_url must be given in {path}, for mails with {gets} have a link (it is missing); "
        f"write it, or attach: [{file}]"
        for gets, file in (("report", "report.html"), ("own accounts", "page"))
    ]
    report = "{to: a@acme.example, gets: report, attach: report.html}"
    lines = f"{{rep: all, gets: own accounts, attach: page}}\n{report}"
    study = written(tmp_path, lines, study=STUDY + mail)
    with source_of(tmp_path, study) as source:
        assert len(people_of(source)) == 8


def test_regions_and_markets_must_be_those_of_the_run(tmp_path):
    lines = "{to: a@acme.example, gets: customers, where: {region: Nord, market: Tools}}"
    assert refused(tmp_path, lines) == [
        "where.region must be left out, for the customers source has no column region",
        "where.market must be left out, for orders have no market",
    ]
