"""What `segcore init` cannot make a study of, told in whole sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_init import ENGLISH, deliver, made

from segcore.errors import InputError, ParamsError
from segcore.init import init_study


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

    def test_a_file_without_orders(self, tmp_path: Path) -> None:
        path = deliver(tmp_path, "telco.csv", "customerID,tenure,MonthlyCharges\n7590-VHVEG,1,29.85\n")
        assert refused(tmp_path, path) == [
            "data/telco.csv: must have a date of the order (no column holds dates)",
            "data/telco.csv: must have an amount (no column of numbers is called like Amount, Umsatz or "
            "Sales, and none like Quantity beside one like Price)",
            "data/telco.csv: has the columns customerID, tenure, MonthlyCharges; if they say it in other "
            "words, write params/mine.yaml by hand as docs/writing-a-study.md shows, else give a file with "
            "one record per order line",
        ]
        assert not (tmp_path / "params").exists()

    def test_the_file_that_lacks_least_is_told(self, tmp_path: Path) -> None:
        files = [
            deliver(tmp_path, "names.csv", "a,b\nx,y\n"),
            deliver(tmp_path, "sales.csv", "who,date,sales\nx,2024-05-01,1.5\n"),
        ]
        assert refused(tmp_path, *files)[0] == (
            "data/sales.csv: must have a customer (no column is called like Customer, Kunde or Client)"
        )

    def test_files_that_are_not_there_or_no_csv(self, tmp_path: Path) -> None:
        files = [tmp_path / "data" / "a.csv", deliver(tmp_path, "b.xlsx", b"PK")]
        assert refused(tmp_path, *files) == [
            "data/a.csv: there must be such a file (no such file)",
            "data/b.xlsx: must end in .csv or .csv.gz; export the file as CSV",
        ]
        assert refused(tmp_path) == ["segcore init must be given at least one extract with orders"]

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            ("a;b\n", "data/x.csv: must hold records below its header (it holds none)"),
            (
                "Report\n\nKunde;Datum\n1;2\n3;4\n",
                "data/x.csv: must begin with a header, and its records must have as many fields as the "
                "header (it begins with 'Report'); remove what stands above the header",
            ),
            (
                "1;2\n3;4\n",
                "data/x.csv: must begin with a header in which every column has a name of its own "
                "(got '1', '2'); put one there",
            ),
            (
                "a;a\n3;4\n",
                "data/x.csv: must begin with a header in which every column has a name of its own "
                "(got 'a', 'a'); put one there",
            ),
            (
                "",
                "data/x.csv: must begin with a header, and its records must have as many fields as the "
                "header (it begins with ''); remove what stands above the header",
            ),
            (
                b"a;b\n\xff\x81;1\n",
                "data/x.csv: must be text in utf-8 or cp1252 (byte 0x81 is not); "
                "set format.encoding to what the export writes",
            ),
        ],
        ids=["header only", "title above", "no header", "same names", "empty", "no text"],
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
