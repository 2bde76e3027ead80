"""Runs with mails about them, and all that a mail says."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pyarrow import parquet
from shared_projects import DATES
from small_archive import MARCH
from small_representatives import SECRET, STUDY, publish

from segcore.mail.contents import Source, letters, opened
from segcore.mail.letter import Attachment, Letter, Recipient
from segcore.mail.people import recipients
from segcore.mail.subscriptions import load_subscriptions
from segcore.params import Study
from segcore.params.file import load_study
from segcore.representatives import Secret

MAIL = "mail: {base_url: https://intranet.acme.example/reports, from: segments@acme.example}\n"
LAST = DATES[-1]
EMAILS = "select *, lower(rep) || '@acme.example' as email from kept"
"""Gives the representatives of ``small_representatives`` their addresses."""


def written(folder: Path, subscriptions: str, *, study: str = STUDY + MAIL, name: str = "acme") -> Study:
    """A study with subscriptions, one line of YAML for each, in ``folder/params``."""
    params = folder / "params"
    params.mkdir(parents=True, exist_ok=True)
    (params / f"{name}.yaml").write_text(study, encoding="utf-8")
    lines = "".join(f"  - {line}\n" for line in subscriptions.strip().split("\n"))
    (params / f"{name}.subscriptions.yaml").write_text(f"subscriptions:\n{lines}", encoding="utf-8")
    return load_study(params / f"{name}.yaml")


def published(
    folder: Path,
    subscriptions: str,
    *,
    emails: str = EMAILS,
    mail: str = MAIL,
    changed: Mapping[str, str] | None = None,
    **size: int,
) -> Study:
    """The same with a published run of MARCH, made of the tables of representatives only."""
    publish(folder, changed={"reps": emails, **(changed or {})}, **size)
    return written(folder, subscriptions, study=STUDY + mail)


@contextmanager
def source_of(
    root: Path, study: Study, date: dt.date = MARCH, *, secret: str | None = SECRET
) -> Iterator[Source]:
    """A published run, opened for mails."""
    run = root / "runs" / study.name / date.isoformat()
    with opened(study, run, run / "report", Secret(secret) if secret else None) as found:
        yield found


def mails_of(source: Source) -> Iterator[tuple[Recipient, Letter | None]]:
    """The mails of all who asked for some."""
    yield from letters(source, people_of(source))


def people_of(source: Source) -> list[Recipient]:
    found = recipients(source.study, source.engine, load_subscriptions(source.study))
    return [one for one in found if not one.skip]


def texts_in(said: Any) -> Iterator[str]:
    """Every text of a letter, however deep; attachments by their names only."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Attachment):
        yield said.name
    elif is_dataclass(said):
        yield from (text for field in fields(said) for text in texts_in(getattr(said, field.name)))
    elif isinstance(said, Sequence | frozenset | tuple) and not isinstance(said, bytes):
        yield from (text for one in said for text in texts_in(one))


def everything_in(letter: Letter) -> str:
    """Every text of a letter, and all bytes of its attachments and of what is packed in these."""
    return "\n".join([*texts_in(letter), *map(text_of, letter.attachments)])


def text_of(attachment: Attachment) -> str:
    """All bytes of an attachment and of what is packed in it, as text."""
    held = attachment.read()
    found = [held]
    if zipfile.is_zipfile(io.BytesIO(held)):
        with zipfile.ZipFile(io.BytesIO(held)) as members:
            found += [members.read(name) for name in members.namelist()]
    return "\n".join(one.decode("utf-8", "replace") for one in found)


# --- the small demo


def table(project: Path, name: str, date: dt.date = LAST) -> list[dict[str, Any]]:
    path = project / "runs" / "demo" / date.isoformat() / "data" / f"{name}.parquet"
    rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
    return rows


@contextmanager
def asked(
    demo: Path, folder: Path, subscriptions: str, date: dt.date = LAST, *, secret: str | None = "s" * 40
) -> Iterator[Source]:
    """A run of the small demo with other subscriptions; the study lies elsewhere, for nobody changes it."""
    text = (demo / "params" / "demo.yaml").read_text(encoding="utf-8")
    study = written(folder, subscriptions, study=text, name="demo")
    with source_of(demo, study, date, secret=secret) as source:
        yield source


def one(demo: Path, folder: Path, subscription: str, date: dt.date = LAST) -> Letter:
    """The only mail of a subscription."""
    with asked(demo, folder, subscription, date) as source:
        ((_, letter),) = mails_of(source)
    assert letter is not None
    return letter


def rows(letter: Letter) -> list[list[str]]:
    return [[cell.text for cell in row] for row in letter.tables[-1].rows]
