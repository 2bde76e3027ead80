"""Whether somebody asked this process to stop, by Ctrl-C or SIGTERM.

Python raises KeyboardInterrupt wherever it is; a library that is being imported may swallow it. So it
is also remembered, and whoever has let libraries work asks again.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_asked: list[tuple[str, ...]] = []
_held: list[bool] = [False]
"""Whether a stop is only remembered, the innermost block last."""


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


@contextmanager
def finishing() -> Iterator[Callable[[], bool]]:
    """In the block a stop is only remembered, until its end; a second one is obeyed at once.

    Yields
    ------
    Callable
        Says whether somebody asked to stop, so that the work can come to an end.
    """
    with _hold(True):
        yield lambda: bool(_asked)
    if not _held[-1]:
        check()


@contextmanager
def obeying() -> Iterator[None]:
    """In the block, within one of :func:`finishing`, a stop is obeyed at once: while nothing is under way."""
    with _hold(False):
        check()
        yield


@contextmanager
def _hold(hold: bool) -> Iterator[None]:
    _held.append(hold)
    try:
        yield
    finally:
        _held.pop()


def _stop(number: int, frame: object) -> None:
    _asked.append(("SIGTERM",) if number == signal.SIGTERM else ())
    if not _held[-1] or len(_asked) > 1:
        check()
