"""A process of its own that draws charts, one specification of Vega-Lite after the other.

vl-convert keeps Python's lock while it draws, the first time for half a second; a runner has kernels
to answer meanwhile. The process starts with its first chart, and ends with its input, however the one
that started it ended.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any


class Drawer:
    """Draws like ``vl_convert.vegalite_to_svg``, elsewhere; threads take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Drawer:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()

    def __call__(self, spec: Mapping[str, Any]) -> str:
        """The chart of a specification as SVG.

        Raises
        ------
        ValueError
            If it cannot be drawn.
        """
        with self._lock:
            self._process = self._process or self._started()
            stdin, stdout = self._process.stdin, self._process.stdout
            assert stdin is not None and stdout is not None
            try:
                print(json.dumps(spec), file=stdin, flush=True)
                answer: dict[str, str] = json.loads(stdout.readline())
            except (OSError, ValueError):
                raise ValueError("the process that draws charts has ended") from None
        if "error" in answer:
            raise ValueError(answer["error"])
        return answer["svg"]

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", __spec__.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is for the one that started it
        )


def main() -> None:
    """Draw what comes in, a line of JSON for each chart, until no more comes."""
    import vl_convert

    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for line in sys.stdin:
        try:
            answer = {"svg": vl_convert.vegalite_to_svg(json.loads(line))}
        except ValueError as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
