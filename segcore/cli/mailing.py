"""Commands about mails: send those of a run, say who got what, read what came back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segcore.cli.common import AsJson, SomeStudy, day, print_json, project, study_name, study_path

if TYPE_CHECKING:
    import datetime as dt

    from segcore.mailing.sent import Sent

RunOrStudy = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN|STUDY",
        help="STUDY/RUN_DATE: mails about this run. STUDY: what waits, and what is due by the month.",
    ),
]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="WHO", help="Only to this address, representative's number, or name."),
]
SendWait = Annotated[
    float,
    typer.Option("--wait", metavar="MINUTES", help="Go on so long with mails that the server puts off."),
]


def send(
    named: RunOrStudy = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Write the mails as files and a page that shows them; send none."),
    ] = False,
    to: To = None,
    test_to: Annotated[
        str | None,
        typer.Option(
            "--test-to", metavar="ADDRESS", help="Send the mails to this address only; none counts as sent."
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Also to those who have had a mail, now that the run was made again."),
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Say what waits and what went wrong; send nothing.")
    ] = False,
    today: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="The day by which monthly mails are due.")
    ] = None,
    wait: SendWait = 0,
    as_json: AsJson = False,
) -> None:
    """Send the mails about a run, or those of a study that wait or are due by the month."""
    from segcore.errors import ParamsError

    _check(named, status=status, one_run={"--dry-run": dry_run, "--test-to": test_to, "--again": again})
    if status:
        _status(named, as_json=as_json)
        return
    from segcore.mailing import job, sending
    from segcore.mailing.asked import Asked
    from segcore.mailing.ready import named as run_named
    from segcore.params.file import load_study

    root = project()
    if named is None:
        raise ParamsError("segcore send must have a run or a study, like demo/2025-12-31 or demo")
    study_of, date = run_named(named, root)
    study = load_study(study_path(study_of, root))
    if again and date is None:
        raise ParamsError(
            f"--again must come with the run whose mails are sent again, like {study.name}/2025-12-31 (got "
            f"{named!r}); segcore status {study.name} names those of which mails were refused"
        )
    asked = Asked(day(today), job.moment(day(today) if today else None), again=again, to=to)
    if not (dry_run or test_to):
        check_today(today)
    todo = job.Job(root, study, asked, test_to=test_to, wait=60 * wait)
    if dry_run:
        page, told = sending.dry_run(todo, date)
        print_json({"page": page.as_posix()}) if as_json else print("\n".join([*told, str(page)]))
        return
    report(sending.send_run(todo, date) if date else sending.send_study(todo), as_json=as_json)


def check_today(today: str | None) -> None:
    """Refuse a day that is still to come: what is sent then would stand in the outbox as sent on it."""
    from segcore.errors import ParamsError

    if day(today) > day(None):
        raise ParamsError(
            f"--today must be no day after today, {day(None)} (got {today}), where mails are sent; with "
            "segcore send, --dry-run shows those of later days"
        )


def report(sent: Sent, *, as_json: bool = False) -> None:
    """Print what became of mails, and end with the exit code for it."""
    if as_json:
        print_json(sent.as_json())
    else:
        for line in sent.lines:
            print(line, flush=True)
    sent.check()


def after_run(
    root: Path, path: Path, *, run: dt.date | None, today: str | None, wish: Path | None = None
) -> Sent:
    """Send the mails of a run that was published, or what a timer finds to send where none was due."""
    from segcore.mailing import job, sending
    from segcore.mailing.asked import Asked
    from segcore.params.file import load_study

    asked = Asked(day(today), job.moment(day(today) if today else None))
    todo = job.Job(root, load_study(path), asked, wish=wish)
    sent = sending.send_run(todo, run) if run else sending.send_study(todo)
    for line in sent.lines:
        todo.tell(line)
    return sent


def log(
    study: SomeStudy = None,
    to: To = None,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="Only about this run: STUDY/RUN_DATE, or its date."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say who got which mails and when, and who got none and why."""
    from segcore.mailing import looking

    found = looking.log(project(), study_name(study), to=to, run=run)
    if as_json:
        print_json(found.as_json())
    else:
        for line in found.lines:
            print(line)


def bounces(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…", help="Mails that came back (.eml), or folders of them, also Maildir."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Read what servers report of mails that came back, and mark these mails."""
    from segcore.mailing import returned
    from segcore.mailing.job import moment

    found = returned.bounces(project(), files, moment(None))
    if as_json:
        print_json([one.as_json() for one in found])
    else:
        for line in returned.told(found):
            print(line)


def _status(named: str | None, *, as_json: bool) -> None:
    from segcore.errors import MailError
    from segcore.mailing.standing import standing

    found = standing(project(), study_name(named))
    if as_json:
        print_json({study: told.as_json() for study, told in found.items()})
    for told in () if as_json else found.values():
        for line in told.lines:
            print(line)
    if unread := [f"{study}: {one}" for study, told in found.items() for one in told.unread]:
        raise MailError(*unread)


def _check(named: str | None, *, status: bool, one_run: dict[str, object]) -> None:
    """Refuse options that do not go together."""
    from segcore.errors import ParamsError

    given = [option for option, value in one_run.items() if value]
    if status and given:
        raise ParamsError(f"segcore send --status must stand alone (got {', '.join(given)}); leave that out")
    if len(given) > 1 and "--again" not in given:
        raise ParamsError(f"segcore send must have one of {' and '.join(given)} (got both); leave one out")
