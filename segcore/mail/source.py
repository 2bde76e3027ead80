"""A published run, opened once for all mails about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from segcore import model, representatives, tables
from segcore.engine import open_engine
from segcore.errors import MailError
from segcore.params.file import load_study
from segcore.report import data
from segcore.report.sections import top
from segcore.representatives.frame import Frame, frame
from segcore.sentences import mails as say
from segcore.sentences import warnings as of_warnings
from segcore.temporary import Temporary

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.params import Mail, Study
    from segcore.report.data import Report
    from segcore.representatives import Secret

TABLES = (*representatives.TABLES, "customers", "customers_source", "transactions")
"""The tables of a run of which mails are made."""


@dataclass(frozen=True)
class Source:
    """What mails about a run are made of.

    Parameters
    ----------
    study
        The study of today: whom mails come from, and where they lead.
    kept
        The study as the run keeps it: what segments and amounts mean.
    run_dir, report_dir
        The folders of the published run, and of its files for people.
    engine
        Holds :data:`TABLES` as far as the run has them.
    secret
        Names the folders of representatives; None where nobody set one.
    scratch
        A folder for what is written to be attached.
    today, latest
        The day on which mails are made, and the date of the study's latest run; None where that is not said.
    """

    study: Study
    kept: Study
    run_dir: Path
    report_dir: Path
    engine: FileEngine
    secret: Secret | None
    scratch: Path
    today: dt.date | None = None
    latest: dt.date | None = None

    @property
    def run_date(self) -> dt.date:
        """The date of the run."""
        return dt.date.fromisoformat(self.run_dir.name)

    @property
    def mail(self) -> Mail:
        """What the study says of mails."""
        if self.study.mail is None:
            raise MailError(
                f"{self.study.path}: mail must be given, for mails come from somebody (it is missing)"
            )
        return self.study.mail

    @cached_property
    def report(self) -> Report:
        """What the report of the run says."""
        return data.load(self.kept, self.run_date, self.run_dir)

    @property
    def warned(self) -> list[str]:
        """What readers must know before acting, in few words that are of nobody; nothing for most runs."""
        if not (self.run_dir / "data" / "summary.json").exists():  # nobody has a report of it
            return []
        heads = [head for head, _ in top.warnings(self.report)]
        facts = self.report.facts
        old = (facts["newest_order"], facts["run_date"], self.kept.max_gap_days)
        newest = facts["newest_order"] if of_warnings.stale(*old) else None
        return [say.warned(heads, newest)] if heads else []

    def noted(self, days: Iterable[dt.date] = ()) -> list[str]:
        """What every mail begins with: warnings, and how old the run is if that matters.

        Parameters
        ----------
        days
            On which customers fall whom the mail names.
        """
        return [*self.warned, *self.aged(days)]

    def aged(self, days: Iterable[dt.date] = ()) -> list[str]:
        """How old the run is, if such days have come, or that of the next run; else nothing."""
        until = self.frame.until
        if self.today is None:
            return []
        past = sum(day <= self.today for day in days)
        due = until if until <= self.today else None
        return [say.aged(self.run_date, self.today, past, due)] if past or due else []

    @cached_property
    def names(self) -> dict[str, str]:
        """Representative → name, of those who have one."""
        return {rep: name for _, rep, name in representatives.people(self.engine) if name != rep}

    @cached_property
    def frame(self) -> Frame:
        """What the pages of representatives have in common."""
        return frame(self.engine, self.kept, model.read(self.run_dir / "model.json"))

    def link(self, *parts: str) -> str | None:
        """Where readers find a file of ``reports/STUDY/``; None where the study does not say."""
        base = self.mail.base_url
        return base and "/".join([base, *(quote(part) for part in (self.study.name, *parts))])


@contextmanager
def opened(study: Study, run_dir: Path, report_dir: Path, secret: Secret | None) -> Iterator[Source]:
    """A published run that is as it was sealed, with its tables at hand.

    Parameters
    ----------
    study
        The study of today.
    run_dir, report_dir
        The folders of the run, and of its files for people.
    secret
        Names the folders of representatives, if there is one.

    Raises
    ------
    MailError
        If the run keeps no table of who belongs to whom.
    """
    kept_at = run_dir / "study" / f"{study.name}.yaml"
    kept = load_study(kept_at) if kept_at.exists() else study
    with Temporary("mails") as scratch, open_engine(kept, run_dir, scratch) as engine:
        tables.load(engine, run_dir, *TABLES)
        if not engine.has("listed"):
            raise MailError(
                f"{run_dir}: the run must keep who belongs to whom (it does not, for an older segcore made "
                f"it); make it again with segcore run {study.name} --date {run_dir.name} --force"
            )
        yield Source(study, kept, run_dir, report_dir, engine, secret, scratch)
