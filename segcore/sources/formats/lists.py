"""Columns → one list of fields for each row, as the rows of a file are handed on."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa


def lists(columns: Sequence[pa.Array]) -> pa.Array:
    """Equally long arrays of text as one array: of each row the list of its fields."""
    import numpy as np

    rows, many = len(columns[0]), len(columns)
    # The columns stand one behind the other; this takes them row by row.
    order = (np.arange(rows)[:, None] + np.arange(many)[None, :] * rows).ravel()
    offsets = np.arange(0, rows * many + 1, many, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.concat_arrays(columns).take(pa.array(order)))
