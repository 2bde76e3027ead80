from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from segcore.errors import InputError
from segcore.sources.formats import limits
from segcore.sources.formats.limits import members_of, unpacked

SMALL = 20 * 1024 * 1024


def archive(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "s.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        members_of(path, path.name, SMALL)
    return str(caught.value)


def test_members_are_listed_without_folders(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a/": b"", "a/b.csv": b"x", "c.csv": b"yy"})
    assert [(one.filename, one.file_size) for one in members_of(path, "s.zip", SMALL)] == [
        ("a/b.csv", 1),
        ("c.csv", 2),
    ]


def test_too_many_members_are_refused_before_they_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMBERS", 3)
    assert refusal(archive(tmp_path, {f"{number}.csv": b"" for number in range(4)})) == (
        "s.zip must not hold more than 3 members (it says 4); deliver it in several files"
    )


def test_too_much_is_refused(tmp_path: Path) -> None:
    much = bytes(range(256)) * 4 * 1024 * 10
    assert refusal(archive(tmp_path, dict.fromkeys("abc", much))) == (
        "s.zip must not unpack to more than 20 MiB; deliver it in several files"
    )


def test_long_repetitions_are_refused(tmp_path: Path) -> None:
    assert refusal(archive(tmp_path, {"a.csv": bytes(11 * 1024 * 1024)})) == (
        "s.zip must not unpack to more than 300 times its size, as only long repetitions do; look at what "
        "was packed and deliver it again"
    )


def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.csv": b"1"})
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as file:
        file.writestr("a.csv", b"2")
    assert refusal(path) == ("s.zip must hold each member once (it holds 'a.csv' 2 times); deliver it again")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.csv": b"1"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refusal(path) == "s.zip must not be encrypted; deliver it without a password"


@pytest.mark.parametrize("length", [0, 10, 60])
def test_an_archive_that_is_cut_off_is_refused(tmp_path: Path, length: int) -> None:
    path = archive(tmp_path, {"a.csv": b"1" * 100})
    path.write_bytes(path.read_bytes()[:length])
    assert refusal(path) == "s.zip must be a whole archive (it is cut off or damaged); deliver it again"


def test_what_unpacks_is_watched_while_it_does() -> None:
    packed = gzip.compress(bytes(30 * 1024 * 1024))
    with gzip.open(io.BytesIO(packed)) as file, pytest.raises(InputError) as caught:
        list(unpacked(file, "s.csv.gz", SMALL, packed=len(packed)))
    assert str(caught.value).startswith("s.csv.gz must not unpack to more than 300 times its size")
    text = b"".join(unpacked(io.BytesIO(b"abc"), "s.csv.gz", SMALL, packed=3))
    assert text == b"abc"
