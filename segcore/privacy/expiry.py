"""How long a study keeps its runs, and which of them are kept longer than that."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from segcore import archive
from segcore.archive import Ledger, Places
from segcore.archive.places import date_of, dated
from segcore.dates import one_before
from segcore.runner.kept_model import holders

if TYPE_CHECKING:
    from segcore.params import Study


@dataclass(frozen=True)
class Expiry:
    """What of a study is past its retention on a day.

    Parameters
    ----------
    study
        The study, which says ``retention``.
    places
        Its folders.
    today
        The day.
    """

    study: Study
    places: Places
    today: dt.date

    @property
    def limit(self) -> dt.date:
        """What is of an earlier day goes."""
        return one_before(self.today, self.study.retention or "9999 years")

    def takes(self, day: dt.date | None) -> bool:
        """Whether something of a day goes."""
        return day is not None and day < self.limit

    @property
    def why(self) -> str:
        """Why something goes."""
        return f"past the retention of {self.study.retention}"

    @cached_property
    def ledger(self) -> Ledger:
        """What the study's ledger says when it is asked first."""
        return archive.read_ledger(self.places.runs)

    def runs(self) -> list[dt.date]:
        """The dates of the published runs that go, ascending: those that are past it and need not stay."""
        return [date for date in self._published if self.takes(date) and date not in self.staying]

    def past(self) -> list[str]:
        """The runs that go: published ones by their dates, those that are kept aside by their folders."""
        aside = (folder.name for folder in self.places.asides())
        return [*map(str, self.runs()), *(name for name in aside if self.takes(date_of(name[:10])))]

    @cached_property
    def staying(self) -> list[dt.date]:
        """The dates of published runs that are past it and stay, for no later one holds breaks in use."""
        dates = self._published
        later = [date for date in dates if not self.takes(date)]
        keeps = self.study.breaks.policy != "refit"
        used = {self.study.breaks.at(date) for date in (*later, self.today) if keeps}
        stay: set[dt.date] = set()
        for date in {date for date in used if date} - set(later):
            held = [found for folder in holders(self.places, date) if (found := date_of(folder.name))]
            if not set(held) & set(later):
                stay |= {date} & set(dates) or set(held[-1:])
        return sorted(stay)

    @cached_property
    def _published(self) -> list[dt.date]:
        """The dates of the runs that must be published, and of the folders that say they are."""
        there = {date for folder in dated(self.places.runs) if (date := date_of(folder.name))}
        return sorted(there | {date for date in self.ledger.dates if self.ledger.standing(date)})
