"""``reports/index.html``: the runs of all studies, as a page that needs nothing but itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from segcore import language
from segcore.errors import ArchiveError
from segcore.outputs import NOTEBOOKS, ON_PAPER, OUTPUTS, PAGE, PAPER
from segcore.own_code import own_text
from segcore.report.parts import environment
from segcore.report.summary import summary
from segcore.report.written import css, policy
from segcore.wording import count, long_date, plural

if TYPE_CHECKING:
    from markupsafe import Markup

DASHBOARD = "dashboard.html"
"""The page about all runs of a study, in its folder."""

MAILS = "mail.html"
"""The page about who got which mails, in the same folder."""


@dataclass(frozen=True)
class Told:
    """What the page says of a run, from its summary.

    Parameters
    ----------
    title
        The study's title.
    customers, change
        How many there are, and by how many that differs from the run before; None for a first run.
    up, down
        How many customers moved; None for a first run.
    parts
        The segments that have anybody in them: customers, fill, outline.
    says
        The segments in words.
    warnings
        What the run warns of.
    """

    title: str
    customers: int
    change: int | None
    up: int | None
    down: int | None
    parts: Sequence[dict[str, Any]]
    says: str
    warnings: Sequence[str]


@dataclass(frozen=True)
class ListedRun:
    """One published run: its date, where its page is, its other files (name, link, what they are), what
    its summary says if it has one, and why it should be made again if it should."""

    date: dt.date
    href: str
    files: Sequence[tuple[str, str, str]]
    told: Told | None
    stale: str = ""


@dataclass(frozen=True)
class Withdrawn:
    """A run that is published no more: its date, when that was decided, and why."""

    date: dt.date
    on: dt.date
    because: str


@dataclass(frozen=True)
class ListedStudy:
    """A study with its published runs, the newest first, the withdrawn ones, if they can be read, and the
    link to the page about all of its runs, "" if it has none, that to the page about its mails likewise.
    Its language is that of its newest run."""

    name: str
    runs: Sequence[ListedRun]
    withdrawn: Sequence[Withdrawn] = ()
    readable: bool = True
    dashboard: str = ""
    mails: str = ""
    language: str = "en"

    @property
    def title(self) -> str:
        """The study's title as in its newest run."""
        return next((run.told.title for run in self.runs if run.told), self.name)

    @property
    def latest(self) -> str:
        """The newest run in a few words."""
        run = self.runs[0] if self.runs else None
        if run is None or run.told is None:
            return ""
        who = plural(run.told.customers, language.say("customer"), language.say("customers"))
        return language.say("{customers} on {day}", customers=who, day=long_date(run.date))


def listed(
    study: str, folders: Sequence[Path], withdrawn: Sequence[Withdrawn] = (), *, stale: Mapping[str, str]
) -> ListedStudy:
    """A study as the page lists it.

    Parameters
    ----------
    study
        Its name.
    folders
        Its published runs, ascending.
    withdrawn
        Its withdrawn runs, ascending.
    stale
        Run date → why that run should be made again.
    """
    found = {folder: _summary(folder) for folder in reversed(folders)}
    spoken = str(next((summed.get("language") for summed in found.values() if summed), "en"))
    spoken = spoken if spoken in language.LANGUAGES else "en"  # also of runs that do not say it
    with language.spoken(spoken):
        runs = [_run(study, *one, stale.get(one[0].name, "")) for one in found.items()]
    over = f"{study}/{DASHBOARD}" if runs else ""
    return ListedStudy(study, runs, tuple(reversed(withdrawn)), dashboard=over, language=spoken)


def page(studies: Sequence[ListedStudy]) -> str:
    """The page; the same runs give the same text.

    Each study stands there in its own language; what stands around them is in English, unless all
    studies share another language.
    """
    looks = "\n".join(map(own_text, ("report/templates/fragments.css", "report/layout/page.css")))
    from markupsafe import Markup

    shown = [study for study in studies if study.runs or study.withdrawn or not study.readable]
    spoken = {study.language for study in shown}
    with language.spoken(spoken.pop() if len(spoken) == 1 else "en"):
        template = environment().get_template("site.html.j2")
        return template.render(
            studies=[_section(study) for study in shown], css=Markup(looks), policy=policy()
        )


def expired(study: str, title: str, day: dt.date, on: dt.date) -> str:
    """The page in the place of a report that was removed, for whoever follows a link to it.

    Parameters
    ----------
    study, title
        The study: its name, and its title.
    day
        The run date of the report.
    on
        When it was removed.
    """
    from markupsafe import Markup

    return (
        environment()
        .get_template("gone.html.j2")
        .render(
            policy=policy(),
            css=Markup(css({})),
            title=language.say("The report of {day}", day=long_date(day)),
            study=title,
            anchor=quote(study),
            day=day,
            on=on,
        )
    )


def _section(study: ListedStudy) -> Markup:
    from markupsafe import Markup

    with language.spoken(study.language):
        made = environment().get_template("site_study.html.j2").render(study=study)
    return Markup(made.rstrip("\n"))


def _summary(folder: Path) -> dict[str, Any]:
    """The summary of a run, empty if it cannot be read."""
    try:
        return dict(summary(folder))
    except (ArchiveError, OSError, ValueError, TypeError):
        return {}


def _run(study: str, folder: Path, summed: dict[str, Any], stale: str) -> ListedRun:
    place = Path(study) / folder.name
    try:
        told = _told(summed)
    except (ValueError, TypeError, KeyError, AttributeError):
        told = None  # the run is listed all the same; verify says what is wrong with it
    date, files = dt.date.fromisoformat(folder.name), _files(folder / "report", place)
    if (folder.parents[2] / "reports" / place / PAPER).is_file():  # it is no part of the run
        files.append((PAPER, (place / PAPER).as_posix(), language.say(ON_PAPER)))
    return ListedRun(date, (place / PAGE).as_posix(), files, told, stale)


def _files(report: Path, place: Path) -> list[tuple[str, str, str]]:
    """The files of a run beside its page: name, link, and what they are."""
    there = sorted(path.name for path in report.iterdir() if path.is_file()) if report.is_dir() else []
    names = [name for name in dict.fromkeys((*OUTPUTS, *there)) if name in there and name != PAGE]
    beside = [
        (name, (place / name).as_posix(), language.say(OUTPUTS[name].what) if name in OUTPUTS else name)
        for name in names
    ]
    pages = [page for page in NOTEBOOKS.values() if (report / page).is_file()]
    # The first leads to the others.
    what = language.say("the executed notebooks: the code that made every number, and what it put out")
    return [*beside, *(("notebooks", (place / page).as_posix(), what) for page in pages[:1])]


def _told(summed: dict[str, Any]) -> Told:
    moves, segments = summed["moves"], summed["segments"]
    return Told(
        title=str(summed["title"]),
        customers=int(summed["customers"]),
        change=summed.get("change"),
        up=int(moves["up"]) if moves else None,
        down=int(moves["down"]) if moves else None,
        parts=[{"customers": s["customers"], **s["colour"]} for s in segments if s["customers"]],
        says=", ".join(f"{s['segment']} {count(s['customers'])}" for s in segments),
        warnings=[str(text) for text in summed["warnings"]],
    )
