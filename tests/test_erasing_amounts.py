"""A customer's number that is an amount, a length or a part elsewhere goes where it is a number only."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from pathlib import Path

import duckdb
import pytest
from pptx import Presentation
from python_calamine import CalamineWorkbook
from small_archive import JUNE
from small_erasing import OTHERS, project
from test_erasing import erased

from segcore.engine.duckdb import DuckDB
from segcore.errors import ArchiveError
from segcore.outputs.workbook import About, Column, Sheet, write_workbook
from segcore.privacy import records, texts, zipped
from segcore.privacy.files import Eraser
from segcore.privacy.packed import PIECE
from segcore.privacy.person import Person
from segcore.privacy.rows import Rows

NUMBER = "20100342"
PERSON = Person((NUMBER,), ("Kanari KG",), marker="gelöscht")


def packed(held: object) -> str:
    return base64.b64encode(gzip.compress(json.dumps(held).encode())).decode()


def unpacked(page: str) -> dict:
    return json.loads(gzip.decompress(base64.b64decode(PIECE.search(page)[0])))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ('{"a": 20100342, "b": "of 20100342"}', '{"a": 20100342, "b": "of gelöscht"}'),
        ('{"20100342": [20100342]}', '{"gelöscht": [20100342]}'),
        ('{"a": 20100342}\n{"b": "20100342"}\n', '{"a": 20100342}\n{"b": "gelöscht"}\n'),
        ("[2025-06-01] customer 20100342 called", "[2025-06-01] customer gelöscht called"),
        ("20100342 has 20100342.00, not 20100342.", "gelöscht has 20100342.00, not gelöscht."),
        ("0.20100342", "0.20100342"),
        ('<a b="20100342" title="20100342" href="/x?customer_id=20100342">20100342</a>',
         '<a b="20100342" title="gelöscht" href="/x?customer_id=gelöscht">gelöscht</a>'),
        ('<style>a{width:20100342px}</style><p data-id="20100342">if 1 < 20100342</p>',
         '<style>a{width:20100342px}</style><p data-id="gelöscht">if 1 < gelöscht</p>'),
        ('<script>var a=20100342,b="20100342"</script><i>20100342</i>',
         '<script>var a=20100342,b="gelöscht"</script><i>gelöscht</i>'),
        ('<script type="application/json">{"a":20100342,"b":"20100342"}</script>',
         '<script type="application/json">{"a":20100342,"b":"gelöscht"}</script>'),
        ('<c r="A2"><v>20100342</v></c><c r="B2" t="str"><v>20100342</v></c>',
         '<c r="A2"><v>20100342</v></c><c r="B2" t="str"><v>gelöscht</v></c>'),
        ("<c:numCache><c:v>20100342</c:v></c:numCache><c:strCache><c:v>20100342</c:v></c:strCache>",
         "<c:numCache><c:v>20100342</c:v></c:numCache><c:strCache><c:v>gelöscht</c:v></c:strCache>"),
        ("<!-- of 20100342 -->", "<!-- of gelöscht -->"),
        ("A" * 130 + "/20100342/" + "B" * 60, "A" * 130 + "/20100342/" + "B" * 60),
    ],
)  # fmt: skip
def test_a_number_goes_from_what_people_read(text, made):
    assert PERSON.taken_out(text) == made


@pytest.mark.parametrize("number", ["accent6", "C0504D", "sheet5"])
def test_names_of_parts_and_colours_are_no_number(number):
    person = Person((number,))
    text = f'<a:{number} val="{number}"/><b Target="worksheets/{number}.xml" name="{number}"/>'
    assert person.taken_out(text) == text
    assert person.taken_out(f"<t>{number}</t>") == "<t>erased</t>"


def test_what_is_packed_in_a_picture_is_no_number():
    text = f'<img src="data:image/svg+xml;base64,{"A" * 130}/{NUMBER}/{"B" * 60}">'
    assert PERSON.taken_out(text) == text


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ('new(["K-20001 (Lost)", "K-20001<br>5 EUR"])', 'new(["erased (Lost)", "erased<br>5 EUR"])'),
        ("a={'K-20001: Name':K-20001,b:`of\nK-20001`}", "a={'erased: Name':K-20001,b:`of\nerased`}"),
        ('u="//x?c=K-20001" // that\'s K-20001', 'u="//x?c=erased" // that\'s erased'),
        ('/["\']/g.test(a)?K-20001:"it\'s K-20001"', '/["\']/g.test(a)?K-20001:"it\'s erased"'),
        ('a="\\"",K-20001,"\\" K-20001"', 'a="\\"",K-20001,"\\" erased"'),
        ('n="<i>1</i><b id=K-20001>"+(K-20001<2)', 'n="<i>1</i><b id=erased>"+(K-20001<2)'),
        ('x="K-20001-A", y="K-200012"', 'x="erased-A", y="K-200012"'),
    ],
)
def test_a_number_goes_from_texts_in_scripts(script, made):
    page = f"<p>1</p><script>{script}</script><p>2</p>"
    assert Person(("K-20001",)).taken_out(page) == f"<p>1</p><script>{made}</script><p>2</p>"
    node = {"output_type": "display_data", "data": {"text/html": [f"<script>{script}</script>"]}}
    cell = json.dumps({"cells": [{"outputs": [node]}]})
    told = json.loads(texts.notebook(cell, Person(("K-20001",))))["cells"][0]["outputs"][0]["data"]
    assert "".join(told["text/html"]) == f"<script>{made}</script>"


def test_names_go_from_attributes_that_people_read():
    text = '<sheet name="Kanari KG"/><a href="of/20100342.html" id="2"/><b Target="mailto:Kanari%20KG"/>'
    made = '<sheet name="gelöscht"/><a href="of/gelöscht.html" id="2"/><b Target="mailto:gelöscht"/>'
    assert PERSON.taken_out(text) == made


def test_a_colour_in_a_summary_is_no_number():
    assert (
        Person(("A47928",)).taken_out('{"a": "#A47928", "b": "A47928"}') == '{"a": "#A47928", "b": "erased"}'
    )


@pytest.mark.parametrize(("mark", "point"), [(";", ","), (",", "."), ("\t", ",")])
def test_a_csv_file_keeps_amounts(mark, point):
    lines = [
        ["representative", "amount", "says"],
        ["R1", f"20100342{point}00", "about 20100342"],
        ["20100342", "5", "20100342"],
    ]
    made = [
        ["representative", "amount", "says"],
        ["R1", f"20100342{point}00", "about gelöscht"],
        ["gelöscht", "5", "gelöscht"],
    ]
    text = "".join(mark.join(line) + "\n" for line in lines)
    assert records.without(text.encode(), PERSON).decode() == "".join(mark.join(line) + "\n" for line in made)


def test_a_row_goes_from_which_a_spreadsheet_took_the_zeros(tmp_path):
    text = "customer_id;name;value\n61026;Kanari;1\n161026;Adler;61026\n"
    made = "customer_id;name;value\n161026;Adler;61026\n"
    person = Person(("0000061026",))
    (tmp_path / "moves.csv").write_text(text, encoding="utf-8")
    with DuckDB(folders=[tmp_path]) as engine:
        eraser = Eraser(engine, person)
        assert eraser.holds(tmp_path / "moves.csv")
        eraser.rewrite(tmp_path / "moves.csv", tmp_path / "moves.csv")
        assert not eraser.holds(tmp_path / "moves.csv")
    assert (tmp_path / "moves.csv").read_text(encoding="utf-8") == made
    with_zeros = f"{text}0000000007;Bussard;1\n"
    assert records.without(with_zeros.encode(), person).decode() == with_zeros


def test_a_quoted_amount_stays():
    text = 'representative,amount\nR1,"20100342,00"\n"20100342",1\n'
    assert records.without(text.encode(), PERSON).decode() == text.replace('"20100342",', '"gelöscht",')


def test_a_packed_page_keeps_its_amounts():
    values = [["K-1", NUMBER], [20100342, 7], ["of 20100342", ""]]
    keys = ("customer_id", "value", "note")
    held = {
        "columns": [{"key": key, "values": value} for key, value in zip(keys, values, strict=True)],
        "cards": {"heads": ["a"], "texts": ["amount of 20100342.5", "mine" * 40], "rows": [[0, 0], [0, 1]]},
    }
    made = unpacked(texts.page(f'<script type="application/gzip">{packed(held)}</script>', PERSON))
    assert [column["values"] for column in made["columns"]] == [["K-1"], [20100342], ["of gelöscht"]]
    assert made["cards"]["texts"] == ["amount of 20100342.5", ""]


def test_a_packed_page_keeps_no_code_that_only_the_customer_had():
    codes = {"keys": ["a@x.example", "nobody", "petra@x.example"], "names": ["A", "Nobody", "Petra"]}
    held = {
        "columns": [
            {"key": "customer_id", "values": ["K-1", NUMBER, "K-2", "K-3"]},
            {"key": "mail", **codes, "values": [0, 2, -1, 0]},
            {"key": "segment", "keys": ["Gold", "Lost"], "names": ["Gold", "Lost"], "values": [1, 0, 0, 1]},
        ],
        "cards": {"heads": ["a"], "texts": ["b" * 120], "rows": [[0, 0]] * 4},
    }
    _, mail, segment = unpacked(texts.page(packed(held), PERSON))["columns"]
    assert mail == {
        "key": "mail",
        "keys": ["a@x.example", "nobody"],
        "names": ["A", "Nobody"],
        "values": [0, -1, 0],
    }
    assert (segment["keys"], segment["values"]) == (["Gold", "Lost"], [1, 0, 1])


def test_a_packed_page_that_somebody_broke_is_cleaned_as_a_text():
    raw = ('{"columns":[{"key":"value","values":[gelöscht]}],"a":"%s"}' % (NUMBER + " called " * 40)).encode()
    page = base64.b64encode(raw).decode()
    made = base64.b64decode(texts.page(page, PERSON)).decode()
    assert made == raw.decode().replace(NUMBER, "gelöscht")


def book(path: Path, heads: tuple[Column, ...], rows: list[tuple]) -> Path:
    write_workbook(path, About("ACME", JUNE, "EUR"), [Sheet("Customers", "all", heads, rows, 1)])
    return path


def cells(path: Path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name("Customers").to_python()[1:]


def test_a_workbook_keeps_amounts_and_rows_of_others(tmp_path):
    money = Column("Value", kind="whole")
    path = book(tmp_path / "a.xlsx", (Column("Customer no."), Column("Says"), money),
                [("K-1", f"of {NUMBER}", 20100342), (NUMBER, "me", 20100342)])  # fmt: skip
    zipped.rewrite(path, tmp_path / "b.xlsx", PERSON)
    assert cells(tmp_path / "b.xlsx") == [["K-1", "of gelöscht", 20100342.0]]
    assert not zipped.holds(tmp_path / "b.xlsx", PERSON)


def test_a_sheet_without_customers_keeps_its_rows(tmp_path):
    path = book(tmp_path / "a.xlsx", (Column("Segment"), Column("Value", kind="whole")), [("Gold", 20100342)])
    assert not zipped.holds(path, PERSON)


@pytest.mark.parametrize("number", ["R&D-77123", "R<D-77123", 'R"D>77123'])
@pytest.mark.parametrize("shared", [(), ("R&D-77123", "R<D-77123", 'R"D>77123')])
def test_a_row_goes_whose_number_is_escaped(tmp_path, number, shared):
    path = book(
        tmp_path / "a.xlsx",
        (Column("Customer no."), Column("Name"), Column("Value", kind="whole")),
        [("K-1", "Huber", 1), (number, "Huber", 2), (f"{number}-A", "Adler", 3)],
    )
    person = Person((number,), shared=shared)
    assert zipped.holds(path, person)
    zipped.rewrite(path, tmp_path / "b.xlsx", person)
    assert [row[1:] for row in cells(tmp_path / "b.xlsx")] == [["Huber", 1.0], ["Adler", 3.0]]


def test_slides_keep_their_size(tmp_path):
    made = Presentation()
    made.slide_width = 12192000
    made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = "12192000 called"
    made.save(tmp_path / "a.pptx")
    person = Person(("12192000",))
    assert zipped.holds(tmp_path / "a.pptx", person)
    zipped.rewrite(tmp_path / "a.pptx", tmp_path / "b.pptx", person)
    left = Presentation(str(tmp_path / "b.pptx"))
    assert left.slide_width == 12192000
    assert left.slides[0].shapes.title.text == "erased called"
    assert not zipped.holds(tmp_path / "b.pptx", person)


def test_a_number_that_is_an_amount_of_somebody_else_is_common(tmp_path):
    path = tmp_path / "table.parquet"
    with DuckDB(folders=[tmp_path]) as engine:
        engine.execute(
            "create table t as from (values ('20100342', 20100344.0, 1), ('20100343', 20100342.2, 4711), "
            "('0000004711', 1, 2)) v(customer_id, value, count)"
        )
        engine.write_parquet("from t", path)
        found = {
            number: Rows(engine, (number,), ()).of(path).numbers
            for number in ("20100342", "20100343", "0000004711")
        }
    assert found == {"20100342": {"20100342"}, "20100343": set(), "0000004711": set()}


@pytest.mark.parametrize("name", ["data/summary.json", "report/customers.html", "report/workbook.xlsx"])
def test_a_file_that_could_not_be_read_any_more_stays_as_it_is(tmp_path, monkeypatch, name):
    places = project(tmp_path / "p", NUMBER, "Kanari KG")
    source, text = places.published(JUNE) / name, {"a": "of Kanari KG"}
    path = tmp_path / Path(name).name
    path.write_bytes(
        source.read_bytes() if source.exists() and path.suffix != ".json" else json.dumps(text).encode()
    )
    before = path.read_bytes()
    monkeypatch.setattr(Person, "taken_out", lambda self, text, where=None: text.replace("Kanari KG", '"<'))
    monkeypatch.setattr(Person, "spans", lambda self, text, where=None: [])
    with DuckDB(folders=[tmp_path]) as engine:
        eraser = Eraser(engine, Person(("K-20001",), ("Kanari KG",)))
        monkeypatch.setattr(Person, "is_in", lambda self, text: "Kanari" in text)
        with pytest.raises(ArchiveError, match="must be readable without the customer"):
            eraser.rewrite(path, path)
    assert path.read_bytes() == before
    assert [*tmp_path.glob("*partial*")] == []


def test_an_erasure_leaves_amounts_and_files_that_can_be_read(tmp_path):
    places = project(tmp_path / "p", NUMBER, "Kanari KG")
    for name in ("run.json", "report/moves.csv"):
        assert (places.published(JUNE) / name).exists()
    with duckdb.connect() as engine:
        path = places.published(JUNE) / "data" / "listed.parquet"
        assert engine.execute(f"select count(*) from '{path}'").fetchone() == (5,)
    erased(places, NUMBER)
    page = (places.published(JUNE) / "report" / "customers.html").read_text(encoding="utf-8")
    assert unpacked(page)["columns"][0]["values"] == [*OTHERS]
    with zipfile.ZipFile(
        io.BytesIO((places.published(JUNE) / "report" / "workbook.xlsx").read_bytes())
    ) as made:
        assert made.testzip() is None
