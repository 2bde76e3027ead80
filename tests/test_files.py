"""Files on disk: whole or not there, checked when they come from a cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segcore.files import (
    LITTER,
    cached,
    files_in,
    has_content,
    remove_partial,
    sha256_of,
    what_it_is,
    whole,
    write_text,
)


def test_everything_below_a_folder_is_found_but_litter_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x").write_text("")
    (tmp_path / "a.csv").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "b")
    (tmp_path / ".DS_Store").write_text("")
    assert list(files_in(tmp_path)) == ["a.csv", "b/x", "link"]


@pytest.mark.parametrize(
    "name", [".ipynb_checkpoints", ".DS_Store", "._x", "Thumbs.db", ".nfs01", ".a.swp", "a~"]
)
def test_litter(name: str) -> None:
    assert LITTER.fullmatch(name)


@pytest.mark.parametrize("name", [".htaccess", "a.csv", "nfs", "swp", ".git"])
def test_no_litter(name: str) -> None:
    assert not LITTER.fullmatch(name)


def test_what_lies_at_a_path_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    names = ("file", "link", "dangling", "pipe", ".", "nothing", "file/x")
    assert [what_it_is(tmp_path / name) for name in names] == [
        "",
        "a link",
        "a link to nothing",
        "a pipe or a device",
        "a folder",
        "missing",
        "missing",
    ]
    assert not has_content(tmp_path / "pipe", "0" * 64)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "old", durable=True)
    with pytest.raises(RuntimeError), whole(target) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_only_what_segcore_was_writing_is_removed(tmp_path: Path) -> None:
    for name in (".htaccess", ".a.csv.12.segcore-partial", "a.csv"):
        (tmp_path / name).write_text("")
    (tmp_path / ".segcore-1234").mkdir()
    remove_partial(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".htaccess", "a.csv"]


class TestCache:
    """A cached file is used as long as it is as it was made."""

    @staticmethod
    def made(target: Path, calls: list[str]) -> str:
        def make(scratch: Path) -> Path:
            calls.append("made")
            (scratch / "x").write_text("content")
            return scratch / "x"

        return cached(target, make).read_text()

    def test_it_is_made_once(self, tmp_path: Path) -> None:
        calls: list[str] = []
        target = tmp_path / "cache" / "key.json"
        assert [self.made(target, calls) for _ in range(3)] == ["content"] * 3
        assert calls == ["made"]
        assert sorted(path.name for path in target.parent.iterdir()) == ["key.json", "key.sha256"]

    @pytest.mark.parametrize("name", ["key.json", "key.sha256"])
    @pytest.mark.parametrize("bit", [0, 9, 50])
    def test_a_flipped_bit_is_found_whatever_the_time_of_the_file(
        self, tmp_path: Path, name: str, bit: int
    ) -> None:
        calls: list[str] = []
        target = tmp_path / "key.json"
        self.made(target, calls)
        path = tmp_path / name
        stat, content = path.stat(), bytearray(path.read_bytes())
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        assert self.made(target, calls) == "content"
        assert calls == ["made", "made"]
        assert sha256_of(target) == (tmp_path / "key.sha256").read_text().strip()

    @pytest.mark.parametrize("name", ["key.json", "key.sha256"])
    def test_a_file_that_is_empty_or_gone_is_made_again(self, tmp_path: Path, name: str) -> None:
        calls: list[str] = []
        target = tmp_path / "key.json"
        self.made(target, calls)
        (tmp_path / name).write_bytes(b"")
        assert self.made(target, calls) == "content"
        (tmp_path / name).unlink()
        assert self.made(target, calls) == "content"
        assert len(calls) == 3
