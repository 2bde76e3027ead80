"""Whether somebody asked this process to stop, by Ctrl-C or SIGTERM.

Python raises KeyboardInterrupt wherever it is; a library that is being imported may swallow it. So it
is also remembered, and whoever has let libraries work asks again.
"""

from __future__ import annotations

import signal

_asked: list[tuple[str, ...]] = []


def listen() -> None:
    """Remember from here on; where Ctrl-C is ignored, as in the background, it stays so."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)


def check() -> None:
    """Stop if somebody asked to.

    Raises
    ------
    KeyboardInterrupt
        With "SIGTERM" if it was that.
    """
    if _asked:
        raise KeyboardInterrupt(*_asked[0])


def _stop(number: int, frame: object) -> None:
    _asked.append(("SIGTERM",) if number == signal.SIGTERM else ())
    check()
