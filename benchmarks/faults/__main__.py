"""``python -m benchmarks.faults crashes|flips|powercut|leaks [SHARE]``: see the package."""

from __future__ import annotations

import importlib
import sys

from benchmarks.faults import shim

PARTS = ("crashes", "flips", "powercut", "leaks")
NEED_IT = ("crashes", "powercut")


def main() -> None:
    part, share = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    if part not in PARTS:
        sys.exit(f"a part must be one of {', '.join(PARTS)} (got {part})")
    if part in NEED_IT and not shim.is_loaded():
        sys.exit(shim.run_under_it("benchmarks.faults", *sys.argv[1:]))
    sys.exit(not importlib.import_module(f"benchmarks.faults.{part}").main(share, *sys.argv[3:]))


if __name__ == "__main__":
    main()
