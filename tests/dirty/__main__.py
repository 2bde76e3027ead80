"""How many cases come out right, and which do not: ``make dirty``, or ``python -m tests.dirty [WORDS]``."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from segcore.engine import DuckDB

from . import CASES
from .outcome import RIGHT, outcome_of, verdict


def main() -> None:
    """Read each case whose name holds the words, and print what is not right."""
    words = sys.argv[1] if len(sys.argv) > 1 else ""
    found: Counter[str] = Counter()
    with DuckDB() as engine:
        engine.execute("set threads = 1")
        for case in CASES:
            if words in case.id:
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        state, why = verdict(case.expected, outcome_of(engine, case, Path(folder)))
                    except Exception as error:
                        state, why = "CRASH", f"{type(error).__name__}: {error}"[:300]
                found[state] += 1
                if state != RIGHT:
                    print(f"{state}: {case.id}: {why}", flush=True)
    print(dict(found))
    sys.exit(set(found) != {RIGHT})


if __name__ == "__main__":
    main()
