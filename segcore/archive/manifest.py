"""The manifest of a run: what went in, what came out, and a seal over both."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from segcore.archive.places import MANIFEST, UNSEALED, date_of
from segcore.errors import ArchiveError
from segcore.files import files_in, json_text, remove_litter, settle, sha256_of, whole

SCHEMA = 2
READ_ONLY = 0o444

Outputs: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Path in a run's folder → bytes and sha256."""


@dataclass(frozen=True)
class Run:
    """A sealed run.

    Parameters
    ----------
    folder
        Where it lies.
    manifest
        What its manifest says.
    sha256
        Hash of the manifest's bytes. As the manifest holds the hashes of all files, this is the
        hash of the whole run.
    """

    folder: Path
    manifest: Mapping[str, Any]
    sha256: str

    @property
    def run_date(self) -> dt.date:
        """The run's date."""
        return dt.date.fromisoformat(self.manifest["run_date"])

    @property
    def outputs(self) -> Mapping[str, Mapping[str, Any]]:
        """Path in the folder → bytes and sha256, of every sealed file."""
        outputs: Mapping[str, Mapping[str, Any]] = self.manifest["outputs"]
        return outputs

    @property
    def inputs(self) -> Sequence[Mapping[str, Any]]:
        """The extracts that it read, as its ``run.json`` records them."""
        inputs: Sequence[Mapping[str, Any]] = self.manifest["inputs"]
        return inputs

    @property
    def erased(self) -> Mapping[str, Any] | None:
        """When somebody was taken out of it, and which inputs could not be kept; None if nobody was."""
        told: Mapping[str, Any] | None = self.manifest.get("erased")
        return told

    @property
    def read(self) -> Sequence[Mapping[str, Any]]:
        """Names and hashes of what it has read: its inputs, also as before somebody was taken out."""
        return [*self.inputs, *(self.erased or {}).get("delivered", ())]

    @property
    def reference(self) -> dict[str, str]:
        """How a later run records that it was compared with this one."""
        return {"run_date": self.manifest["run_date"], "manifest_sha256": self.sha256}


_WHOLE: set[str] = set()
"""Hashes of manifests whose seals were found right here. A command opens the same run many times, and to
write down all that a seal covers takes longer than to read it."""


def open_run(folder: Path, raw: bytes | None = None) -> Run:
    """Open a sealed run.

    Parameters
    ----------
    folder
        Where it lies.
    raw
        Its manifest, if somebody has read it already.

    Raises
    ------
    ArchiveError
        If the folder is no sealed run, its manifest was altered, or it was renamed.
    """
    path = folder / MANIFEST
    try:
        raw = path.read_bytes() if raw is None else raw
    except (FileNotFoundError, NotADirectoryError):
        raise ArchiveError(f"{folder}: there must be a published run here (no {MANIFEST})") from None
    except OSError as error:
        raise ArchiveError(
            f"{path}: must be a file that can be read ({error.strerror}); mend that, or ask its owner"
        ) from None
    sha256 = hashlib.sha256(raw).hexdigest()
    try:
        manifest = json.loads(raw)
        schema, whole = manifest["schema"], sha256 in _WHOLE or manifest["seal"] == _seal(manifest)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ArchiveError(altered(path)) from None
    if not whole:
        raise ArchiveError(altered(path))
    _WHOLE.add(sha256)
    if schema != SCHEMA:
        raise ArchiveError(
            f"{path}: schema must be {SCHEMA} (got {schema}); use the segcore that made the run, "
            "or make it again with --force"
        )
    if date_of(folder.name) and folder.name != manifest["run_date"]:
        raise ArchiveError(
            f"{folder}: must be named after its run date {manifest['run_date']} (it was renamed); "
            "give it its name back"
        )
    return Run(folder, manifest, sha256)


def altered(path: Path) -> str:
    """What to say of a file that is not as it was sealed."""
    return (
        f"{path}: must be as it was sealed (it was altered); put it back from a copy, "
        "or make that run again with --force"
    )


def outputs_of(folder: Path, known: Outputs | None = None) -> dict[str, Mapping[str, Any]]:
    """Path in a run's folder → bytes and sha256, of every file that a seal covers.

    Parameters
    ----------
    folder
        The run.
    known
        What is known of files already, which are not read again.
    """
    sealed = ((name, path) for name, path in files_in(folder).items() if name not in UNSEALED)
    return {name: (known or {}).get(name) or _told_of(path) for name, path in sealed}


def _told_of(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}


def seal(folder: Path, facts: Mapping[str, Any], *, known: Outputs | None = None) -> Run:
    """Hash every file of a run, make all read-only, wait for the disk, and write its manifest.

    Parameters
    ----------
    folder
        The run, complete.
    facts
        What the manifest says beside schema, outputs and seal; at least study and run_date.
    known
        Bytes and hashes of files that were sealed before and are the same.

    Returns
    -------
    Run
        The run as it is sealed now; nothing in its folder may change any more.
    """
    remove_litter(folder)  # or it would be published unsealed, for nobody looks at it later
    manifest = {**facts, "schema": SCHEMA, "outputs": outputs_of(folder, known)}
    for path in files_in(folder).values():
        path.chmod(READ_ONLY)  # folders stay as they are, or nothing could be renamed or removed later
    settle(folder)
    # It comes last: a run that has a manifest lacks nothing, and may be published by whoever finds it.
    with whole(folder / MANIFEST, durable=True) as partial:
        partial.write_text(json_text({**manifest, "seal": _seal(manifest)}), encoding="utf-8", newline="\n")
        partial.chmod(READ_ONLY)
    return open_run(folder)


def manifest_sha256(folder: Path) -> str | None:
    """The hash that a run's folder has, whole or damaged; None if it has no manifest to read."""
    try:
        return sha256_of(folder / MANIFEST)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return None


def _seal(manifest: Mapping[str, Any]) -> str:
    content = {key: value for key, value in manifest.items() if key != "seal"}
    return hashlib.sha256(json_text(content).encode()).hexdigest()
