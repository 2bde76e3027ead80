"""The page of the dashboard: one HTML file with its own data and its own scripts."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from segcore import language
from segcore.charts import Colour
from segcore.dashboard.changes import changes
from segcore.dashboard.kit import MADE_BY, Kit, kit, made_by
from segcore.dashboard.made_after import Expired
from segcore.dashboard.pairs import pairs
from segcore.dashboard.reading import Seen, seen
from segcore.dashboard.rows import days, ends, lines, most
from segcore.dashboard.sections import sections
from segcore.outputs import PAGE as REPORT
from segcore.own_code import code_sha256, own_text
from segcore.report import site
from segcore.report.parts import environment
from segcore.report.written import css, policy
from segcore.sentences import dashboard as say
from segcore.sentences import stale_runs, two_runs
from segcore.wording import MINUS

PAGE = site.DASHBOARD

SOURCE = re.compile(r'<meta name="segcore-source" content="([0-9a-f]{64})">')


def source(runs: Sequence[tuple[str, str]], expired: Expired = ()) -> str:
    """The fingerprint of what a dashboard is made of: the runs, by date and hash, and the code.

    Parameters
    ----------
    runs
        The published runs: run date, hash of the manifest.
    expired
        As for :func:`render`.
    """
    gone = (f"{date} {sha256} expired" for date, sha256 in sorted(expired))
    told = [*(f"{date} {sha256}" for date, sha256 in runs), *gone, _code()]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def source_of(text: str) -> str | None:
    """The fingerprint that a page says it was made of, None if it says none."""
    found = SOURCE.search(text, 0, 2000)
    return found[1] if found else None


def render(study: str, folders: Sequence[Path], made_of: str, expired: Expired = ()) -> str:
    """The page; the same runs give the same text.

    Parameters
    ----------
    study
        Its name.
    folders
        Its published runs, ascending; not none.
    made_of
        Their :func:`source`.
    expired
        Run dates and hashes of the runs that were removed because they were kept long enough.
    """
    found = seen(study, folders, expired)
    several = bool(found.runs) and len(found.dates) > 1
    draws = kit(folders[0].parents[1], made_by()) if several else None
    with language.spoken(found.language):
        return _made(study, found, made_of, draws)


def _made(study: str, found: Seen, made_of: str, draws: Kit | None) -> str:
    if not found.runs:
        return _filled(say.title(study), made_of, told=[say.NONE], palette={})
    told = [say.unread(found.unread), stale_runs.named(found.stale, study)]
    more: dict[str, Any] = {"newest": f"{found.last.date}/{REPORT}", "lead": [f"{say.span(found.dates)}."]}
    if draws is None:
        told.append(say.FIRST)
    else:
        more |= _shown(found, draws)
    title = say.title(str(found.last.told["title"]))
    return _filled(title, made_of, told=[text for text in told if text], palette=found.palette, **more)


def _shown(found: Seen, draws: Kit) -> dict[str, Any]:
    """What the template needs for the sections, their charts and their script."""
    changed = changes(found)
    made = sections(found, changed)
    compared = pairs(found)
    drawn = {section.name: section.drawn for section in made if section.drawn}
    held = {
        "specs": draws.specs,
        "rows": {**drawn, "lines": lines(changed), "ends": ends(found), "most": most(found)},
        "pairs": compared,
        "days": days(found),
        "panels": say.PANELS,
        "charts": say.CHARTS,
        "locale": _locale(),
        "words": {"difference": say.HEADS["difference"], "all": say.HEADS["all"], **say.CONTROLS},
    }
    runs = list(enumerate(compared["runs"]))
    return {"sections": made, "held": held, "runs": runs, "library": draws.library}


def _filled(
    title: str, made_of: str, *, told: Sequence[str], palette: Mapping[str, Colour], **more: Any
) -> str:
    """The template with its values."""
    from markupsafe import Markup

    held, library = more.pop("held", None), more.pop("library", "")
    scripts = [own_text("dashboard/early.js"), library, own_text("dashboard/page.js")] if held else []
    given = {"sections": (), "runs": (), "lead": (), "newest": "", **more}
    text = (
        environment()
        .get_template("dashboard.html.j2")
        .render(
            source=made_of,
            policy=policy(scripts),
            title=title,
            css=Markup(css(palette, own_text("dashboard/page.css"))),
            told=told,
            words=say.CONTROLS,
            numbers=say.NUMBERS,
            measures=list(say.MEASURES.items()),
            no_script=say.NO_SCRIPT,
            went=two_runs.WENT,
            scripts=[Markup(script) for script in scripts],
            data=Markup(_json(held)),
            **given,
        )
    )
    return text.rstrip("\n") + "\n"


def _json(held: Any) -> str:
    """Data for a script as text that no browser takes for anything else."""
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _locale() -> dict[str, Any]:
    """How the axes write numbers and dates, as Vega asks for it."""
    told = say.LOCALE
    days = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    return {
        "number": {
            "decimal": told["decimal"],
            "thousands": told["thousands"],
            "percent": told["percent"],
            "grouping": [3],
            "currency": ["", ""],
            "minus": MINUS,
        },
        "time": {
            "dateTime": "%x",
            "date": told["date"],
            "time": "%X",
            "periods": ["", ""],
            "days": days,
            "shortDays": days,
            "months": told["months"],
            "shortMonths": told["short"],
        },
    }


@lru_cache(maxsize=1)
def _code() -> str:
    """The hash of what makes the page, so that another segcore makes it again.

    That is all of segcore: templates, styles, numbers and sentences come from everywhere in it.
    """
    packages = [f"{name} {version(name)}" for name in MADE_BY]
    return hashlib.sha256("\n".join([*packages, code_sha256()]).encode()).hexdigest()
