"""Files of other programs below reports/: archives go whole, and of others nothing is claimed in doubt."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from email.message import EmailMessage

import pytest
from small_archive import JUNE
from small_erasing import hits, project
from test_erasing import erased

NUMBER, NAME = "K-77712", "Kanarienvogel Süd KG"
ALL = "acme: nothing of the customer is left in runs and reports"
FOREIGN = "removed whole: segcore did not make this file"
UNTOLD = "nobody can tell whether it holds the customer; look, or remove it"


@pytest.fixture
def places(tmp_path):
    made = project(tmp_path / "p", NUMBER, NAME)
    (made.reports / "mine").mkdir()
    return made


def archived(**members: bytes | str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return made.getvalue()


def mail(cte: str, text: str) -> bytes:
    made = EmailMessage()
    made["Subject"] = "list"
    made.set_content(text, cte=cte)
    return bytes(made)


SPLIT = "<w:p><w:r><w:t>Kanarienvogel S</w:t></w:r><w:r><w:t>üd KG</w:t></w:r></w:p>"
ARCHIVES = {
    "page.zip": archived(customers_dot_html=f"<p>{NUMBER}</p>", other_dot_csv="K-1,5\n"),
    "named.zip": archived(**{f"{NUMBER}_dot_txt": "hello"}),
    "packed.zip": archived(a=gzip.compress(f"{NUMBER},5\n".encode())),
    "letters.zip": archived(letter_dot_docx=archived(word__document_dot_xml=f"<w:t>{NUMBER}</w:t>")),
    "split.docx": archived(word__document_dot_xml=SPLIT),
    "split.pptx": archived(ppt__slides__slide1_dot_xml="<a:t>K-77</a:t></a:r><a:r><a:t>712</a:t>"),
}
UNSURE = {
    "export.xml": f'<?xml version="1.0"?><all><one id="{NUMBER}" name="{NAME}"/></all>'.encode(),
    "base64.eml": mail("base64", f"Liebe Anke, bitte diese Woche {NAME} anrufen, das ist {NUMBER}. " * 3),
    "quoted.eml": mail("quoted-printable", f"Bitte über diese Woche für den Kunden anrufen, nämlich {NAME}"),
    "split.html": "<p><b>Kanarienvogel</b> Süd KG, <i>K</i>-77712</p>".encode(),
    "drawing.svg": b"<svg><text>K-77<tspan>712</tspan></text></svg>",
    "short.html": b'<a href="data:text/plain;base64,%s">x</a>' % base64.b64encode(f"1 {NAME}".encode()),
    "id.html": f'<a id="c-{NUMBER}" name="{NUMBER}" href="#{NUMBER}">x</a>'.encode(),
    "blanks.txt": "Kanarienvogel  Süd\n KG".encode(),
    "case.txt": b"k-77712",
    f"{NUMBER} letter.txt": b"Dear Sir",
    "attribute.zip": archived(x_dot_xml=f'<one id="{NUMBER}"/>'),
    "paper.zip": archived(x_dot_pdf=b"%PDF-1.7 packed"),
}
ELSE = {
    "others.zip": archived(customers_dot_csv="K-1,5\n", thumb_dot_bin=b"\0\1"),
    "others.eml": mail("base64", "Liebe Anke, bitte diese Woche K-20001 anrufen, das ist Adler AG. " * 3),
    "amounts.json": b'{"a": 77712}',
}


def test_archives_of_other_programs_with_the_customer_go_whole(places):
    with zipfile.ZipFile(places.reports / "mine" / "table.zip", "w") as archive:
        archive.write(places.published(JUNE) / "data" / "listed.parquet", "listed.parquet")
    for name, data in {**ARCHIVES, **ELSE}.items():
        (places.reports / "mine" / name).write_bytes(data)
    foreseen, told = "\n".join(erased(places, yes=False, number=NUMBER)), erased(places, NUMBER)
    for name in (*ARCHIVES, "table.zip"):
        path = places.reports / "mine" / name
        assert f"{path}: {FOREIGN}" in told and not path.exists()
        assert f"{path}: is {FOREIGN}" in foreseen
    assert ALL in told
    assert {name: (places.reports / "mine" / name).read_bytes() for name in ELSE} == ELSE


@pytest.mark.parametrize("name", UNSURE)
def test_nothing_is_claimed_of_a_file_that_may_hold_the_customer_in_some_writing(places, name):
    path = places.reports / "mine" / name
    path.write_bytes(UNSURE[name])
    told = erased(places, NUMBER)
    assert f"{path}: {UNTOLD}" in told and ALL not in told and path.exists()
    path.unlink()


def test_a_table_with_tabs_loses_the_customers_row(places):
    path = places.reports / "mine" / "list.tsv"
    path.write_text(f"customer_id\tname\n{NUMBER}\t{NAME}\nK-20001\tAdler AG\n", encoding="utf-8")
    assert ALL in erased(places, NUMBER)
    assert path.read_text(encoding="utf-8") == "customer_id\tname\nK-20001\tAdler AG\n"
    assert hits([NUMBER, NAME], places.reports) == []
