"""A real PostgreSQL for tests: a server of the test's own, on a socket in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adbc_driver_postgresql import dbapi

PASSWORD = "geheim-4711"
NOBODY = 65534


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    socket: Path

    def address(self, *, user: str = "segcore", password: str = PASSWORD, database: str = "postgres") -> str:
        return f"postgresql://{user}:{password}@/{database}?host={self.socket}"

    def run(self, *statements: str, database: str = "postgres") -> None:
        with (
            dbapi.connect(self.address(database=database), autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            for statement in statements:
                cursor.execute(statement)


@contextmanager
def served() -> Iterator[Server]:
    """A server while it is needed. PostgreSQL does not run as root, so root makes it nobody's."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    assert programs, "PostgreSQL must be installed for these tests (it is not); .ci/run installs it"
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a path of a socket is short
    root = os.getuid() == 0
    as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if root else []
    try:
        (folder / "password").write_text(PASSWORD)
        for path in (folder, folder / "password"):
            if root:
                os.chown(path, NOBODY, NOBODY)
        yield from _running(programs[-1], folder, as_user)
    finally:
        shutil.rmtree(folder)


def _running(program: Path, folder: Path, as_user: list[str]) -> Iterator[Server]:
    data, environment = folder / "data", {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C"}
    options = ["-U", "segcore", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync"]
    subprocess.run(
        [*as_user, program.with_name("initdb"), "-D", data, *options, "-E", "UTF8", "--no-locale"],
        check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    with (folder.parent / f"{folder.name}.log").open("w+") as log, subprocess.Popen(
        [*as_user, program, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
        cwd=folder, env=environment, stdout=log, stderr=log,
    ) as process:  # fmt: skip
        Path(log.name).unlink()
        try:
            yield _answering(Server(folder), process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _answering(server: Server, process: subprocess.Popen[bytes]) -> Server:
    until = time.monotonic() + 60
    while True:
        try:
            server.run()
            return server
        except dbapi.Error:
            assert process.poll() is None and time.monotonic() < until, "the server must start (it does not)"
            time.sleep(0.1)
