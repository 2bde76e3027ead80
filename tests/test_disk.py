"""An error of the operating system is told as what it is: a full disk is only one of many."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

import pytest

from segcore.disk import standing, start_of, told

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("ENOSPC", "the disk must take all that is written (got No space left on device); free some space"),
        (
            "EDQUOT",
            "the disk must take all that is written (got Disk quota exceeded); "
            "free some space, or ask for a larger quota",
        ),
        (
            "EFBIG",
            "the disk must take all that is written (got File too large); "
            "raise the limit with ulimit -f, or use another file system",
        ),
        ("EROFS", "the disk must be writable (got Read-only file system); mount it for writing"),
        (
            "EIO",
            "the disk must read and write without faults (got Input/output error); have it looked at",
        ),
        (
            "ENAMETOOLONG",
            "names must be short enough for the file system (got File name too long); move the project up",
        ),
        (
            "EMFILE",
            "segcore must be allowed enough open files (got Too many open files); "
            "raise the limit with ulimit -n",
        ),
        (
            "ESTALE",
            "files must stay where they are (got Stale file handle); mount the network's disk again",
        ),
        (
            "ENOENT",
            "files must stay where they are meanwhile (got No such file or directory); "
            "find out who removes them",
        ),
        (
            "ENOTDIR",
            "there must be a folder where a file stands (got Not a directory); move the file away",
        ),
        ("EBUSY", "files must be readable and writable (got Device or resource busy); mend this"),
    ],
)
def test_each_error_has_its_own_sentence_about_the_file_that_it_names(number: str, sentence: str) -> None:
    code = getattr(errno, number)
    assert told(OSError(code, "x", "runs/acme/run.json"), Path("runs")) == f"runs/acme/run.json: {sentence}"
    assert told(OSError(code, "x"), Path("runs")) == f"runs: {sentence}"


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_what_is_not_allowed_says_whose_it_is(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a" / "b.json"
    assert told(OSError(number, "x", str(path)), tmp_path) == (
        f"{path}: segcore must be allowed to read and write here (got {os.strerror(number)}, and {tmp_path} "
        f"belongs to {ME}); change its owner or its mode"
    )
    assert told(OSError(number, "x", str(tmp_path)), tmp_path) == (
        f"{tmp_path}: segcore must be allowed to read and write here (got {os.strerror(number)}; it belongs "
        f"to {ME}); change its owner or its mode"
    )


def test_an_error_without_a_number_is_told_in_its_own_words(tmp_path: Path) -> None:
    assert (
        told(OSError("odd"), tmp_path)
        == f"{tmp_path}: files must be readable and writable (got odd); mend this"
    )


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe or a device"):
        start_of(tmp_path / "pipe", 10)


def test_the_nearest_folder_that_is_there(tmp_path: Path) -> None:
    assert standing(tmp_path / "a" / "b") == tmp_path
    assert standing(tmp_path) == tmp_path
