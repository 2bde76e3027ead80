"""A real mail server for tests: Exim as Debian has it, on loopback, with all of its files in a folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_mail import Authority

USER, PASSWORD = "segments", "geheim-4711"
NOBODY = 65534

_SETTINGS = """\
primary_hostname = mail.acme.example
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
exim_user = {user}
exim_group = {group}
deliver_drop_privilege = true
keep_environment =
tls_advertise_hosts = *
tls_certificate = {folder}/server.pem
tls_privatekey = {folder}/server.key
acl_smtp_rcpt = recipients
begin acl
recipients:
  deny !authenticated = *
  deny local_parts = gone
       message = 5.1.1 no such user
  defer local_parts = later
        message = 4.7.1 greylisted, come again
  accept domains = acme.example
  deny message = relay not permitted
begin routers
all:
  driver = accept
  transport = folder
begin transports
folder:
  driver = appendfile
  directory = {folder}/mails
  maildir_format
  envelope_to_add
begin retry
* * F,1h,1m
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{name}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""


@dataclass(frozen=True)
class Exim:
    """A server that runs."""

    folder: Path
    port: int

    def delivered(self, count: int) -> list[str]:
        """The mails in its folder, once there are so many; line ends are the system's."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            found = sorted((self.folder / "mails" / "new").glob("*"))
            if len(found) >= count:
                return [path.read_text(encoding="utf-8") for path in found]
            time.sleep(0.05)
        raise AssertionError(self.log)

    @property
    def log(self) -> str:
        return "".join(path.read_text() for path in sorted((self.folder / "log").iterdir()))


@contextmanager
def exim(authority: Authority) -> Iterator[Exim]:
    """Exim while it is needed, as nobody if a test is root."""
    program = shutil.which("exim4", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        missing = "Exim must be installed (it is not): apt-get install exim4-daemon-light"
        pytest.fail(missing, pytrace=False) if os.environ.get("CI") == "true" else pytest.skip(missing)
    root = os.getuid() == 0
    user, group = (NOBODY, NOBODY) if root else (os.getuid(), os.getgid())
    as_user = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"] if root else []
    folder = Path(tempfile.mkdtemp(prefix="exim-", dir="/tmp"))
    try:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            port = sock.getsockname()[1]
        _prepare(folder, authority, port, (user, group))
        command = [*as_user, program, "-bdf", "-C", str(folder / "settings")]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                _wait(port, process)
                yield Exim(folder, port)
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder)


def _prepare(folder: Path, authority: Authority, port: int, owner: tuple[int, int]) -> None:
    authority.context("IP:127.0.0.1")
    for name in ("server.pem", "server.key"):
        shutil.copyfile(authority.folder / name, folder / name)
    for name in ("spool", "log", "mails"):
        (folder / name).mkdir()
    login = {"name": USER, "password": PASSWORD}
    text = _SETTINGS.format(folder=folder, port=port, user=owner[0], group=owner[1], **login)
    (folder / "settings").write_text(text)
    for path in (folder, *folder.iterdir()):
        os.chown(path, *owner)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, "Exim ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("Exim does not answer")
