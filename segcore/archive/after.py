"""What follows publishing: the copies for people, the dashboard, and the page that lists them.

Each step can be done at any time and any number of times; it makes what there must be from what is
published. A run walks the table when it has published, and so does whoever repairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from segcore.archive import copies, dashboards, gone_pages, index, mail_pages, own_pages, printed
from segcore.archive.places import Places
from segcore.files import flush


@dataclass(frozen=True)
class Step:
    """One thing that follows publishing.

    Parameters
    ----------
    missing
        The files and folders that are not as the published runs would have them.
    do
        Makes them so; says what a user should know about it, one sentence each.
    """

    missing: Callable[[Places], Sequence[Path]]
    do: Callable[[Places], Sequence[str]]


def finish(places: Places) -> list[str]:
    """Do all that follows publishing; the caller holds the study's lock.

    Returns
    -------
    list of str
        What a user should know about it, one sentence each.
    """
    told = [sentence for step in AFTER.values() for sentence in step.do(places)]
    flush(places.root)  # in a new project, reports/ is new as well
    return told


AFTER: dict[str, Step] = {
    "reports": Step(copies.missing, copies.write),
    "expired": Step(gone_pages.missing, gone_pages.write),
    "pdf": Step(printed.missing, printed.write),
    "dashboard": Step(dashboards.missing, dashboards.write),
    "mail": Step(mail_pages.missing, mail_pages.write),
    "index": Step(index.missing, index.write),
    "representatives": Step(own_pages.missing, own_pages.write),
}
