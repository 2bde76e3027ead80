"""Who asked for which mails is read strictly; what cannot be sent is refused before anything is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from small_mails import EMAILS, MAIL, people_of, published, source_of, written
from small_representatives import STUDY

from segcore.errors import MailError, ParamsError
from segcore.mail.gets import GETS
from segcore.mail.people import recipients
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
        ("gets: report, to: a", "to must be an address like name@acme.example, without a name before it "
         "(got 'a')"),
        ("gets: report", "to must be given where somebody gets report (it is missing)"),
        ("gets: reports, to: a@acme.example",
         "gets must be 'report', 'own accounts' or 'customers' (got 'reports')"),
        ("to: a@acme.example", "gets must be given (it is missing)"),
        ("gets: report, to: a@acme.example, too: c@d", "too is not a key of subscriptions; did you mean to?"),
        ("gets: report, to: a@acme.example, rep: R001",
         "rep must be left out where somebody gets report (got "
         "'R001')"),
        ("gets: report, to: a@acme.example, only_if_any: true",
         "only_if_any must be left out for a report, which "
         "always has something in it"),
        ("gets: report, to: a@acme.example, attach: page",
         "attach must name files that go with report (got 'page'); "
         "it may be report.html, customers.html, workbook.xlsx, slides.pptx, call_list.csv, crm.csv, "
         "moves.csv, "
         "notebooks/ingest.html, notebooks/segment.html, notebooks/transitions.html, notebooks/report.html, "
         "report.pdf"),
        ("gets: own accounts", "rep must be given for own accounts: the number of a representative in "
         "quotes, or all"),
        ("gets: own accounts, rep: 1", "rep must be text; put it in quotes (got 1)"),
        ("gets: own accounts, rep: all, to: a@acme.example",
         "to must be left out with rep: all, for each has an "
         "address "
         "of the own (got 'a@acme.example')"),
        (f"{GIVEN}, name: Ann", "name must be left out for own accounts, for the reps source has it "
         "(got 'Ann')"),
        (f"{GIVEN}, except: [R002]", "except must be left out without rep: all (got ['R002'])"),
        (f"{GIVEN}, where: {{move: up}}", "where must be left out where somebody gets own accounts "
         "(got move)"),
        (f"{GIVEN}, attach: [report.html]", "attach must name files that go with own accounts "
         "(got 'report.html'); it may be page, workbook"),
        (f"{GIVEN}, attach: [page, page]", "attach must name each once (got 'page' 2 times)"),
        (f"{GIVEN}, when: monthly", "when must be each run, or {monthly: DAY} with a day from 1 to 28 "
         "(got 'monthly')"),
        (f"{GIVEN}, when: {{monthly: 31}}", "when must be each run, or {monthly: DAY} with a day from "
         "1 to 28 (got {'monthly': 31})"),
        ("gets: report, to: jürgen@acme.example", "to must be an address of plain letters, which ü is not: "
         "ask for the one that servers know (got 'jürgen@acme.example')"),
        ("gets: report, to: Jörg <joerg@acme.example>", "to must be an address like name@acme.example, "
         "without a name before it (got 'Jörg <joerg@acme.example>')"),
        ("gets: report, to: [a@acme.example]", "to must be one address, not a list of them: write an entry "
         "for each (got ['a@acme.example'])"),
        (f"{GIVEN}, language: fr", "language must be 'en' or 'de' (got 'fr')"),
        ("gets: customers, to: a@acme.example",
         "where must say which customers: by segment, rep, region, market, move or "
         "cause"),
        (f"{WHERE} {{segment: Loyla}}", "where.segment must name segments of the study (got 'Loyla'); "
         "did you "
         "mean Loyal?"),
        (f"{WHERE} {{move: fell}}", "where.move must name moves (got 'fell'); it may be up, down, stayed, "
         "unranked, new, returned, gone"),
        (f"{WHERE} {{cause: age}}", "where.cause must name causes (got 'age'); did you mean aged?"),
        (f"{WHERE} {{region: []}}", "where.region must have 1 or more entries (got [])"),
        (f"{WHERE} {{marked: x}}", "where.marked is not a key of subscriptions; did you mean market?"),
        (f"{WHERE} {{segment: Lost, move: gone}}", "where.segment must be left out with move: gone, "
         "for who is "
         "gone is in none"),
        (f"{WHERE} {{move: up}}, attach: report.html", "attach must name files that go with customers "
         "(got 'report.html'); it may be list"),
        (f"{WHERE} {{move: up}}, token: x", "token must not stand in subscriptions, for they are kept like "
         "studies: put secrets into the environment and remove the key"),
    ],
    ids=lambda value: value.split(", ")[0] if ": " in value else "",
)  # fmt: skip
def test_a_fault_is_told_in_one_sentence(tmp_path, line, sentence):
    study = written(tmp_path, f"{{{line}}}")
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    asked = yaml.safe_load(f"{{{line}}}")
    rep = {None: "", "all": "all representatives"}.get(asked.get("rep"), f"representative {asked.get('rep')}")
    known = (rep or "to" in asked) and "token" not in asked  # where a secret may be, nothing is read
    whom = f", for {rep or asked['to']}" if known else ""
    assert str(caught.value) == f"{study.subscriptions_path}: entry 1{whom}: {sentence}"


def test_a_file_without_entries_says_what_belongs_there(tmp_path):
    study = written(tmp_path, "{}")
    study.subscriptions_path.write_text("subscriptions:\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    assert str(caught.value) == (
        f"{study.subscriptions_path}: subscriptions: must have an entry for each reader, like "
        "- {to: name@acme.example, gets: report} (got None)"
    )


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    study = written(
        tmp_path,
        "{gets: report}\n{gets: own accounts}\n{to: a@acme.example, gets: customers, where: {move: x}}",
    )
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    assert [problem.split(": ")[1] for problem in caught.value.problems] == [
        "entry 1",
        "entry 2",
        "entry 3, for a@acme.example",
    ]


def test_an_entry_is_told_all_that_is_wrong_with_it_and_with_the_others_in_one_round(tmp_path):
    """A faulty key hides neither how the others go together nor what is wrong with entries that are right."""
    lines = """
        {to: Ann <ann@acme.example>, rep: R001, gets: report, attach: page}
        {to: board@elsewhere.example, gets: report}
        {to: head@acme.example, gets: report}
        {to: Head@acme.example, gets: report, language: de}
        {to: north@acme.example, gets: customers, where: {marked: x}, attach: report.html}
        """
    study = written(tmp_path, lines)
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    files = ", ".join(GETS["report"].attach)
    assert [problem.removeprefix(f"{study.subscriptions_path}: ") for problem in caught.value.problems] == [
        "entry 1, for representative R001: to must be an address like name@acme.example, without a name "
        "before it (got 'Ann <ann@acme.example>')",
        "entry 5, for north@acme.example: where.marked is not a key of subscriptions; did you mean market?",
        "entry 1, for representative R001: rep must be left out where somebody gets report (got 'R001')",
        "entry 1, for representative R001: attach must name files that go with report (got 'page'); it may "
        f"be {files}",
        "entry 5, for north@acme.example: attach must name files that go with customers (got "
        "'report.html'); it may be list",
        "entries 3 and 4: nobody may ask for the same twice (head@acme.example does, for report); remove all "
        "but one",
        "entry 2, for board@elsewhere.example: the address must be of acme.example (got "
        "'board@elsewhere.example'); allow its domain under mail: domains",
    ]


@pytest.mark.parametrize(
    ("lines", "who"),
    [
        (
            "{to: a@ACME.example, gets: report}\n{to: A@acme.example, gets: report, language: de}",
            "a@acme.example",
        ),
        (
            "{rep: R001, gets: own accounts}\n{rep: R001, gets: own accounts, to: a@acme.example}",
            "representative R001",
        ),
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
        f"{study.subscriptions_path}: entries 1 and 2: nobody may ask for the same twice ({who} does, for "
        f"{gets}); "
        "remove all but one"
    )


def test_a_file_that_is_not_there_and_a_study_without_mails_are_told(tmp_path):
    study = written(tmp_path, "{to: a@acme.example, gets: report}")
    study.subscriptions_path.rename(study.path.with_name("other.subscriptions.yaml"))
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(study)
    assert str(caught.value) == (
        f"{study.subscriptions_path}: there must be subscriptions in this file (no such file; "
        f"{study.path.parent} holds other.subscriptions.yaml)"
    )
    other = load_study(written(tmp_path, "{to: a@acme.example, gets: report}", study=STUDY).path)
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(other)
    assert str(caught.value).startswith(f"{other.path}: mail must be given, for mails come from somebody")


def test_subscriptions_beside_a_study_are_no_study(tmp_path):
    study = written(tmp_path, "{to: a@acme.example, gets: report}")
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
        "entry 1, for representative R001: to must be the address of the reps source, for own accounts go "
        "to their owner only (got 'r002@acme.example', the source has 'r001@acme.example')"
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
    every = f"{study.subscriptions_path}: entry 1, for all representatives"
    must = f"{every}: except must name representatives of the run"
    assert caught.value.problems == (
        f"{must} (got '5'); did you mean 0005?",
        f"{must} (got '001'); did you mean 0001?",
    )


def test_everything_for_which_nothing_can_be_queued_is_told_at_once(tmp_path):
    emails = """select * exclude (name), case rep when 'R001' then NULL when 'R002' then ' '
        when 'R006' then '' when 'R003' then 'r003@other.example' when 'R004' then 'Ann <r@acme.example>'
        else lower(rep) || '@acme.example' end as email,
        case rep when 'R005' then '=?utf-8?q?x=0D=0ABcc:a@b?=' else name end as name from kept"""
    lines = "{rep: all, gets: own accounts}\n{rep: R01, gets: own accounts}"
    every = "entry 1, for all representatives: representative"
    assert refused(tmp_path, lines, emails=emails) == [
        f"{every} R003: the address must be of acme.example (got 'r003@other.example'); allow its domain "
        "under mail: domains",
        f"{every} R004: the address must be like name@acme.example, without a name before it (got "
        "'Ann <r@acme.example>')",
        f"{every} R005: the recipient's name must have no =? or ?= (got '=?utf-8?q?x=0D=0ABcc:a@b?='), "
        "which mail programs decode",
        "entry 2, for representative R01: rep must be a representative of the run (got 'R01'); did you mean "
        "R001?",
    ]


def test_who_has_no_address_is_told_by_a_reason_if_there_are_customers(tmp_path):
    emails = EMAILS.replace("as email", "as all_of_them")
    emails = f"select *, case when rep < 'R005' then all_of_them end as email from ({emails})"
    skips = []
    for folder, line in (
        ("all", "{rep: all, gets: own accounts}"),
        ("one", "{rep: R006, gets: own accounts}"),
    ):
        study = published(tmp_path / folder, line, emails=emails)
        with source_of(tmp_path / folder, study) as source:
            found = recipients(study, source.engine, load_subscriptions(study))
        skips.append({one.rep: (one.address, one.skip) for one in found if one.skip})
    none = ("", "the reps source has no email for this number")
    assert skips == [{"R005": none, "R006": ("", "nothing is in it")}, {"R006": none}]


def test_without_an_address_of_the_web_pages_must_be_attached(tmp_path):
    mail = MAIL.replace("base_url: https://intranet.acme.example/reports, ", "")
    lines = "{rep: all, gets: own accounts}\n{to: a@acme.example, gets: report, attach: workbook.xlsx}"
    lines += "\n{to: b@acme.example, gets: report}"
    path = tmp_path / "params" / "acme.yaml"
    with pytest.raises(ParamsError) as caught:
        load_subscriptions(written(tmp_path, lines, study=STUDY + mail))
    assert list(caught.value.problems) == [
        f"{path.with_name('acme.subscriptions.yaml')}: {which}: mail.base_url must be given in {path}, for "
        f"mails with {gets} have a link (it is missing); write it, or attach: [{file}]"
        for which, gets, file in (
            ("entries 2 and 3", "report", "report.html"),
            ("entry 1", "own accounts", "page"),
        )
    ]
    published(tmp_path, "{rep: all, gets: own accounts, attach: page}", mail=mail)
    report = "{to: a@acme.example, gets: report, attach: report.html}"
    lines = f"{{rep: all, gets: own accounts, attach: page}}\n{report}"
    study = written(tmp_path, lines, study=STUDY + mail)
    with source_of(tmp_path, study) as source:
        assert len(people_of(source)) == 8


def test_representatives_regions_and_markets_must_be_those_of_the_run(tmp_path):
    lines = (
        "{rep: all, gets: own accounts}\n"
        "{to: a@acme.example, gets: customers, where: {region: Nord, market: Tools, rep: [R001, R01]}}"
    )
    assert refused(tmp_path, lines) == [
        f"entry 2, for a@acme.example: {told}"
        for told in (
            "where.rep must be of the run's customers (got 'R01'); did you mean R001?",
            "where.region must be left out, for the customers source has no column region",
            "where.market must be left out, for orders have no market",
        )
    ]
