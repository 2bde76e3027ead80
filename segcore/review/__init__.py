"""What reviewers do with a published run: open a copy that runs, and see how two runs differ."""

from __future__ import annotations

from segcore.review.diffing import RunDiff, compare
from segcore.review.models import model_changes, model_lines, read_model
from segcore.review.opening import Opened, open_copy
from segcore.review.repeating import Repetition, repeat
from segcore.review.telling import told

__all__ = [
    "Opened",
    "Repetition",
    "RunDiff",
    "compare",
    "model_changes",
    "model_lines",
    "open_copy",
    "read_model",
    "repeat",
    "told",
]
