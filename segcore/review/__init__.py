"""What reviewers do with a published run: open a copy that runs, and see how two runs differ."""

from __future__ import annotations

from segcore.review.diffing import RunDiff, compare
from segcore.review.opening import Opened, open_copy
from segcore.review.repeating import Repetition, repeat
from segcore.review.telling import told

__all__ = ["Opened", "Repetition", "RunDiff", "compare", "open_copy", "repeat", "told"]
