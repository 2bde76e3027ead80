"""One process that draws the pictures of many.

The first picture in a process takes more than half a second, and those after it become faster for a
while. A run has four processes that draw, a backfill of eight runs has thirty-two. So the runner starts one
process for all of them and says where it listens. Whoever finds nobody there draws in process; the
bytes are the same.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

ADDRESS = "SEGCORE_PICTURES"
"""The environment variable with the path of the socket."""

PATIENCE = 60  # seconds until a picture is drawn by whoever wants it
_LENGTH = struct.Struct(">Q")


def ask(spec: dict[str, Any]) -> bytes | None:
    """The picture of a chart from the process that draws, None if there is none or it cannot."""
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(address)
            _send(connection, json.dumps(spec).encode())
            return _receive(connection) or None
    except (OSError, EOFError):
        return None


def serve(address: str, draw: Callable[[dict[str, Any]], bytes]) -> None:
    """Draw what is asked for until standard input ends, as it does with the process that started this.

    Parameters
    ----------
    address
        Path of the socket to listen at.
    draw
        From a chart's specification to its picture.
    """
    threading.Thread(target=_leave_with_starter, daemon=True).start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(address)
        listener.listen()  # from here on who asks is kept waiting
        draw({"data": {"values": [{}]}, "mark": "text"})
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError, EOFError):
                _answer(connection, draw)


def _answer(connection: socket.socket, draw: Callable[[dict[str, Any]], bytes]) -> None:
    spec = json.loads(_receive(connection))
    try:
        picture = draw(spec)
    except Exception:
        picture = b""  # who asked draws it itself, and gets the error where it belongs
    _send(connection, picture)


def _leave_with_starter() -> None:
    sys.stdin.read()
    os._exit(0)


def _send(connection: socket.socket, content: bytes) -> None:
    connection.sendall(_LENGTH.pack(len(content)) + content)


def _receive(connection: socket.socket) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = []
    while length:
        part = connection.recv(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def main() -> None:
    """Be the process that draws; the command line says where to listen."""
    from segcore.charts.renderer import draw

    serve(sys.argv[1], draw)


COMMAND = (sys.executable, "-P", "-c", "from segcore.charts.service import main; main()")
"""How to start it; the path of the socket comes after."""
