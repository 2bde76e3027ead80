"""Our breaks beside those of jenkspy, the implementation that analysts know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from segcore.features import histogram
from segcore.jenks import natural_breaks

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from segcore.engine import Engine
    from segcore.model import Model

MOST_VALUES = 3_000  # jenkspy's time grows with the square of what it is given
MOST_CUSTOMERS = 10_000
COLUMNS = ("variable", "scale", "classes", "compared", "ours", "jenkspy", "as_good", "same_edges")


def against_jenkspy(engine: Engine, model: Model) -> pd.DataFrame:
    """Breaks of every variable of a model, ours and jenkspy's, fitted on the table ``features``.

    jenkspy knows no weights. Up to 10,000 customers it gets the value of each; above, both get
    every distinct value once, which still compares the two on this run's values.

    Parameters
    ----------
    engine
        Where SQL runs, with the table ``features``.
    model
        Says the variables, their classes and scales.

    Returns
    -------
    DataFrame
        variable, scale, classes, compared ("every customer", "every value once", or why not),
        ours and jenkspy (edges), as_good (equal sums of squares within classes), same_edges.
        Where several cuts are equally good, jenkspy may choose another one.
    """
    import pandas as pd

    rows: list[dict[str, object]] = []
    for variable in model.variables:
        values, counts = histogram(engine, variable.name)
        row: dict[str, object] = {
            "variable": variable.name,
            "scale": variable.scale,
            "classes": variable.classes,
        }
        if len(counts) > MOST_VALUES:
            row["compared"] = f"no: more than {MOST_VALUES:,} distinct values"
        elif counts.sum() <= MOST_CUSTOMERS:
            row |= {"compared": "every customer", **_compared(values, counts, variable)}
        else:
            row |= {"compared": "every value once", **_compared(values, counts * 0 + 1, variable)}
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _compared(
    values: Sequence[object] | np.ndarray, counts: np.ndarray, variable: object
) -> dict[str, object]:
    import jenkspy
    import numpy as np

    classes, scale = variable.classes, variable.scale  # type: ignore[attr-defined]
    plain = np.asarray(values, dtype=np.float64)
    fitted = np.log1p(plain) if scale == "log" else plain
    ours = [float(edge) for edge in natural_breaks(plain, counts, classes, scale=scale).edges]
    bounds = jenkspy.jenks_breaks(np.repeat(fitted, counts), n_classes=classes)[1:-1]
    theirs = [float(plain[np.abs(fitted - bound).argmin()]) for bound in bounds]
    mine, other = (
        _within(fitted, counts, np.searchsorted(plain, np.array(e), "right")) for e in (ours, theirs)
    )
    total = _within(fitted, counts, np.array([], dtype=np.int64))
    return {
        "ours": ", ".join(f"{edge:g}" for edge in ours),
        "jenkspy": ", ".join(f"{edge:g}" for edge in theirs),
        "as_good": bool(abs(mine - other) <= 1e-9 * total),
        "same_edges": ours == theirs,
    }


def _within(fitted: npt.NDArray[np.float64], counts: np.ndarray, cuts: npt.NDArray[np.int64]) -> float:
    """The sum of squared distances to the mean of the own class."""
    import numpy as np

    parts = zip(np.split(fitted, cuts), np.split(counts, cuts), strict=True)
    return float(sum(w @ (x - np.average(x, weights=w)) ** 2 for x, w in parts))
