"""What `segcore init` cannot make a study of, told in whole sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_init import ENGLISH, deliver, made

from segcore.errors import InputError, ParamsError
from segcore.init import init_study
from segcore.params.file import load_study
from segcore.sources.formats.table import endings

NO_TABLE = (
    "data/x.csv: must be a table, with a header in its first 50 rows, or rows of as many fields (it begins "
    "with '{}'); deliver the table alone"
)


@pytest.fixture(autouse=True)
def _no_other_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)


def refused(root: Path, *files: Path, name: str = "mine") -> list[str]:
    with pytest.raises((InputError, ParamsError)) as caught:
        init_study(name, files, root=root)
    assert not (root / "params" / "new.yaml").exists()
    return [text.replace(f"{root}/", "") for text in caught.value.problems]


class TestRefusals:
    """What cannot be guessed is told, and nothing is written."""

    def test_files_that_are_not_there_or_no_csv(self, tmp_path: Path) -> None:
        files = [tmp_path / "data" / "a.csv", deliver(tmp_path, "b.docx", b"PK")]
        assert refused(tmp_path, *files) == [
            "data/a.csv: there must be such a file (no such file)",
            f"data/b.docx: must end in one of {', '.join(endings())}; export the file as CSV",
        ]
        assert refused(tmp_path) == ["segcore init must be given at least one extract with orders"]

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("a;b\n", "data/x.csv: must hold records below its header (it holds none)"),
            ("", NO_TABLE.format("")),
            ("one\ntwo\n", NO_TABLE.format("one")),
            (
                b"a;b\n\xff\x81;1\n",
                "data/x.csv: must be text in utf-8 or cp1252 (byte 0x81 is not); "
                "set format.encoding to what the export writes",
            ),
        ],
        ids=["header only", "empty", "one column", "no text"],
    )
    def test_a_file_that_is_no_table(self, tmp_path: Path, content: str | bytes, sentence: str) -> None:
        assert refused(tmp_path, deliver(tmp_path, "x.csv", content)) == [sentence]

    def test_a_study_that_is_there_is_never_overwritten(self, tmp_path: Path) -> None:
        path = deliver(tmp_path, "orders.csv", ENGLISH)
        made(tmp_path, path)
        before = [file.read_bytes() for file in sorted((tmp_path / "params").iterdir())]
        assert refused(tmp_path, path) == [
            "params/mine.yaml: must not be there yet; choose another name, or remove the file",
            "params/mine.rules.csv: must not be there yet; choose another name, or remove the file",
        ]
        assert [file.read_bytes() for file in sorted((tmp_path / "params").iterdir())] == before

    @pytest.mark.parametrize("name", ["Acme", "a b", "../x", "", "1a"])
    def test_a_name_that_will_not_do(self, tmp_path: Path, name: str) -> None:
        path = deliver(tmp_path, "orders.csv", ENGLISH)
        assert refused(tmp_path, path, name=name) == [
            "the study's name must be lower-case letters, digits and _, starting with a letter "
            f"(got {name!r}); choose another"
        ]
        assert not (tmp_path / "params").exists()

    def test_a_study_in_german_says_so(self, tmp_path: Path) -> None:
        path = deliver(tmp_path, "orders.csv", ENGLISH)
        found = init_study("mine", [path], root=tmp_path, language="de")
        assert load_study(found.study).language == "de"

    def test_a_language_that_does_not_exist(self, tmp_path: Path) -> None:
        path = deliver(tmp_path, "orders.csv", ENGLISH)
        with pytest.raises(ParamsError) as caught:
            init_study("mine", [path], root=tmp_path, language="fr")
        assert list(caught.value.problems) == ["--language must be en or de (got 'fr')"]
        assert not (tmp_path / "params").exists()
