"""Run folders: stage, seal, publish, open, verify.

A run works in a hidden folder. When it is done, a manifest with the hashes of all its files seals
it, and one rename publishes it; then nothing in it changes any more. What an earlier run holds is
read only after its hashes were compared. The ledger of a study says which runs must be there.
"""

from __future__ import annotations

from segcore.archive.after import AFTER, finish
from segcore.archive.expiring import belonging, expire
from segcore.archive.finding import (
    check_writable,
    earlier_runs,
    holds,
    is_backfill,
    latest_run,
    opened,
    previous_run,
    published,
    published_at,
    recorded_missing,
    recorded_runs,
    run_folder,
    run_of,
    stale,
    study_of,
)
from segcore.archive.ledger import Entry, Ledger, read_ledger, record
from segcore.archive.listing import Listed, list_runs, stale_advice, stale_dates, studies_in
from segcore.archive.lock import locked
from segcore.archive.manifest import Run, manifest_sha256, open_run, outputs_of, seal
from segcore.archive.own_pages import folders, noted
from segcore.archive.places import FOLDERS, MANIFEST, OUTBOX, REPORT, STUDY, TIMINGS, Places, date_of
from segcore.archive.printed import print_one
from segcore.archive.publishing import discard, heal, is_whole, kept_aside, publish, sealed, stage, take_out
from segcore.archive.unaltered import check_unaltered, differences, unrecorded
from segcore.archive.verify import gone, half_erased, missing, verify_all

__all__ = [
    "AFTER",
    "FOLDERS",
    "MANIFEST",
    "OUTBOX",
    "REPORT",
    "STUDY",
    "TIMINGS",
    "Entry",
    "Ledger",
    "Listed",
    "Places",
    "Run",
    "belonging",
    "check_unaltered",
    "check_writable",
    "date_of",
    "differences",
    "discard",
    "earlier_runs",
    "expire",
    "finish",
    "folders",
    "gone",
    "half_erased",
    "heal",
    "holds",
    "is_backfill",
    "is_whole",
    "kept_aside",
    "latest_run",
    "list_runs",
    "locked",
    "manifest_sha256",
    "missing",
    "noted",
    "open_run",
    "opened",
    "outputs_of",
    "previous_run",
    "print_one",
    "publish",
    "published",
    "published_at",
    "read_ledger",
    "record",
    "recorded_missing",
    "recorded_runs",
    "run_folder",
    "run_of",
    "seal",
    "sealed",
    "stage",
    "stale",
    "stale_advice",
    "stale_dates",
    "studies_in",
    "study_of",
    "take_out",
    "unrecorded",
    "verify_all",
]
