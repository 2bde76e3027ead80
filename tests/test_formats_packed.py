"""Text in gzip and ZIP files: read as one text, or refused with a sentence, within fixed limits."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from segcore.errors import InputError
from segcore.sources.formats.packed import chunks, is_packed, unpacked_size

TEXT = b"Kunde;Umsatz\nK1;10,00\n"
GIB = 1 << 30


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, how)
    return buffer.getvalue()


def text_of(path: Path) -> bytes:
    return b"".join(chunks(path, name=path.name, size=5))


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        for _ in chunks(path, name=path.name):
            pass
    (sentence,) = caught.value.problems
    return sentence


class TestOneTextWhateverItIsPackedIn:
    @pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.zip", "wrong.csv"])
    @pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda text: zipped({"a.csv": text})])
    def test_the_first_bytes_say_how_it_is_packed(self, tmp_path: Path, name: str, pack) -> None:  # type: ignore[no-untyped-def]
        path = written(tmp_path, name, pack(TEXT))
        if pack is bytes and name.endswith((".gz", ".zip")):
            assert refused(path).endswith("; deliver it again")
        else:
            assert text_of(path) == TEXT

    def test_members_follow_each_other_in_natural_order(self, tmp_path: Path) -> None:
        members = {"s_10.csv": b"10\n", "s_9.csv": b"9\n", "s_9b.csv": b"9b\n"}
        assert text_of(written(tmp_path, "a.zip", zipped(members))) == b"9\n9b\n10\n"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
    def test_each_member_begins_a_line_and_only_the_first_has_a_mark(
        self, tmp_path: Path, encoding: str
    ) -> None:
        members = {f"{n}.csv": text.encode(encoding) for n, text in enumerate(["a;ä\nb\n", "", "c\r\n", "d"])}
        members["1.csv"] = b""
        assert text_of(written(tmp_path, "a.zip", zipped(members))).decode(encoding) == "a;ä\nb\nc\r\nd"

    def test_a_member_that_may_be_cut_off_is_refused(self, tmp_path: Path) -> None:
        """Only of the last one the end can be looked at later."""
        members = {"1.csv": b"a;1,", "2.csv": b"b;2,00\n"}
        with pytest.raises(InputError, match=r"a\.zip: every file in it must end with a line end \(the one"):
            text_of(written(tmp_path, "a.zip", zipped(members)))

    def test_what_macos_adds_is_no_member(self, tmp_path: Path) -> None:
        members = {"sales.csv": TEXT, "__MACOSX/._sales.csv": b"\0\5\26\7", ".DS_Store": b"\0"}
        assert text_of(written(tmp_path, "a.zip", zipped(members))) == TEXT

    def test_its_size_is_that_of_the_text_or_enough_to_say_that_it_is_too_much(self, tmp_path: Path) -> None:
        plain = written(tmp_path, "a.csv", b"1\n" * 500)
        packed = [
            written(tmp_path, "a.csv.gz", gzip.compress(b"1\n" * 100_000)),
            written(tmp_path, "a.zip", zipped({"a.csv": b"1\n" * 100_000})),
        ]
        assert [is_packed(path) for path in (plain, *packed)] == [False, True, True]
        assert unpacked_size([plain, *packed], 500_000) == 401_000
        assert unpacked_size([plain, *packed], 1_000) > 1_000
        assert 401_000 <= unpacked_size([plain, *packed], GIB) <= GIB


KINDS = "must hold text files of one kind and nothing else"
FILES = "deliver the files themselves"


class TestArchivesThatAreRefused:
    @pytest.mark.parametrize(
        ("members", "found"),
        [
            ({}, "it holds no file"),
            ({".DS_Store": b""}, "it holds no file"),
            ({"../../etc/passwd": TEXT}, "'../../etc/passwd' lies in a folder"),
            ({"/etc/passwd": TEXT}, "'/etc/passwd' lies in a folder"),
            ({"C:\\sales.csv": TEXT}, "'C:\\\\sales.csv' lies in a folder"),
            ({"2025/sales.csv": TEXT}, "'2025/sales.csv' lies in a folder"),
            ({"a.csv": TEXT, "b.txt": TEXT}, "it holds '.csv' and '.txt'"),
            ({"a.zip": zipped({"a.csv": TEXT})}, "'a.zip' is packed itself"),
            ({"a.csv": gzip.compress(TEXT)}, "'a.csv' is packed itself"),
            ({"a.csv": TEXT, "b.csv": b"\xef\xbb\xbf" + TEXT}, "'b.csv' has another encoding"),
        ],
    )
    def test_for_what_they_hold(self, tmp_path: Path, members: dict[str, bytes], found: str) -> None:
        path = written(tmp_path, "a.zip", zipped(members))
        assert refused(path) == f"a.zip: {KINDS} ({found}); {FILES}"

    def test_for_how_they_are_packed(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.zip", zipped({"a.csv": TEXT}, zipfile.ZIP_LZMA))
        assert refused(path) == f"a.zip: {KINDS} ('a.csv' is packed in another way than deflate); {FILES}"

    def test_for_being_a_workbook(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.csv", zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}))
        assert refused(path) == "a.csv: must not be a workbook under this name; give it the ending .xlsx"

    def test_for_a_password(self, tmp_path: Path) -> None:
        content = bytearray(zipped({"a.csv": TEXT}))
        content[6] |= 1
        content[content.rindex(b"PK\x01\x02") + 8] |= 1
        sentence = refused(written(tmp_path, "a.zip", bytes(content)))
        assert "must not be encrypted; deliver it without a password" in sentence

    @pytest.mark.parametrize("kept", [0, 3, 30, 60, -1])
    def test_for_being_cut_off(self, tmp_path: Path, kept: int) -> None:
        sentence = refused(written(tmp_path, "a.zip", zipped({"a.csv": TEXT})[:kept]))
        assert sentence.startswith("a.zip") and sentence.endswith("; deliver it again")

    def test_for_a_damaged_member(self, tmp_path: Path) -> None:
        content = bytearray(zipped({"a.csv": TEXT * 100}))
        content[40] ^= 0xFF
        sentence = refused(written(tmp_path, "a.zip", bytes(content)))
        assert sentence.startswith("a.zip: must be a whole ZIP file (")
        assert sentence.endswith("); deliver it again")

    def test_for_too_many_members(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.zip", zipped({f"{n}.csv": b"" for n in range(10_001)}))
        assert "must not hold more than 10,000 members" in refused(path)


class TestBombs:
    """Refused with a sentence, within seconds and a fixed amount of memory."""

    @pytest.mark.parametrize(
        ("piece", "found"),
        [
            (b"\0" * (1 << 20), "must be text whose lines have at most 2,000,000 characters (one is longer)"),
            (b"\n" * (1 << 20), "must not unpack to more than 300 times its size"),
        ],
    )
    @pytest.mark.parametrize("ending", [".csv.gz", ".zip"])
    def test_of_zeros_or_line_ends(self, tmp_path: Path, piece: bytes, found: str, ending: str) -> None:
        content = zipped({"a.csv": piece * 100}) if ending == ".zip" else gzip.compress(piece * 20) * 250
        path = written(tmp_path, f"a{ending}", content)
        tracemalloc.start()
        begun = time.monotonic()
        sentence = refused(path)
        taken, (_, peak) = time.monotonic() - begun, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found in sentence or (ending == ".zip" and "300 times its size" in sentence)
        assert taken < 5 and peak < 50_000_000

    def test_that_say_less_than_they_hold(self, tmp_path: Path) -> None:
        content = bytearray(zipped({"a.csv": b"1;2\n" * 1_000_000}))
        at = content.rindex(b"PK\x01\x02")
        content[at + 24 : at + 28] = (100).to_bytes(4, "little")
        sentence = refused(written(tmp_path, "a.zip", bytes(content)))
        assert sentence.startswith("a.zip: must be a whole ZIP file (")
