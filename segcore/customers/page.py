"""The page with all customers: one HTML file with its own data and its own script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segcore.charts import Colour
from segcore.customers.library import library
from segcore.customers.parts import Link
from segcore.customers.rows import Rows
from segcore.own_code import own_text
from segcore.report.parts import environment
from segcore.report.written import css, policy
from segcore.sentences import customers as say

if TYPE_CHECKING:
    from segcore.params import Study

FIRST = 500
"""How many rows the page shows where no script runs."""


@dataclass(frozen=True)
class Frame:
    """What all pages of a list have in common.

    Parameters
    ----------
    study, run_date, last_run
        The study, the date of the run, and that of the one before if there is one.
    palette
        Segment, best first → its colours.
    customers, gone
        How many are in the run, and how many are gone since the last one.
    lacking
        What the study asks of customers and the list says of none of them.
    """

    study: Study
    run_date: dt.date
    last_run: dt.date | None
    palette: Mapping[str, Colour]
    customers: int
    gone: int
    lacking: Sequence[str] = ()

    def page(self, heading: str, *, up: str = "", scripts: Sequence[str] = (), **more: Any) -> str:
        """A page of the list.

        Parameters
        ----------
        heading
            Its heading.
        up
            From the page to the folder of the report.
        scripts
            What it runs; nothing else can.
        more
            Other values of the template: rows, shown, columns, links, says.
        """
        from markupsafe import Markup

        given = {"links": (), "shown": (), "columns": (), "says": "", "rows": "", **more}
        template = environment().get_template("customers.html.j2")
        found = say.finding(self.customers, self.gone, self.run_date, self.last_run)
        return template.render(
            policy=policy(scripts),
            title=f"{heading}: {self.study.title}, {self.run_date}",
            css=Markup(css(self.palette, own_text("customers/page.css"))),
            up=up,
            back=say.back(self.run_date),
            heading=heading,
            finding=f"{found} {say.lacking(self.lacking)}" if self.lacking else found,
            scripts=[Markup(script) for script in scripts],
            **given,
        )

    def with_table(
        self, heading: str, rows: Rows, packed: str, *, links: Sequence[Link], up: str = ""
    ) -> str:
        """A page whose table can be searched.

        Parameters
        ----------
        heading
            Its heading.
        rows, packed
            The rows, and the same for the script with their cards, see :func:`segcore.customers.rows.packed`.
        links
            What is linked where no script runs.
        up
            From the page to the folder of the report.
        """
        return self.page(
            heading,
            up=up,
            scripts=(library(), script("page")),
            how=say.HOW_TO_READ,
            chips=[(place, colour.number) for place, colour in enumerate(self.palette.values())],
            old=say.WORDS["old"],
            rows=packed,
            columns=rows.columns,
            shown=rows.shown(FIRST),
            says=say.first_rows(min(FIRST, len(rows)), len(rows)),
            links=links,
        )


def script(name: str) -> str:
    """One of our own scripts."""
    return own_text(f"customers/{name}.js")
