"""From a published run to mails that were sent: who gets one, who has had it, who gets none and why."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
import shutil
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from small_archive import APRIL, MARCH, rewrite
from small_mail import DROP, TAKE_AND_DROP, Script
from small_mailing import EACH, EMAILS, MAIL, NOW, SUBSCRIPTIONS, Post, post
from small_representatives import SECRET

from segcore import archive, keeping
from segcore.archive import promised
from segcore.archive.places import ERASING
from segcore.errors import ArchiveError, MailError, ParamsError, PartlySentError, StageError
from segcore.mailing import announcing, failures, looking, ready, sending
from segcore.mailing.job import Job
from segcore.mailing.standing import standing_of
from segcore.representatives import Secret
from segcore.status import status

LATER = NOW.replace(day=20)


def states(of: Post) -> dict[str, str]:
    return {entry.address: entry.state for entry in of.log()}


def test_everybody_who_asked_gets_one_mail_and_who_is_not_due_stands_in_the_log(acme: Post) -> None:
    sent = acme.send()
    assert list(sent.lines) == [
        "acme 2025-03-01: 5 mails queued, 1 reader gets nothing",
        "acme: 5 mails sent",
    ]
    assert acme.got == EACH
    board = next(entry for entry in acme.log() if entry.address == "board@acme.example")
    assert (board.state, board.why) == ("skipped", "not due before 2025-03-15")


def test_the_same_run_sent_twice_says_so_and_sends_nothing_twice(acme: Post) -> None:
    acme.send()
    again = acme.send()
    assert list(again.lines) == [
        "acme 2025-03-01: 0 mails queued, 5 queued or sent before, 1 reader gets nothing"
    ]
    assert acme.got == EACH


def test_a_new_subscription_is_sent_and_the_others_are_not(acme: Post) -> None:
    acme.send()
    new = "  - {to: new@acme.example, gets: customers, where: {segment: At risk}}\n"
    acme.write(subscriptions=SUBSCRIPTIONS + new)
    assert next(iter(acme.send().lines)).startswith("acme 2025-03-01: 1 mail queued, 5 queued or sent before")
    assert acme.got == sorted([*EACH, "new@acme.example"])


def test_a_run_whose_earlier_one_has_expired_is_told_without_a_warning(acme: Post) -> None:
    acme.publish(APRIL)
    seal = archive.manifest_sha256(acme.places.published(MARCH))
    archive.record(acme.places.runs, archive.Entry("expired", str(MARCH), seal))
    shutil.rmtree(acme.places.published(MARCH))
    archive.list_runs(acme.root / "runs")
    assert ready.ready(acme.places, acme.study, APRIL).told == ()


class TestWhyNot:
    """What the log answers where it knows of no mail: a sentence for each reason."""

    def told(self, of: Post, **asked: str) -> list[str]:
        return list(looking.log(of.root, "acme", **asked).lines)

    def test_a_run_that_nobody_was_told_of_has_expired_or_was_withdrawn(self, acme: Post) -> None:
        day = str(MARCH)
        assert self.told(acme) == ["no mail was queued yet"]
        assert self.told(acme, run=day) == [
            f"acme {day}: nobody was told of it yet; segcore send acme/{day} does it"
        ]
        keeping.withdraw(f"acme/{day}", keeping.Decision(APRIL, "wrong prices"), root=acme.root)
        assert self.told(acme, run=day) == [
            f"acme {day}: was withdrawn on {APRIL}, and nobody had been told of it"
        ]
        archive.record(acme.places.runs, archive.Entry("expired", day))
        assert self.told(acme, run=day) == [
            f"acme {day}: has expired, and what was known of its mails with it"
        ]

    def test_somebody_without_subscription_address_or_mail(self, acme: Post) -> None:
        acme.send(to="R000")
        acme.write(subscriptions=SUBSCRIPTIONS.replace("rep: all", 'rep: all, except: ["R002"]'))
        assert self.told(acme, to="R002") == [
            f"acme: representative R002 is left out by except in entry 1 of {acme.study.subscriptions_path}"
        ]
        left = "subscriptions:\n  - {rep: R000, gets: own accounts}\n"
        acme.write(subscriptions=left)
        assert self.told(acme, to="R002") == [
            f"acme: representative R002 has no subscription in {acme.study.subscriptions_path}"
        ]
        acme.write(subscriptions=SUBSCRIPTIONS)
        assert self.told(acme, to="head@acme.example", run="2025-03-01") == [
            "acme 2025-03-01: head@acme.example is to get mails, and was not told yet; "
            "segcore send acme/2025-03-01 --to head@acme.example does it"
        ]
        assert self.told(acme, to="owner@acme.example") == [
            "acme: owner@acme.example is an owner, who is told of runs that fail"
        ]
        with pytest.raises(MailError, match="no subscription is for it, and no representative"):
            self.told(acme, to="nobody@acme.example")
        without = {
            "reps": f"select * replace (case rep when 'R001' then '' else email end as email) from ({EMAILS})"
        }
        acme.publish(APRIL, changed=without)
        assert self.told(acme, to="R001") == [
            "acme: representative R001 has no email in the reps source, where own accounts go"
        ]

    def test_what_somebody_asked_for_is_told_in_words(self, acme: Post) -> None:
        acme.send(to="head@acme.example")
        [line] = self.told(acme)
        assert "  customers (segment: At risk); " in line


class TestMonthly:
    """What a timer does every day."""

    def test_on_the_day_the_latest_run_is_sent_and_then_no_more_in_this_month(self, acme: Post) -> None:
        days = [NOW.replace(day=day) for day in (13, 14, 15, 16, 31)]
        lines = [list(acme.timer(day).lines) for day in days]
        nothing = ["acme: nothing is due, and no mail waits"]
        sent = ["acme 2025-03-01: 1 mail queued", "acme: 1 mail sent"]
        assert lines == [nothing, nothing, sent, nothing, nothing]
        assert acme.got == ["board@acme.example"]

    def test_a_run_that_was_told_is_not_told_again_next_month(self, acme: Post) -> None:
        for day in (LATER, NOW.replace(month=4, day=20)):
            acme.timer(day)
        assert acme.got == ["board@acme.example"]

    def test_a_run_that_is_published_in_between_waits_for_the_next_month(self, acme: Post) -> None:
        acme.timer(LATER)
        acme.publish(APRIL)
        acme.timer(NOW.replace(day=25))
        [entry] = [entry for entry in acme.log() if entry.run == "2025-04-15"]
        assert (entry.state, entry.why) == ("skipped", "this month's mail was made on 2025-03-20")
        acme.timer(NOW.replace(month=4, day=15))
        assert acme.got == ["board@acme.example"] * 2

    def test_a_mail_about_an_older_run_goes_to_nobody_monthly(self, acme: Post) -> None:
        acme.publish(APRIL)
        sent = acme.send(MARCH, LATER)
        assert sent.queued[0].told == (
            "warning: acme 2025-03-01 is not the latest run, which is that of 2025-04-15",
        )
        [entry] = [entry for entry in acme.log() if entry.state == "skipped"]
        assert entry.why == "monthly mails tell of the latest run, that of 2025-04-15"

    def test_without_a_run_there_is_nothing_to_send(self, tmp_path: Path, acme: Post) -> None:
        keeping.withdraw("acme/2025-03-01", keeping.Decision(dt.date(2025, 3, 2), "wrong"), root=tmp_path)
        assert list(acme.timer(LATER).lines) == ["acme: nothing is due, and no mail waits"]


class TestMadeAgain:
    """A run of a date of which there were mails before."""

    @pytest.fixture
    def again(self, acme: Post) -> Post:
        acme.send()
        acme.publish(replace=True, customers=41)
        return acme

    def test_nobody_is_told_again_unasked(self, again: Post) -> None:
        assert list(again.send().lines) == [
            "acme 2025-03-01: 0 mails queued, 1 reader gets nothing",
            "acme 2025-03-01: 5 readers had a mail about it before it was made again; "
            "segcore send acme/2025-03-01 --again sends a corrected one",
        ]
        assert again.got == EACH

    def test_those_who_had_one_get_a_corrected_one_if_it_is_asked_for(self, again: Post) -> None:
        again.send(again=True)
        assert again.got == sorted([*EACH, *EACH])
        first, second = again.mails("head@acme.example")
        assert first["Subject"].endswith(" – ACME customers, 1 March 2025")
        assert second["Subject"].startswith("Corrected: ")
        assert second["Subject"].endswith(" – ACME customers, 1 March 2025")
        replaced = (
            "This mail replaces the one that you had about 1 March 2025 before: the run was made again."
        )
        said = [" ".join(mail.get_body(("plain",)).get_content().split()) for mail in (first, second)]
        assert [replaced in text for text in said] == [False, True]
        assert second["Message-ID"] != first["Message-ID"]
        assert {entry.edition for entry in again.log() if entry.state == "sent"} == {1, 2}

    @pytest.mark.parametrize(
        "at_first",
        [None, "450 4.7.1 later", "550 5.1.1 nobody", TAKE_AND_DROP],
        ids=["sent", "waits", "refused", "in doubt"],
    )
    def test_a_corrected_mail_holds_the_corrected_numbers_in_every_part(
        self, tmp_path: Path, at_first: str | None
    ) -> None:
        """Whatever became of the mail before: no byte of the run as it was goes out with --again."""
        risk = "{to: head@acme.example, gets: customers, where: {segment: At risk}, attach: [list]}"
        own = "{rep: R001, gets: own accounts, attach: [page]}"
        with post(tmp_path, Script()) as acme:
            acme.write(subscriptions=f"subscriptions:\n  - {risk}\n  - {own}\n")
            acme.server.script.data = lambda address: at_first
            acme.send()
            acme.server.script.data = lambda address: None
            renamed = "select * replace (name || ' corrected' as name) from kept"
            acme.publish(
                replace=True, customers=80, changed={"reps": EMAILS, "listed": renamed, "calls": renamed}
            )
            acme.server.got.clear()
            acme.send(again=True, now=LATER)
            assert acme.got == ["head@acme.example", "r001@acme.example"]
            for one in acme.server.got:
                mail = message_from_bytes(one.raw, policy=policy.default)
                parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
                assert len(parts) == 3
                for part in parts:
                    named = set(re.findall(r"Canary\d+z( corrected)?", part))
                    assert named == {" corrected"}, part
            counted = sum(number % 11 != 10 and number % 3 == 1 for number in range(80))
            [head] = acme.mails("head@acme.example")
            assert f"{counted} customers in At risk" in head["Subject"]

    def test_a_run_that_is_as_it_was_is_refused(self, acme: Post) -> None:
        acme.send()
        with pytest.raises(MailError) as told:
            acme.send(again=True)
        assert str(told.value) == (
            "--again must follow a run that was made again, or mails that were refused (acme 2025-03-01 is "
            "as it was, and 5 mails about it stand in the outbox); leave --again out"
        )

    def test_it_is_refused_also_where_somebody_gets_none_for_nothing_is_in_it(self, acme: Post) -> None:
        some = "  - {to: some@acme.example, gets: customers, where: {move: new}, only_if_any: true}\n"
        acme.write(subscriptions=SUBSCRIPTIONS + some)
        acme.send()
        with pytest.raises(MailError, match="--again must follow a run that was made again"):
            acme.send(again=True)
        assert acme.got == EACH

    def test_mails_that_still_wait_are_not_sent_any_more_and_new_ones_are(self, acme: Post) -> None:
        port = acme.server.port
        acme.write(mail=MAIL.replace("PORT", "1"))
        with pytest.raises(MailError, match="must answer"):
            acme.send()
        acme.publish(replace=True, customers=41)
        acme.write(mail=MAIL.replace("PORT", str(port)))
        sent = acme.send()
        assert list(sent.lines) == [
            "acme 2025-03-01: 5 mails not sent, for the run was made again",
            "acme 2025-03-01: 5 mails queued, 1 reader gets nothing",
            "acme: 5 mails sent",
        ]
        assert acme.got == EACH
        assert not any(mail["Subject"].startswith("Corrected") for mail in acme.mails("head@acme.example"))

    def test_who_withdraws_a_run_learns_how_many_were_told_of_it(self, acme: Post) -> None:
        acme.send()
        told = keeping.withdraw("acme/2025-03-01", keeping.Decision(APRIL, "wrong prices"), root=acme.root)
        assert (
            "acme 2025-03-01: 5 readers have had a mail about it, and none is sent that it is withdrawn; "
            "segcore mail log acme --run 2025-03-01 says who"
        ) in told
        lines = list(looking.log(acme.root, "acme", run="2025-03-01").lines)
        assert [line.endswith("; withdrawn since") for line in lines].count(True) == 5
        page = (acme.places.reports / "mail.html").read_text(encoding="utf-8")
        assert "withdrawn since: on 15 April 2025" in page

    def test_mails_about_a_run_that_was_withdrawn_are_not_sent(self, acme: Post, tmp_path: Path) -> None:
        acme.write(mail=MAIL.replace("PORT", "1"))
        with pytest.raises(MailError):
            acme.send()
        keeping.withdraw("acme/2025-03-01", keeping.Decision(dt.date(2025, 3, 4), "wrong"), root=tmp_path)
        acme.write()
        assert list(acme.timer(NOW).lines) == [
            "acme 2025-03-01: 5 mails not sent, for the run was withdrawn",
            "acme: nothing is due, and no mail waits",
        ]
        assert acme.got == []


class TestRefused:
    """What cannot be queued or sent, each with its whole sentence; nothing is queued."""

    def refusal(self, of: Post, kind: type[Exception] = MailError, **asked: object) -> str:
        with pytest.raises(kind) as told:
            of.send(**asked)  # type: ignore[arg-type]
        return str(told.value)

    def test_a_recipient_whom_nobody_knows(self, acme: Post) -> None:
        assert self.refusal(acme, to="r01@acme.example") == (
            "--to must be the address, number or name of somebody who gets mails (got 'r01@acme.example'); "
            "did you mean r001@acme.example?"
        )
        assert self.refusal(acme, to="4711").endswith("segcore send --dry-run shows who gets mails")
        assert not acme.places.outbox.exists()

    def test_a_representative_who_asked_for_nothing(self, acme: Post) -> None:
        acme.write(subscriptions=SUBSCRIPTIONS.replace("rep: all", 'rep: all, except: ["R002"]'))
        assert self.refusal(acme, to="R002") == (
            "--to must be somebody who gets mails (got 'R002'): representative R002 is left out by except in "
            f"entry 1 of {acme.study.subscriptions_path}"
        )
        assert "did you mean" not in self.refusal(acme, to="R01")

    def test_an_address_outside_the_allowed_domains(self, acme: Post) -> None:
        acme.publish(
            replace=True, changed={"reps": "select *, lower(rep) || '@elsewhere.example' as email from kept"}
        )
        told = self.refusal(acme)
        assert (
            "representative R000: the address must be of acme.example (got 'r000@elsewhere.example')" in told
        )
        assert not acme.places.outbox.exists()

    @pytest.mark.parametrize("where", ["segment: Atrisk", "region: Nowhere"])
    def test_a_subscription_to_an_unknown_segment_or_region(self, acme: Post, where: str) -> None:
        acme.write(subscriptions=SUBSCRIPTIONS.replace("segment: At risk", where))
        with pytest.raises((MailError, ParamsError), match=rf"where.{where.partition(':')[0]} must"):
            acme.send()
        assert not acme.places.outbox.exists()

    def test_no_base_url(self, acme: Post) -> None:
        acme.write(mail=MAIL.replace("  base_url: https://intranet.acme.example/reports\n", ""))
        assert "mail.base_url must be given in" in self.refusal(acme, ParamsError)

    def test_a_study_without_mails(self, acme: Post) -> None:
        acme.write(mail="")
        assert self.refusal(acme) == (
            f"{acme.root}/params/acme.yaml: mail must say whom mails come from (it is missing); add mail: "
            "{from: ADDRESS}, see docs/mail.md"
        )

    def test_no_subscriptions(self, acme: Post) -> None:
        (acme.root / "params" / "acme.subscriptions.yaml").unlink()
        assert "acme.subscriptions.yaml: there must be subscriptions" in self.refusal(acme, ParamsError)
        assert not acme.places.outbox.exists()

    def test_what_was_queued_is_told_before_the_error_of_the_server(self, acme: Post) -> None:
        acme.write(mail=MAIL.replace("PORT", "1"))
        told: list[str] = []
        with pytest.raises(MailError):
            sending.send_run(dataclasses.replace(acme.job(), tell=told.append), MARCH)
        assert told == ["acme 2025-03-01: 5 mails queued, 1 reader gets nothing"]

    def test_no_server_and_the_mails_wait(self, acme: Post) -> None:
        acme.write(mail=MAIL.replace("PORT", "1"))
        assert self.refusal(acme) == (
            "the mail server 127.0.0.1:1 must answer (the connection was refused); nothing is lost: the "
            "mails stay queued. Try again later"
        )
        assert set(states(acme).values()) == {"queued", "skipped"}
        acme.write()
        assert list(acme.timer(NOW).lines) == ["acme: 5 mails sent"]
        assert acme.got == EACH

    def test_a_run_that_was_altered_after_it_was_sealed(self, acme: Post) -> None:
        altered = acme.places.published(MARCH) / "report" / "report.html"
        rewrite(altered, "<p>another report</p>")
        assert self.refusal(acme, ArchiveError).split("\n") == [
            f"{altered}: must be as it was sealed (it was altered); put it back from a copy, or make that "
            "run again with --force",
            "acme 2025-03-01: must be as it was published to be told about; no mail was queued",
        ]
        assert not acme.places.outbox.exists()

    def test_a_run_that_is_made_again_while_its_mails_are_made(
        self, acme: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from segcore.mailing import queueing

        made = queueing.mails

        def slow(*given):
            yield from made(*given)
            acme.publish(replace=True, customers=41)

        monkeypatch.setattr(queueing, "mails", slow)
        assert "must stay as it is while mails are made of it" in self.refusal(acme, ArchiveError)
        assert acme.log() == []

    def test_an_outbox_of_another_version(self, acme: Post) -> None:
        import sqlite3

        acme.send()
        with sqlite3.connect(acme.places.outbox) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        told = self.refusal(acme)
        assert "must be an outbox of version 1 (got version 99)" in told
        assert acme.got == EACH
        for path in (acme.places.outbox, acme.places.runs / ".outbox-begun"):
            assert str(path) in told
            path.unlink()
        acme.send()
        assert acme.got == sorted([*EACH, *EACH])

    def test_a_test_address_outside_the_allowed_domains(self, acme: Post) -> None:
        with pytest.raises(MailError, match=r"--test-to must be in a domain of mail\.domains: acme\.example"):
            sending.send_run(acme.job(test_to="me@elsewhere.example"), MARCH)


def test_a_run_that_was_withdrawn_is_said_to_be(acme: Post) -> None:
    keeping.withdraw("acme/2025-03-01", keeping.Decision(APRIL, "wrong prices"), root=acme.root)
    with pytest.raises(ArchiveError) as told:
        ready.named("acme/2025-03-01", acme.root)
    assert str(told.value) == (
        "'acme/2025-03-01' must name a published run (it was withdrawn on 2025-04-15: wrong prices); "
        "segcore restore acme/2025-03-01 publishes it again"
    )


@pytest.mark.parametrize(
    ("answer", "do"),
    [
        ("530 5.7.0 Authentication required", "set SEGCORE_SMTP_USER and SEGCORE_SMTP_PASSWORD"),
        ("530 5.7.0 Must issue a STARTTLS command first", "say security: starttls under mail.smtp"),
    ],
)
def test_a_test_says_what_a_server_asks_for_as_sending_does(tmp_path: Path, answer: str, do: str) -> None:
    with post(tmp_path, Script(mail=lambda address: answer)) as acme:
        for job in (acme.job(test_to="me@acme.example"), acme.job()):
            with pytest.raises(MailError) as told:
                sending.send_run(job, MARCH)
            assert str(told.value).endswith(f"; {do}")


def test_a_test_without_a_server_says_nothing_of_mails_that_stay_queued(acme: Post) -> None:
    acme.write(mail=MAIL.replace("PORT", "1"))
    with pytest.raises(MailError, match=r"must answer .*; a test queues no mail\. Try again later"):
        sending.send_run(acme.job(test_to="me@acme.example"), MARCH)


def test_for_a_test_all_goes_to_one_address_and_nothing_counts_as_sent(acme: Post) -> None:
    sent = sending.send_run(acme.job(test_to="me@acme.example"), MARCH)
    sent.check()
    assert acme.got == ["me@acme.example"] * 5
    assert not acme.places.outbox.exists()
    assert list(sent.lines) == [
        "acme 2025-03-01: to me@acme.example only; none counts as sent",
        "acme: 5 mails sent",
    ]


@pytest.mark.parametrize("who", ["R002", "r002@acme.example", "R002@ACME.example"])
def test_who_is_named_gets_a_mail_and_the_others_none(acme: Post, who: str) -> None:
    acme.send(to=who)
    assert acme.got == ["r002@acme.example"]
    assert [entry.address for entry in acme.log()] == ["r002@acme.example"]


def test_whom_a_mail_goes_to_and_whom_the_log_is_asked_for_are_named_alike(acme: Post) -> None:
    acme.send(to="ada head")
    assert acme.got == ["head@acme.example"]
    for who in ("ada head", "HEAD@acme.example"):
        assert [one["address"] for one in looking.log(acme.root, "acme", to=who).as_json()] == acme.got


def test_a_number_sends_what_is_its_own_and_not_what_waits_for_others_at_its_address(tmp_path: Path) -> None:
    shared = {"reps": "select *, 'team@acme.example' as email from kept"}
    with post(tmp_path, Script(rcpt=lambda address: "450 4.7.1 later")) as acme:
        acme.publish(replace=True, changed=shared)
        acme.send()
        acme.server.script.rcpt = lambda address: None
        acme.send(now=NOW + dt.timedelta(hours=1), to="R001")
        assert [entry.rep for entry in acme.log() if entry.state == "sent"] == ["R001"]


def test_who_got_none_is_found_by_number(acme: Post) -> None:
    acme.publish(replace=True, customers=3)
    acme.send()
    [one] = looking.log(acme.root, "acme", to="R003").as_json()
    assert (one["rep"], one["state"]) == ("R003", "skipped")


def test_a_name_in_a_printed_command_is_quoted(acme: Post) -> None:
    acme.send(to="R000")
    told = list(looking.log(acme.root, "acme", to="Ada Head").lines)
    assert told[0].endswith("segcore send acme/2025-03-01 --to 'Ada Head' does it")


def test_refused_and_waiting_mails_are_told_with_exit_code_3(tmp_path: Path) -> None:
    def answers(address: str) -> str | None:
        return {"r000@acme.example": "550 5.1.1 nobody", "r001@acme.example": "450 4.7.1 later"}.get(address)

    with post(tmp_path, Script(rcpt=answers)) as acme:
        sent = acme.send()
        with pytest.raises(PartlySentError) as told:
            sent.check()
        waits, refused = told.value.problems
        assert waits.startswith("acme: 1 mail waits; the next attempt is due 2025-03-03")
        assert refused == (
            "acme: 1 mail was refused; segcore mail log acme says why, segcore status acme what to do"
        )
        assert told.value.exit_code == 3
        standing = standing_of(acme.places)
        assert standing.wrong == [
            "2025-03-01: 1 queued, 1 failed; segcore mail log acme --run 2025-03-01 says more, "
            "mend the address r000@acme.example in the reps source, make the run again"
        ]
        assert "acme 2025-03-01: 1 mail about it was refused or came back; " in "\n".join(acme.send().lines)
        acme.send(again=True, to="R000")
        assert [entry.edition for entry in acme.log() if entry.rep == "R000"] == [1, 2]


def test_nothing_is_made_shown_or_sent_while_somebody_is_not_erased_whole(acme: Post) -> None:
    server, stopped = acme.server.port, MAIL.replace("PORT", "1")
    acme.write(mail=stopped)
    with pytest.raises(MailError):
        acme.send()
    acme.write(mail=MAIL.replace("PORT", str(server)))
    note = acme.places.runs / ERASING
    note.write_text('{"customer": "K0001z"}', encoding="utf-8")
    for what in (
        acme.send,
        lambda: acme.timer(NOW),
        lambda: sending.dry_run(acme.job(), MARCH),
        lambda: sending.send_run(acme.job(test_to="me@acme.example"), MARCH),
    ):
        with pytest.raises(MailError) as told:
            what()
        assert str(told.value) == (
            f"{note}: must be gone before mails are made or sent (somebody is being erased, or that was "
            "killed, and may stand in files and mails still); wait, or give that command again: "
            "segcore erase acme CUSTOMER --yes"
        )
    assert acme.got == []
    note.unlink()
    acme.timer(NOW)
    assert acme.got == EACH


def test_where_the_outbox_is_lost_nobody_is_told_again_unasked(acme: Post) -> None:
    acme.send()
    copy = acme.places.outbox.read_bytes()
    acme.places.outbox.unlink()
    promised.promise(acme.places, MARCH)
    for what in (acme.send, lambda: acme.timer(LATER), lambda: acme.send(again=True)):
        with pytest.raises(MailError) as told:
            what()
        assert str(told.value) == (
            f"{acme.places.outbox} must be there, for it knows who had which mail (it is gone); put it back "
            f"from a copy, or remove {acme.places.runs / '.outbox-begun'} to begin anew: all mails that are "
            "asked for go out again"
        )
        assert not acme.places.outbox.exists()
    gone = f"{acme.places.outbox} must be there, for it knows who had which mail (it is gone); put it back"
    with pytest.raises(MailError, match=re.escape(gone)):
        looking.log(acme.root, "acme")
    told = standing_of(acme.places).wrong
    assert told[0].startswith(gone)
    assert told[1:] == [f"{MARCH}: its mails are not made; segcore send acme/{MARCH} makes them"]
    assert status(acme.study, root=acme.root, today=MARCH).mails == told
    acme.places.outbox.write_bytes(copy)
    assert next(iter(acme.send().lines)).startswith(
        "acme 2025-03-01: 0 mails queued, 5 queued or sent before"
    )
    assert acme.got == EACH
    acme.places.outbox.unlink()
    (acme.places.runs / ".outbox-begun").unlink()
    acme.send()
    assert acme.got == sorted([*EACH, *EACH])


READ = "  reps: {files: [reps.csv], columns: {rep: rep, name: name, email: email}}\nvariables:"


def test_who_is_another_one_in_the_reps_source_of_today_gets_no_mail_of_an_older_run(acme: Post) -> None:
    study = acme.root / "params" / "acme.yaml"
    study.write_text(study.read_text().replace("variables:", READ))
    file = acme.root / "data" / "reps.csv"
    file.parent.mkdir()
    same = "R000,Person000y,R000@ACME.example\n"
    others = "R001,Person001y,new@acme.example\nR002,Otto,r002@acme.example\n"
    file.write_text(f"rep,name,email\n{same}{others}")
    page, shown = sending.dry_run(acme.job(), MARCH)
    sent = acme.send()
    begin = "warning: acme 2025-03-01: no mail to representative"
    end = ". Make a run with it, or put back the file that the run has read"
    has = "acme.example: the reps source of today has"
    other = "another address or name for this number"
    assert (
        sent.queued[0].told
        == shown
        == tuple(
            f"{begin} {rep}, Person{rep[1:]}y, at {rep.lower()}@{has} {now}{end}"
            for rep, now in (
                ("R001", f"{other}: new@acme.example"),
                ("R002", f"{other}: Otto"),
                ("R003", "nobody of this number"),
            )
        )
    )
    assert acme.got == ["head@acme.example", "r000@acme.example"]
    assert len(list(page.parent.glob("*.eml"))) == 2
    why = {entry.address: entry.why for entry in acme.log() if entry.state == "skipped"}
    assert why["r001@acme.example"] == f"the reps source of today has {other}: new@acme.example"
    assert why["r003@acme.example"] == "the reps source of today has nobody of this number"
    with pytest.raises(
        PartlySentError, match="3 readers get no mail for a reason that can be mended; segcore"
    ):
        sent.check()
    others = "".join(f"R00{n},Person00{n}y,r00{n}@acme.example\n" for n in (1, 2, 3))
    file.write_text(f"rep,name,email\n{same}{others}")
    assert acme.send().queued[0].told == acme.send().queued[0].told == ()
    assert acme.got == EACH


class TestUnmade:
    """A published run that somebody wanted to be told about, and of which no mails can be made."""

    WRONG = SUBSCRIPTIONS.replace("segment: Lost", "region: Nowhere")

    @pytest.fixture
    def stuck(self, acme: Post) -> Post:
        acme.write(subscriptions=self.WRONG)
        promised.promise(acme.places, MARCH)
        return acme

    def test_the_owners_are_told_once_and_without_data_of_customers(self, stuck: Post) -> None:
        problem = (
            f"{stuck.study.subscriptions_path}: entry 3, for board@acme.example: where.region must be left "
            "out, for the customers source has no column region"
        )
        for what in (stuck.send, lambda: stuck.timer(NOW), lambda: stuck.timer(LATER)):
            with pytest.raises(MailError) as told:
                what()
            assert told.value.problems == (problem,)
        assert stuck.got == ["owner@acme.example"]
        [mail] = stuck.mails("owner@acme.example")
        assert mail["Subject"] == "ACME customers: no mails about the run of 1 March 2025"
        text = " ".join(mail.get_body(("plain",)).get_content().split())
        assert "The run is published. Nobody was sent a mail about it" in text
        assert "segcore status acme says what is in the way." in text
        assert b"Canary" not in stuck.server.got[0].raw
        does = f"segcore send acme/{MARCH}"
        assert standing_of(stuck.places).wrong == [
            f"{MARCH}: its mails are not made: {problem}; once that is mended, {does} makes them"
        ]
        assert list(looking.log(stuck.root, "acme", run=str(MARCH)).lines)[1:] == [
            f"acme {MARCH}: nobody was told of it: {problem}; once that is mended, {does} does it"
        ]

    def test_a_timer_says_it_once_and_nothing_else(self, stuck: Post) -> None:
        told: list[str] = []
        job = dataclasses.replace(stuck.job(LATER), tell=told.append)
        with pytest.raises(MailError):
            sending.send_study(job)
        assert told == ["segcore: the owners of acme were told of it by mail"]

    def test_once_it_is_mended_all_are_told(self, stuck: Post) -> None:
        with pytest.raises(MailError):
            stuck.send()
        stuck.write()
        stuck.timer(NOW)
        assert stuck.got == sorted([*EACH, "owner@acme.example"])
        assert standing_of(stuck.places).wrong == []

    def test_who_gives_the_command_needs_no_mail(self, acme: Post) -> None:
        acme.write(subscriptions=self.WRONG)
        with pytest.raises(MailError):
            acme.send()
        assert acme.got == []


class TestMended:
    """What somebody reads of an address that was refused, until it is mended."""

    SUBSCRIBED = "subscriptions:\n  - {to: chef@acme.example, gets: customers, where: {segment: At risk}}\n"

    def test_the_address_is_named_with_its_entry_and_is_settled_once_nobody_asks_for_it(
        self, tmp_path: Path
    ) -> None:
        refuse = Script(rcpt=lambda to: "550 5.1.1 nobody" if to.startswith("chef@") else None)
        with post(tmp_path, refuse) as acme:
            acme.write(subscriptions=self.SUBSCRIBED)
            acme.send()
            acme.send(again=True)
            [line] = standing_of(acme.places).wrong
            assert line == (
                "2025-03-01: 1 failed; segcore mail log acme --run 2025-03-01 says more, mend the address "
                f"chef@acme.example in entry 1 of {acme.study.subscriptions_path}, then segcore send "
                "acme/2025-03-01"
            )
            acme.write(subscriptions=self.SUBSCRIBED.replace("chef@", "chefin@"))
            acme.send()
            assert acme.got == ["chefin@acme.example"]
            assert standing_of(acme.places).lines == [
                "acme: 1 sent, 1 sent again later, 1 no longer asked for"
            ]

    def test_of_three_runs_it_is_told_and_mails_to_owners_count_as_none(self, tmp_path: Path) -> None:
        refuse = Script(rcpt=lambda to: "550 5.7.1 not you" if to.startswith("chef@") else None)
        with post(tmp_path, refuse) as acme:
            acme.write(subscriptions=self.SUBSCRIBED)
            acme.send()
            for month in (5, 6, 7, 8):
                failures.queue(acme.places, acme.study, failures.Failed(dt.date(2025, month, 1)), NOW)
            acme.timer(NOW)
            told = standing_of(acme.places).wrong
            assert told == [
                "2025-03-01: 1 failed; segcore mail log acme --run 2025-03-01 says more, "
                "segcore send acme/2025-03-01 --again tries once more"
            ]


class TestNotReached:
    """Who gets none though others do: each stands in the log, and in a dry run."""

    @pytest.fixture
    def without(self, acme: Post) -> Post:
        address = "case when rep = 'R001' then '' else lower(rep) || '@acme.example' end"
        acme.publish(replace=True, changed={"reps": f"select *, {address} as email from kept"})
        acme.write(subscriptions=SUBSCRIPTIONS.replace("rep: all", 'rep: all, except: ["R002"]'))
        return acme

    def test_the_others_get_theirs_if_one_representative_has_no_address(self, without: Post) -> None:
        sent = without.send()
        assert without.got == ["head@acme.example", "r000@acme.example", "r003@acme.example"]
        assert list(sent.lines) == [
            "warning: acme 2025-03-01: no mail to representative R001, Person001y: the reps source has no "
            'email for this number. Add it and make the run again, or write except: ["R001"] at rep: all',
            "acme 2025-03-01: 3 mails queued, 3 readers get nothing",
            "acme: 3 mails sent",
        ]
        with pytest.raises(PartlySentError) as told:
            sent.check()
        assert told.value.problems == (
            "acme 2025-03-01: 1 reader gets no mail for a reason that can be mended; "
            "segcore mail log acme --run 2025-03-01 says who, and why",
        )
        assert standing_of(without.places).wrong == [
            "2025-03-01: 1 left out; segcore mail log acme --run 2025-03-01 says more"
        ]

    def test_they_stand_in_the_log_on_its_page_and_in_a_dry_run(self, without: Post) -> None:
        page, _ = sending.dry_run(without.job(), MARCH)
        without.send()
        log = "\n".join(looking.log(without.root, "acme", run="2025-03-01").lines)
        shown = [
            page.read_text(encoding="utf-8"),
            (without.places.reports / "mail.html").read_text(encoding="utf-8"),
        ]
        for text in (log, *shown):
            assert "the reps source has no email for this number" in text
            assert "left out by except in entry 1" in text
        assert "Person001y without an address" in log
        [line] = looking.log(without.root, "acme", to="R002").lines
        assert line.endswith("own accounts R002; left out by except in entry 1")

    def test_own_accounts_of_somebody_without_an_address_go_to_no_other_one(self, without: Post) -> None:
        bound = "{rep: R001, to: me@acme.example, gets: own accounts}"
        without.write(subscriptions=f"subscriptions:\n  - {bound}\n  - {bound.replace('R001', 'R003')}\n")
        with pytest.raises(MailError) as told:
            without.send()
        assert told.value.problems == (
            f"{without.study.subscriptions_path}: entry 2, for representative R003: to must be the address "
            "of the reps source, for own accounts go to their owner only (got 'me@acme.example', the source "
            "has 'r003@acme.example')",
        )
        without.write(subscriptions=f"subscriptions:\n  - {bound}\n")
        without.send()
        assert without.got == []

    @pytest.mark.parametrize("change", ["", "select rep, name from kept"])
    def test_without_a_source_of_representatives_one_sentence_says_so(self, acme: Post, change: str) -> None:
        acme.publish(replace=True, changed={"reps": change})
        with pytest.raises(MailError) as told:
            acme.send()
        [sentence] = told.value.problems
        must = (
            "have a column for email, for own accounts go there"
            if change
            else ("be given, for own accounts go to the addresses in it")
        )
        assert sentence == (
            f"{acme.root}/params/acme.yaml: sources.reps must {must} (the run has none); add it and make the "
            f"run again, or take own accounts out of {acme.study.subscriptions_path}"
        )


def test_representatives_who_share_an_address_are_told_and_get_their_mails(acme: Post) -> None:
    shared = "select *, if(rep = 'R002', 'R001', lower(rep)) || '@acme.example' as email from kept"
    acme.publish(replace=True, changed={"reps": shared})
    assert acme.send().queued[0].told == (
        "warning: acme 2025-03-01: representatives R001 and R002 have one address, r001@acme.example; what "
        "is each one's own goes there",
    )
    assert len(acme.got) == 5


def test_why_sending_ended_early_is_told_after_some_were_sent(tmp_path: Path) -> None:
    senders: list[str] = []

    def answers(address: str) -> str | None:
        senders.append(address)
        return "550 5.7.1 you may not" if len(senders) > 2 else None

    with post(tmp_path, Script(mail=answers)) as acme:
        sent = acme.send()
        with pytest.raises(PartlySentError) as told:
            sent.check()
        why, waits = told.value.problems
        assert why.startswith("acme: the mail server 127.0.0.1:")
        assert "must take mails from segments@acme.example (it answered" in why
        assert waits.startswith("acme: 3 mails wait; ")


def test_a_server_that_drops_leaves_mails_in_doubt_and_the_timer_goes_on(tmp_path: Path) -> None:
    broken = Script(data=lambda address: DROP)
    with post(tmp_path, broken) as acme:
        sent = acme.send()
        with pytest.raises(PartlySentError, match="5 mails wait"):
            sent.check()
        broken.data = lambda address: None
        acme.timer(NOW + dt.timedelta(hours=3))
        assert acme.got == EACH


class TestFailure:
    """A run that failed is told to its owners, and nobody else hears of it."""

    ERROR = StageError.at("segment.py", 7, "segment.py, cell 7: customer 4711 of Canary0001z has no order")

    def fail(self, of: Post, date: dt.date = APRIL, error: StageError = ERROR) -> None:
        kept = of.places.failed(date)
        kept.mkdir(parents=True, exist_ok=True)
        with pytest.raises(StageError), announcing.announced(of.root, of.root / "params" / "acme.yaml", date):
            assert promised.promised(of.places) == [date]
            raise error

    def test_the_owners_learn_where_it_stopped_and_nothing_of_what_it_said(
        self, acme: Post, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.fail(acme)
        assert acme.got == ["owner@acme.example"]
        [mail] = acme.mails("owner@acme.example")
        body = mail.get_body(("plain",))
        assert body is not None
        text = " ".join(body.get_content().split())
        assert mail["Subject"] == "ACME customers: the run of 15 April 2025 failed"
        assert "It stopped in segment.py, cell 7." in text
        assert "is in runs/acme/.failed/2025-04-15 of the project" in text
        assert "Once it is mended, segcore run acme --date 2025-04-15 --send makes the run" in text
        raw = acme.server.got[0].raw
        for secret in (b"Canary", b"4711", str(acme.root).encode()):
            assert secret not in raw
        assert promised.promised(acme.places) == []
        assert capsys.readouterr().err == "segcore: the owners of acme were told of it by mail\n"

    def test_of_a_run_that_did_not_begin_the_owners_learn_how_to_look_closer(self, acme: Post) -> None:
        job = acme.job()
        failures.queue(job.places, job.study, failures.Failed(APRIL), NOW)
        sending.send_waiting(job, ())
        text = " ".join(acme.mails("owner@acme.example")[0].get_body(("plain",)).get_content().split())
        assert "segcore check acme --date 2025-04-15 says what is wrong with what was delivered." in text

    def test_the_same_failure_is_told_once_a_day(self, acme: Post) -> None:
        job = acme.job()
        failed = failures.Failed(APRIL, ("segment.py", 7))
        queued = [failures.queue(job.places, job.study, failed, at) for at in (NOW, NOW, LATER)]
        other = failures.Failed(APRIL, ("report.py", 2))
        assert [*queued, failures.queue(job.places, job.study, other, LATER)] == [1, 0, 1, 1]

    def test_without_a_server_the_failure_stays_the_error(
        self, acme: Post, capsys: pytest.CaptureFixture[str]
    ) -> None:
        acme.write(mail=MAIL.replace("PORT", "1"))
        self.fail(acme)
        assert "warning: not all mails about the failure are sent: the mail server" in capsys.readouterr().err
        acme.write()
        acme.timer(dt.datetime.now(dt.UTC).replace(day=1) + dt.timedelta(days=40))
        assert "owner@acme.example" in acme.got

    def test_a_study_without_mails_is_refused_before_the_run(self, acme: Post) -> None:
        acme.write(mail="")
        with pytest.raises(MailError), announcing.announced(acme.root, acme.study.path, APRIL):
            pytest.fail("the run must not begin")


def test_a_run_whose_machine_stopped_before_its_mails_were_queued_is_told_by_the_next_timer(
    acme: Post,
) -> None:
    promised.promise(acme.places, MARCH)
    promised.promise(acme.places, APRIL)
    acme.timer(NOW)
    assert acme.got == EACH
    assert promised.promised(acme.places) == [APRIL]


class TestDryRun:
    """What would be sent, as files."""

    def test_each_mail_is_a_file_as_it_would_go_out_and_nothing_is_queued(self, acme: Post) -> None:
        page, told = sending.dry_run(acme.job(), MARCH)
        assert told == ()
        assert page == acme.places.runs / ".dry-run" / "2025-03-01" / "index.html"
        files = sorted(page.parent.glob("*.eml"))
        assert len(files) == 5
        assert (page.parent.stat().st_mode & 0o777, page.parent.parent.stat().st_mode & 0o777) == (
            0o700,
            0o700,
        )
        assert not acme.places.outbox.exists()
        assert acme.got == []
        acme.send()
        sent = {one.to: one.raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1] for one in acme.server.got}
        for file in files:
            raw = file.read_bytes().replace(b"\r\n", b"\n")
            assert raw.split(b"\n\n", 1)[1].strip() in [body.strip() for body in sent.values()]

    def test_the_page_shows_every_mail_and_who_would_get_none(self, acme: Post) -> None:
        page, _ = sending.dry_run(acme.job(), MARCH)
        text = page.read_text(encoding="utf-8")
        assert text.count('<iframe sandbox=""') == 5
        assert "<li>board@acme.example, customers (segment: Lost): not due before" in text
        assert "not due before 2025-03-15" in text
        assert "script" not in text.lower().replace("script-src", "")

    @pytest.mark.parametrize("linked", ["", "2025-03-01"])
    def test_it_goes_to_no_other_place_by_a_link(self, acme: Post, tmp_path: Path, linked: str) -> None:
        (elsewhere := tmp_path / "elsewhere").mkdir()
        link = acme.places.runs / ".dry-run" / linked
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(elsewhere)
        mode = elsewhere.stat().st_mode
        with pytest.raises(MailError) as refused:
            sending.dry_run(acme.job(), MARCH)
        assert str(refused.value) == (
            f"{link}: must be a folder (it is a link to another place, where others may read); "
            "remove the link"
        )
        assert list(elsewhere.iterdir()) == []
        assert elsewhere.stat().st_mode == mode

    def test_it_needs_no_server(self, acme: Post) -> None:
        acme.write(mail=MAIL.replace("PORT", "1"))
        sending.dry_run(acme.job(to="R001"), MARCH)

    def test_who_is_named_is_shown_also_if_nothing_is_due(self, acme: Post) -> None:
        page, _ = sending.dry_run(acme.job(to="board@acme.example"), MARCH)
        assert len(list(page.parent.glob("*.eml"))) == 1

    def test_many_mails_stand_on_several_pages(self, acme: Post) -> None:
        acme.publish(replace=True, customers=60, reps=28, more=0)
        page, _ = sending.dry_run(acme.job(), MARCH)
        pages = sorted(path.name for path in page.parent.glob("*.html"))
        assert pages == ["index.html", "page-2.html"]
        assert 'href="page-2.html"' in page.read_text(encoding="utf-8")
        assert (page.parent / "page-2.html").read_text(encoding="utf-8").count("<iframe") == 4

    def test_verify_does_not_mind_it_nor_the_outbox(self, acme: Post) -> None:
        from segcore import archive

        sending.dry_run(acme.job(), MARCH)
        acme.send()
        assert archive.verify_all(acme.root / "runs", study="acme")


def test_neither_the_page_nor_the_log_holds_a_customer_or_a_folder_of_a_representative(acme: Post) -> None:
    acme.send()
    page = (acme.places.reports / "mail.html").read_text(encoding="utf-8")
    log = str([vars(entry) for entry in acme.log()]) + "\n".join(looking.log(acme.root, "acme").lines)
    folders = [Secret(SECRET).folder("acme", f"R00{number}") for number in range(4)]
    for text in (page, log):
        assert "r001@acme.example" in text
        assert [one for one in ("Canary", "K000", "intranet", *folders) if one in text] == []


def test_the_result_for_machines(acme: Post) -> None:
    told = json.loads(json.dumps(acme.send().as_json()))
    assert told == {
        "study": "acme",
        "runs": [
            {
                "run": "2025-03-01",
                "queued": 5,
                "had": 0,
                "made_again": 0,
                "skipped": 1,
                "lost": 0,
                "told": [],
                "amiss": 0,
            }
        ],
        "sent": 5,
        "waiting": 0,
        "failed": 0,
        "next": None,
        "told": [],
    }


def test_a_job_sends_at_the_moment_that_was_asked_for(acme: Post) -> None:
    job: Job = acme.job(LATER)
    assert abs((job.clock.now() - LATER).total_seconds()) < 60
