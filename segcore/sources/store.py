"""The store of inputs, ``runs/STUDY/inputs/``: every extract once, under the hash of its content."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segcore.errors import InputError
from segcore.files import flush, has_content, make_folder, sha256_of, whole
from segcore.sources.extracts import Extract, Found, stored_path
from segcore.sources.formats.postgres import fetch
from segcore.temporary import Temporary


def keep(found: list[Found], store: Path) -> tuple[Extract, ...]:
    """Copy the files into the store of inputs, by content, and wait until the disk has them.

    A copy that is there already is hashed again, and replaced if it is damaged. A query is asked now,
    and its answer kept like a file.

    Raises
    ------
    InputError
        If a file cannot be read, or changes while it is copied; if a database does not answer.
    """
    make_folder(store)
    kept = tuple(_keep_answer(file, store) if file.query else _keep_one(file, store) for file in found)
    flush(store)
    return kept


def _keep_one(file: Found, store: Path) -> Extract:
    try:
        before = file.path.stat()
        digest = sha256_of(file.path)
    except OSError as error:
        raise InputError(f"{file.name}: must be a file that can be read ({error.strerror})") from None
    kept = stored_path(store, digest, file.name)
    same = has_content(kept, digest) or _copied(file.path, kept, digest)
    after = file.path.stat() if file.path.exists() else None
    if not (same and after and (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)):
        raise InputError(
            f"{file.name}: must stay as it is while it is copied (it changed meanwhile); "
            "wait until the delivery is complete and run again"
        )
    flush(kept)  # of a copy that a killed run made, nobody knows whether the disk has it
    return Extract(file.source, file.pattern, file.name, file.delivered, after.st_size, digest, kept)


def _keep_answer(file: Found, store: Path) -> Extract:
    query = file.query
    assert query is not None
    with Temporary("query") as scratch:
        answer = scratch / "answer.parquet"
        fetch(query, answer, scratch)
        digest = sha256_of(answer)
        kept = stored_path(store, digest, file.name)
        if not (has_content(kept, digest) or _copied(answer, kept, digest)):
            raise InputError(f"{kept}: must take what the database answers; look at the disk, and run again")
    flush(kept)
    size = kept.stat().st_size
    return Extract(file.source, file.pattern, file.name, None, size, digest, kept, query.sql)


def _copied(path: Path, target: Path, digest: str) -> bool:
    """Copy a file to where content of this hash is kept; False if its content is another by now."""
    try:
        with whole(target) as partial:
            shutil.copyfile(path, partial)
            if sha256_of(partial) != digest:
                raise _OtherContent
            partial.chmod(0o444)
            flush(partial)
    except _OtherContent:
        return False
    return True


class _OtherContent(Exception):
    """A file is not what it was when it was hashed."""


def check_kept(extract: Extract) -> None:
    """Make sure that a stored extract still is what was delivered.

    Raises
    ------
    InputError
        If it was altered or is gone.
    """
    if not has_content(extract.path, extract.sha256):
        raise InputError(
            f"{extract.name}: must be kept as it was delivered ({extract.path} was altered or is missing); "
            "run again with the file in the data folder, or put the kept one back from a copy"
        )


def kept_before(records: Sequence[Mapping[str, Any]], data_dir: Path, store: Path) -> tuple[Extract, ...]:
    """The extracts that a run recorded, as they are kept; damaged ones are copied again.

    Parameters
    ----------
    records
        What the run recorded of them.
    data_dir
        The data folder, where files of that content may still lie.
    store
        The store of inputs.

    Raises
    ------
    InputError
        With every extract that is neither kept nor in the data folder as it was.
    """
    make_folder(store)
    extracts = tuple(Extract.from_json(record, store) for record in records)
    problems = [problem for extract in extracts if (problem := _not_kept(extract, data_dir))]
    flush(store)
    if problems:
        raise InputError(*problems)
    return extracts


def _not_kept(extract: Extract, data_dir: Path) -> str:
    """What to say of an extract that is neither kept nor delivered still; "" if it is kept now."""
    delivered = data_dir / extract.name
    if has_content(extract.path, extract.sha256):
        return ""
    if extract.query:
        return (
            f"{extract.name}: must be kept as the database answered ({extract.path} was altered or is "
            "missing); put it back from a copy"
        )
    if delivered.is_file() and _copied(delivered, extract.path, extract.sha256):
        return ""
    return (
        f"{extract.name}: must be kept as it was delivered ({extract.path} was altered or is "
        f"missing, and {delivered} has other content or is gone); put one of them back from a copy"
    )
