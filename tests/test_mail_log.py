"""Who got what, and why not: the log of an outbox, and the reports of servers on mails that came back."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from pathlib import Path

import pytest
from small_mail import NOW, mail, skip

from segcore import archive
from segcore.errors import MailError
from segcore.mail import bounces, log
from segcore.mail.answers import Answer
from segcore.mail.outbox import Outbox
from segcore.mail.rate import Limits
from segcore.mail.turns import Ended, Turns
from segcore.mailing import looking, returned
from segcore.mailing.standing import standing_of

ANNA, BERT, CARL = (f"{name}@acme.example" for name in ("anna", "bert", "carl"))
ANSWERS = {
    ANNA: Answer("taken", 250, "2.0.0 OK"),
    BERT: Answer("later", 450, "4.7.1 Greylisted"),
    CARL: Answer("refused", 550, "5.1.1 No such user"),
}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> archive.Places:
    """Three mails: one was sent, one waits, one was refused; and somebody got none."""
    monkeypatch.setenv("TZ", "UTC")
    found = archive.Places(tmp_path, "acme")
    found.runs.mkdir(parents=True)
    (found.runs / "ledger.jsonl").touch()
    with Outbox.open(found.outbox, make=True) as outbox:
        mails = [
            mail(ANNA, name="Anna", rep="0101", what="own accounts 0101", subject="31 March 2026: 3 moved"),
            mail(BERT),
            mail(CARL),
        ]
        outbox.add(mails, [skip("dora@acme.example", "not due before 2026-04-15")], NOW)
        turns = Turns(outbox, Limits(None))
        for _ in mails:
            begun = turns.next(NOW)
            assert begun is not None
            turns.step(None, begun, NOW)
            turns.step(Ended(begun, ANSWERS[begun.address], NOW), None, NOW)
    return found


def report(message_id: str, action: str = "failed", why: str = "smtp; 550 5.1.1 No such user") -> bytes:
    """A report on a delivery as Postfix writes it (RFC 3464)."""
    fields = f"Final-Recipient: rfc822; {ANNA}\nAction: {action}\nStatus: 5.1.1\nDiagnostic-Code: {why}\n"
    return (
        "From: MAILER-DAEMON@mx.example\nTo: segments@acme.example\nSubject: Undelivered\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nI am sorry.\n\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nSubject: ours\nMessage-ID: {message_id}\n\n--b--\n"
    ).encode()


def message_id(places: archive.Places, address: str) -> str:
    with Outbox.open(places.outbox) as outbox:
        return next(entry.message_id for entry in outbox.log() if entry.address == address)


def test_the_log_says_when_to_whom_what_and_what_the_server_answered(places: archive.Places) -> None:
    assert list(looking.log(places.root, "acme").lines) == [
        "2026-03-31  sent      2026-04-01 06:00  Anna <anna@acme.example>  own accounts 0101; "
        "31 March 2026: 3 moved; 250 2.0.0 OK",
        "2026-03-31  queued    2026-04-01 06:00  bert@acme.example  report; report; 450 4.7.1 Greylisted; "
        "next attempt 2026-04-01 06:01",
        "2026-03-31  failed    2026-04-01 06:00  carl@acme.example  report; report; 550 5.1.1 No such user",
        "2026-03-31  skipped   2026-04-01 06:00  dora@acme.example  report; not due before 2026-04-15",
    ]


def test_a_mail_that_was_tried_often_has_a_line_for_each_earlier_attempt(places: archive.Places) -> None:
    with Outbox.open(places.outbox) as outbox:
        turns, later = Turns(outbox, Limits(None)), NOW + dt.timedelta(hours=1)
        begun = turns.next(later)
        assert begun is not None
        turns.step(None, begun, later)
        turns.step(Ended(begun, ANSWERS[ANNA], later), None, later)
    assert list(looking.log(places.root, "acme", to=BERT).lines) == [
        "2026-03-31  sent      2026-04-01 07:00  bert@acme.example  report; report; 2 attempts; 250 2.0.0 OK",
        "            2026-04-01 06:00  450 4.7.1 Greylisted",
    ]


@pytest.mark.parametrize("who", ["0101", "anna", "ANNA@acme.example"])
def test_it_can_be_asked_for_one_reader(places: archive.Places, who: str) -> None:
    [told] = looking.log(places.root, None, to=who).as_json()
    assert (told["study"], told["address"], told["state"]) == ("acme", ANNA, "sent")
    assert told["tries"] == [
        {"at": "2026-04-01T06:00:00+00:00", "state": "sent", "code": 250, "answer": "2.0.0 OK"}
    ]


def test_it_can_be_asked_for_one_run(places: archive.Places) -> None:
    assert len(looking.log(places.root, None, run="acme/2026-03-31").as_json()) == 4
    with pytest.raises(MailError, match="--run must be a run of acme"):
        looking.log(places.root, "acme", run="2026-02-28")
    with pytest.raises(MailError) as told:
        looking.log(places.root, "acme", run="yesterday")
    assert str(told.value) == "--run must be a run, like demo/2025-12-31, or its date (got 'yesterday')"
    with pytest.raises(MailError, match="must be a run of acme"):
        looking.log(places.root, "acme", run="demo/2026-03-31")
    with pytest.raises(MailError, match="'acne' must be a study of this project"):
        looking.log(places.root, "acne")


def test_the_log_holds_nothing_of_what_stands_in_a_mail_and_no_link(places: archive.Places) -> None:
    told = "\n".join(
        [*looking.log(places.root, "acme").lines, str(looking.log(places.root, "acme").as_json())]
    )
    assert "Read." not in told
    assert "http" not in told


def test_how_mails_stand_names_the_runs_with_trouble(places: archive.Places) -> None:
    standing = standing_of(places)
    assert standing.lines == [
        "acme: 1 queued, 1 sent, 1 failed, 1 skipped; the next attempt is due 2026-04-01 06:01",
        "  2026-03-31: 1 queued, 1 failed; segcore mail log acme --run 2026-03-31 says more",
    ]
    assert standing.as_json()["next"] == "2026-04-01T06:01:00+00:00"


def test_an_outbox_that_cannot_be_read_is_told(places: archive.Places) -> None:
    places.outbox.write_bytes(b"something else, and longer than a header of SQLite is: " + b"x" * 100)
    [problem] = standing_of(places).wrong
    assert problem.startswith(f"{places.outbox} must be an outbox (it is none, or damaged)")


class TestBounces:
    """Reports of servers on mails that came back."""

    def read(self, places: archive.Places, *reports: bytes) -> list[str]:
        folder = places.root / "back"
        folder.mkdir(exist_ok=True)
        for number, raw in enumerate(reports):
            (folder / f"{number}.eml").write_bytes(raw)
        found = returned.bounces(places.root, [folder], NOW)
        return [one.line.removeprefix(f"{folder}/") for one in found]

    def test_the_mail_is_marked_and_the_log_says_why(self, places: archive.Places) -> None:
        about = message_id(places, ANNA)
        assert self.read(places, report(about)) == [
            "acme 2026-03-31: the mail to anna@acme.example came back: 550 5.1.1 No such user"
        ]
        [told] = looking.log(places.root, "acme", to=ANNA).as_json()
        assert (told["state"], told["why"]) == ("bounced", "550 5.1.1 No such user")
        assert self.read(places, report(about))[0].endswith("No such user (marked before)")
        assert "kam zurück" not in (places.reports / "mail.html").read_text(encoding="utf-8")
        assert "came back" in (places.reports / "mail.html").read_text(encoding="utf-8")

    def test_what_marks_nothing_is_told(self, places: archive.Places) -> None:
        plain = EmailMessage()
        plain["Subject"] = "Out of office"
        plain.set_content("I am away.")
        assert self.read(
            places,
            report("<0123@elsewhere.example>"),
            plain.as_bytes(),
            report(message_id(places, ANNA), "delayed"),
            report(message_id(places, BERT)),
        ) == [
            "0.eml: is about a mail that no outbox of this project knows (<0123@elsewhere.example>)",
            "1.eml: no report on a delivery; it marks nothing",
            "2.eml: the server of anna@acme.example says delayed; it marks nothing",
            "3.eml: is about a mail to bert@acme.example that is queued; it marks nothing",
        ]

    def test_of_a_folder_with_other_mails_only_their_number_is_told(self, places: archive.Places) -> None:
        folder = places.root / "inbox"
        folder.mkdir()
        for number in range(3):
            (folder / f"{number}.eml").write_text("Subject: hello\n\nHello.\n")
        found = returned.bounces(places.root, [folder], NOW)
        assert list(returned.told(found)) == ["3 mails are no reports on deliveries; they mark nothing"]
        assert list(returned.told(found[:1])) == [
            f"{folder}/0.eml: no report on a delivery; it marks nothing"
        ]

    def test_a_maildir_is_read(self, places: archive.Places) -> None:
        for part in ("new", "cur", "tmp"):
            (places.root / "Maildir" / part).mkdir(parents=True)
        (places.root / "Maildir" / "new" / "1.host").write_bytes(report(message_id(places, ANNA)))
        (places.root / "Maildir" / "tmp" / "2.host").write_bytes(b"half")
        [one] = returned.bounces(places.root, [places.root / "Maildir"], NOW)
        assert one.mail == ("acme", "2026-03-31", ANNA)

    def test_a_file_that_is_not_there_is_an_error(self, places: archive.Places) -> None:
        with pytest.raises(MailError) as told:
            returned.bounces(places.root, [Path("nowhere.eml")], NOW)
        assert str(told.value) == (
            "nowhere.eml: must be a mail (.eml) or a folder of mails that can be read "
            "(No such file or directory)"
        )

    def test_the_whole_mail_may_be_in_the_report(self) -> None:
        whole = report("<a@acme.example>").replace(b"text/rfc822-headers", b"message/rfc822")
        assert bounces.report(whole) == bounces.Report("<a@acme.example>", "failed", "550 5.1.1 No such user")

    @pytest.mark.parametrize(
        "why",
        [
            "smtp; 550 \x1b[31mred\x07",
            "smtp; " + "long " * 400,
            "smtp;",
            "x",
            "smtp; <script>alert(1)</script>",
        ],
    )
    def test_an_answer_is_one_short_line_of_plain_text(self, why: str) -> None:
        found = bounces.report(report("<a@acme.example>", why=why))
        assert found is not None
        assert found.why.isprintable()
        assert 0 < len(found.why) <= bounces.LINE

    @pytest.mark.parametrize("cut", range(0, 600, 37))
    def test_a_report_that_is_cut_off_is_none_or_one(self, cut: int) -> None:
        bounces.report(report("<a@acme.example>")[:cut])


def test_a_line_of_the_log_names_the_edition_of_a_mail_that_was_sent_again(places: archive.Places) -> None:
    with Outbox.open(places.outbox) as outbox:
        outbox.add([mail(ANNA, edition=2, what="own accounts 0101")], [], NOW)
        entry = next(entry for entry in outbox.log() if entry.edition == 2)
    assert log.matter(entry) == "own accounts 0101, mail 2 about this run"


@pytest.mark.parametrize("address", [CARL, CARL.upper()])
def test_a_mail_that_was_sent_again_is_settled(places: archive.Places, address: str) -> None:
    (places.runs / "2026-03-31").mkdir()
    again = ", segcore send acme/2026-03-31 --again tries once more"
    [line] = standing_of(places).wrong
    assert line.endswith(f"1 queued, 1 failed; segcore mail log acme --run 2026-03-31 says more{again}")
    with Outbox.open(places.outbox) as outbox:
        outbox.add([mail(address, edition=2)], [], NOW)
        assert [entry.address for entry in log.lost(outbox.log())] == [CARL]
        turns, later = Turns(outbox, Limits(None)), NOW
        begun = turns.next(later)
        assert begun is not None
        turns.step(None, begun, later)
        turns.step(Ended(begun, ANSWERS[ANNA], later), None, later)
        assert log.lost(outbox.log()) == []
    standing = standing_of(places)
    assert standing.lines[0].startswith("acme: 1 queued, 2 sent, 1 skipped, 1 sent again later; ")
    assert standing.as_json()["counts"]["failed"] == 0
    assert standing.wrong == ["2026-03-31: 1 queued; segcore mail log acme --run 2026-03-31 says more"]
