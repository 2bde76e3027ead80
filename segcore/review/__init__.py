"""What reviewers do with a published run: open a copy that runs, and see how two runs differ."""

from __future__ import annotations

from segcore.review.opening import Opened, open_copy

__all__ = ["Opened", "open_copy"]
