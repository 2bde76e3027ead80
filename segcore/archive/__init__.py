"""Run folders: stage, seal, publish, open, verify.

A run works in a hidden folder. When it is done, a manifest with the hashes of all its files seals
it, and one rename publishes it; then nothing in it changes any more. What an earlier run holds is
read only after its hashes were compared.
"""

from __future__ import annotations

from segcore.archive.finding import (
    check_writable,
    earlier_runs,
    latest_run,
    previous_run,
    published,
    recorded_runs,
    run_folder,
    study_of,
)
from segcore.archive.listing import Listed, list_runs, stale, verify_all
from segcore.archive.lock import locked
from segcore.archive.manifest import Run, open_run, seal
from segcore.archive.places import MANIFEST, PARTS, REPORT, STUDY, TIMINGS, UNSEALED, Places, date_of
from segcore.archive.project import enter_project
from segcore.archive.publishing import finish, heal, publish, rebuild_index, set_aside, stage, sync_reports
from segcore.archive.verifying import check_unaltered, differences

__all__ = [
    "MANIFEST",
    "PARTS",
    "REPORT",
    "STUDY",
    "TIMINGS",
    "UNSEALED",
    "Listed",
    "Places",
    "Run",
    "check_unaltered",
    "check_writable",
    "date_of",
    "differences",
    "earlier_runs",
    "enter_project",
    "finish",
    "heal",
    "latest_run",
    "list_runs",
    "locked",
    "open_run",
    "previous_run",
    "publish",
    "published",
    "rebuild_index",
    "recorded_runs",
    "run_folder",
    "seal",
    "set_aside",
    "stage",
    "stale",
    "study_of",
    "sync_reports",
    "verify_all",
]
