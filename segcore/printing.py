"""The report as PDF, printed by a Chromium of this machine.

What a browser makes is no part of a sealed run, for another version of it prints other bytes. The same
browser prints the same ones: the dates in them are those of the run.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

from segcore.errors import SegcoreError
from segcore.temporary import Temporary

CHROMIUM = "SEGCORE_CHROMIUM"
"""The variable of the environment that names the program."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
"""What the program is called, where the variable names none."""
PATIENCE = 120.0
"""Seconds after which printing is ended."""
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
)
"""It keeps nothing, asks nobody for anything, and finds nobody whom it might ask."""
BESIDE = re.compile(r'(<a\b[^>]*?)\s+href="(?!#)[^"]*"')
DATED = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
WHOLE = (b"%PDF-", b"%%EOF")


class PrintError(SegcoreError):
    """The report cannot be printed here; nothing else is wrong with it."""


def program() -> str:
    """The browser that prints.

    Raises
    ------
    PrintError
        If there is none.
    """
    named = os.environ.get(CHROMIUM)
    if named:
        if found := shutil.which(named):
            return found
        raise PrintError(f"{CHROMIUM} must be the path of Chromium (got {named!r}, which cannot be run)")
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        raise PrintError(
            f"a PDF is printed by Chromium (there is none here); install it, or say where it is in {CHROMIUM}"
        )
    return found


def printed(page: Path, day: dt.date, *, patience: float = PATIENCE) -> bytes:
    """A page as PDF.

    Parameters
    ----------
    page
        The page, which needs no script. Links to what lies beside it lead nowhere in a PDF and would tell
        where it was made; they are left out.
    day
        The run date, on which the PDF says that it was made.
    patience
        After how many seconds printing is ended.

    Raises
    ------
    PrintError
        If there is no browser, it takes too long or does not print.
    """
    browser = program()
    with Temporary("pdf") as folder:
        copy, made = folder / "report.html", folder / "report.pdf"
        copy.write_text(BESIDE.sub(r"\1", page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
        command = [browser, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={made}"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")  # which does not work for root
        _run([*command, copy.as_uri()], patience)
        found = made.read_bytes() if made.is_file() else b""
    if not found.startswith(WHOLE[0]) or not found.rstrip().endswith(WHOLE[1]):
        raise PrintError(f"{browser} printed no PDF; try: {browser} --headless --print-to-pdf {page}")
    return DATED.sub(lambda date: b"/%s (D:%s000000" % (date[1], day.strftime("%Y%m%d").encode()), found)


def _run(command: list[str], patience: float) -> None:
    """Run the browser, and end it with all its processes if it takes too long."""
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError as error:
        raise PrintError(f"{command[0]} cannot be run ({error.strerror})") from None
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        raise PrintError(f"{command[0]} had not printed after {patience:g} seconds and was ended") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # its own session: it and what it started
            process.wait()
