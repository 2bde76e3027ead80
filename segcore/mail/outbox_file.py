"""The file of an outbox: an SQLite database of a known version, and who may send from it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from segcore.errors import LockedError, MailError

BEGUN = ".outbox-begun"
"""The mark beside an outbox that there was one."""

SCHEMA = 1
"""Version of the tables; another one is refused."""

_KIND = int.from_bytes(b"sgcO")
_HEAD, _AT = 100, 68
"""Bytes at the begin of a database of SQLite, and where in them its application writes its number."""
_ROOM = 256 * 1024
"""Bytes that SQLite needs beside a database; with fewer on the disk its errors are of no fault but this."""
_PATIENCE = 600.0
"""Seconds to wait for another process that writes; queuing many mails takes long."""

_TABLES = """
CREATE TABLE mail (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  seal TEXT NOT NULL,
  edition INTEGER NOT NULL,
  what TEXT NOT NULL,
  address TEXT NOT NULL COLLATE NOCASE,
  name TEXT NOT NULL,
  rep TEXT,
  subject TEXT NOT NULL,
  language TEXT NOT NULL,
  message_id TEXT NOT NULL,
  attachments TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  queued TEXT NOT NULL,
  changed TEXT NOT NULL,
  due TEXT,
  first_tried TEXT,
  delays INTEGER NOT NULL DEFAULT 0,
  doubtful INTEGER NOT NULL DEFAULT 0,
  UNIQUE (run, edition, what, address)
);
CREATE INDEX mail_due ON mail (due, id) WHERE due IS NOT NULL;
CREATE INDEX mail_id ON mail (message_id);
CREATE TABLE body (mail INTEGER PRIMARY KEY REFERENCES mail ON DELETE CASCADE, raw BLOB NOT NULL);
CREATE TABLE customer (
  customer TEXT NOT NULL,
  mail INTEGER NOT NULL REFERENCES mail ON DELETE CASCADE,
  PRIMARY KEY (mail, customer)
) WITHOUT ROWID;
CREATE INDEX customer_mail ON customer (customer);
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  mail INTEGER NOT NULL REFERENCES mail ON DELETE CASCADE,
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  code INTEGER,
  answer TEXT NOT NULL
);
CREATE INDEX attempt_mail ON attempt (mail);
CREATE TABLE pace (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  next TEXT,
  until TEXT,
  pauses INTEGER NOT NULL DEFAULT 0,
  why TEXT NOT NULL DEFAULT ''
);
INSERT INTO pace (id) VALUES (1);
"""


def connected(path: Path, *, make: bool) -> sqlite3.Connection:
    """A connection to an outbox.

    Parameters
    ----------
    path
        Where it lies.
    make
        Whether it is made if it is not there.

    Raises
    ------
    MailError
        If there is none, or if the file is something else or of another version.
    """
    with told(path):
        if not is_there(path):
            if not make:
                raise MailError(f"{path} must be an outbox (there is none: no mail was queued so far)")
            _make(path)
        connection = _connection(path)
        try:
            _check(connection, path)
        except BaseException:
            connection.close()
            raise
        return connection


def is_there(path: Path) -> bool:
    """Whether an outbox is there, or something else in its place.

    One that was not made to its end, for the disk was full or the machine stopped, counts as none.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    if not any(head) or head[_AT : _AT + 4] == _KIND.to_bytes(4):
        return any(head)
    if not head.startswith(b"SQLite format 3\0"):
        return True
    try:
        with closing(_connection(path)) as connection:  # what was written last may lie in a file beside it
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            return bool(tables or _number(connection, "application_id"))
    except sqlite3.Error:
        return True


def _connection(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE)
    connection.row_factory = sqlite3.Row
    try:
        for setting in (
            "synchronous = FULL",
            "secure_delete = ON",
            "foreign_keys = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection


def _make(path: Path) -> None:
    """Make an outbox, or make one to its end; until all of it is there it counts as none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # It holds who gets what: nobody but the owner and the group reads it.
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o660))
    connection = _connection(path)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection):
            if _number(connection, "application_id") == 0:  # else another process was faster
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
                connection.execute(f"PRAGMA application_id = {_KIND}")
    finally:
        connection.close()


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if _number(connection, "application_id") != _KIND:
        raise MailError(f"{path} must be an outbox (got another database); move it away")
    version = _number(connection, "user_version")
    if version != SCHEMA:
        raise MailError(
            f"{path} must be an outbox of version {SCHEMA} (got version {version}); nothing was queued or "
            f"sent. Take the segcore that made it, or move it and {path.with_name(BEGUN)} away, with what "
            "is known of mails: those that are asked for go out again"
        )


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"PRAGMA {pragma}").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # where the disk is full SQLite has taken it back already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def told(path: Path, then: str = "") -> Iterator[None]:
    """What SQLite says, as a sentence for the person who must act.

    Parameters
    ----------
    path
        Of the outbox.
    then
        What did not happen.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _sentence(path, error, then) from error


def _sentence(path: Path, error: sqlite3.DatabaseError, then: str) -> Exception:
    name = getattr(error, "sqlite_errorname", "")
    after = f"; {then}" if then else ""
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _is_full(path)):
        return MailError(f"{path}: the disk must take all that is to be sent (it is full){after}; make room")
    if name == "SQLITE_NOTADB" or name.startswith("SQLITE_CORRUPT"):
        return MailError(
            f"{path} must be an outbox (it is none, or damaged){after}; put it back from a copy, or "
            "move it away, with all it knows of mails"
        )
    if name.startswith("SQLITE_BUSY"):
        return LockedError(f"{path}: another process must not write for longer than ten minutes{after}")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return MailError(f"{path} and its folder must be writable ({error}){after}")
    return MailError(f"{path} must be readable and writable ({error}){after}")


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM
    except OSError:
        return False


@contextmanager
def alone(path: Path, *, wait: float = 0) -> Iterator[None]:
    """Be the only one who sends from an outbox; the system ends it when a process ends, however it does.

    Parameters
    ----------
    path
        Of the outbox.
    wait
        Seconds to wait for another process.

    Raises
    ------
    LockedError
        If another process sends.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.stem}.lock"))
    try:
        lock.acquire(timeout=wait)
    except Timeout:
        raise LockedError(
            f"{path}: only one process may send mails of a study (another one does); wait until it is done"
        ) from None
    try:
        yield
    finally:
        lock.release()
