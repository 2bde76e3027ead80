"""``segcore check``: what a run would make of the extracts at hand, without a run."""

from __future__ import annotations

from segcore.checking.looking import Checked, check_study
from segcore.checking.mending import write_refused
from segcore.checking.telling import as_json, told

__all__ = ["Checked", "as_json", "check_study", "told", "write_refused"]
