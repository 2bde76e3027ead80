"""``reports/STUDY/dashboard.html``: what the published runs of a study show together."""

from __future__ import annotations

import os
from pathlib import Path

from segcore.archive.copies import keep_aside
from segcore.archive.finding import published
from segcore.archive.ledger import read_ledger
from segcore.archive.manifest import manifest_sha256
from segcore.archive.marked import is_ours, marked, there
from segcore.archive.places import Places
from segcore.dashboard import page
from segcore.files import flush, make_folder, remove_partial, write_text


def missing(places: Places) -> list[Path]:
    """The dashboard, if it is not what the published runs make it.

    The page names the hashes of the manifests that it was made of, and what made it; so nothing of a run
    but its manifest is read.
    """
    path = path_of(places)
    text, source = there(path), _source(places)
    if source is None:
        return [path] if is_ours(text) else []
    return [] if is_ours(text) and page.source_of(text) == source else [path]


def write(places: Places) -> list[str]:
    """Write the dashboard from what is published now; says where it kept an edited one."""
    path, source, told = path_of(places), _source(places), []
    if not missing(places):
        return []
    if source is None:
        path.unlink()
        flush(path.parent)
        return []
    if os.path.lexists(path) and not is_ours(there(path)):
        told.append(keep_aside(path, places.edited / path.name))
    make_folder(path.parent)
    remove_partial(path.parent)
    expired = read_ledger(places.runs).expired
    made = page.render(places.study, published(places.runs), source, expired)
    write_text(path, marked(made), durable=True)
    return told


def edited(places: Places) -> list[str]:
    """What to say of a dashboard that somebody edited: nothing if nobody did."""
    path = path_of(places)
    if not os.path.lexists(path) or is_ours(there(path)):
        return []
    return [f"{path}: must be as it was written (it was edited); a right one is written in its place"]


def path_of(places: Places) -> Path:
    """Where the page is."""
    return places.reports / page.PAGE


def _source(places: Places) -> str | None:
    """The fingerprint of what the page is made of, None without a published run."""
    runs = [(folder.name, manifest_sha256(folder) or "") for folder in published(places.runs)]
    return page.source(runs, read_ledger(places.runs).expired) if runs else None
