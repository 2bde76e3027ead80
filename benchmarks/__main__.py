"""All benchmarks, or those that are named, and one table: ``python -m benchmarks [NAME…]``.

Nothing is written into the project; everything runs in temporary folders.
"""

from __future__ import annotations

import importlib
import sys

from benchmarks.harness import MissingData
from benchmarks.table import Row, print_table

NAMES = (
    "help_speed",
    "jenks_speed",
    "features_speed",
    "judging",
    "report_size",
    "one_run",
    "people",
    "own_pages",
    "reading",
    "backfill",
    "million",
    "big_run",
    "erasing",
    "mailing",
    "outbox",
)


def main() -> None:
    names = sys.argv[1:] or NAMES
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        sys.exit(f"a benchmark must be one of {', '.join(NAMES)} (got {', '.join(unknown)})")
    rows: list[Row] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows += importlib.import_module(f"benchmarks.{name}").rows()
        except MissingData as missing:
            rows.append(Row(name, f"not measured: {missing}", "", False))
    print_table(rows)


if __name__ == "__main__":
    main()
