"""In what two published runs differ: what went in, and what came out.

Parts of the manifest come first, then customers by the segments they left and entered, tables by row,
and notebooks by source. Pictures, and the specifications of charts, are never compared: what they
show stands in the tables.
"""

from __future__ import annotations

from segcore.review.diffing.runs import RunDiff, compare

__all__ = ["RunDiff", "compare"]
