"""Whose records of extracts go: of every source that reads a file, of failed runs, of the data folder."""

from __future__ import annotations

import os
import zipfile

import duckdb
import pytest
import small_erasing
from small_archive import JUNE, kept_input
from small_erasing import DATES, OTHERS, STUDY, hits, project, run
from small_workbooks import written
from test_erasing import erased
from test_erasing_others import records, rows

from segcore.archive import Places
from segcore.archive.places import ERASING
from segcore.errors import ArchiveError
from segcore.files import sha256_of
from segcore.privacy import erasing

NUMBER, NAME = "K-77712", "Kanarienvogel KG"
PADDED = STUDY.replace("customer_id: customer", "customer_id: {from: customer, zero_pad: 10}")
HEADS = """\
  orders:
    files: [heads*.csv]
    columns: {order_id: order, customer_id: customer}
"""
BOOK = """\
  products:
    files: [book.xlsx]
    format: {sheets: [Articles]}
    columns: {product: article, market: market}
  customers:
    files: [book.xlsx]
    format: {sheets: [Accounts]}
    columns: {customer_id: customer, name: name}
"""
BOOKS = STUDY.replace("variables:", f"{BOOK}variables:")
LINES = STUDY.replace("customer_id: customer, ", "").replace("variables:", f"{HEADS}variables:")


def entry(places: Places, kept: dict[str, str], source: str) -> dict[str, object]:
    size = next(places.inputs.glob(f"{kept['sha256']}.*")).stat().st_size
    return {**kept, "source": source, "pattern": 0, "delivered": None, "bytes": size}


def in_store(places: Places, path, source: str) -> dict[str, object]:
    digest = sha256_of(path)
    os.link(path, places.inputs / f"{digest}{path.suffix}")
    return entry(places, {"name": path.name, "sha256": digest}, source)


@pytest.mark.parametrize("sources", [("products", "customers"), ("customers", "products")])
def test_a_workbook_is_looked_at_as_every_source_that_reads_it(tmp_path, sources):
    places = project(tmp_path / "p", NUMBER, NAME, study=BOOKS)
    sheets = {
        "Articles": [["article", "market"], ["A1", "north"]],
        "Accounts": [["customer", "name"], [NUMBER, NAME], *OTHERS.items()],
    }
    book = written(places.root / "data" / "book.xlsx", sheets)
    more = [in_store(places, book, source) for source in sources[:1]]
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=[*more, {**more[0], "source": sources[1]}])
    told = erased(places)
    assert f"{places.inputs / more[0]['sha256']}.xlsx: removed" in told
    assert f"{book}: still holds the customer, whom the next run brings back; take the customer out" in told
    assert hits([NUMBER, NAME], places.runs, places.reports) == []


def test_lines_of_the_customers_orders_go_where_only_heads_say_whose_they_are(tmp_path):
    places = project(tmp_path / "p", NUMBER, NAME, study=LINES)
    heads = f"order,customer\n17,{NUMBER}\n18,K-20001\n19,{NUMBER}\n19,K-20002\n"
    head, theirs = "order,date,market,amount\n", "17,2025-02-01,for Mrs Kanari,5\n"
    others = "18,2025-02-01,north,7\n19,2025-02-01,south,9\n"
    text = head + theirs + others
    more = [
        entry(places, kept_input(places, heads, "heads.csv"), "orders"),
        entry(places, kept_input(places, text, "sales_lines.csv"), "transactions"),
    ]
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=more)
    erased(places)
    texts = [path.read_text(encoding="utf-8") for path in places.inputs.glob("*.csv")]
    assert head + others in texts
    assert "order,customer\n18,K-20001\n19,K-20002\n" in texts


BAD = (
    "0000058213,93,2025-01-03,north,12,,5,much\n"
    "58220,94,2025-01-03,north,58213.00,more,fields\n"
    "58221,95,2025-01-03,see 58213,77,more,fields\n"
    "58222,58213,2025-01-03,north,77,more,fields\n"
)


def test_records_of_others_that_could_not_be_read_stay_whatever_stands_in_them(tmp_path):
    places = project(tmp_path / "p", "58213", NAME, study=PADDED)
    text = (
        "customer,order,date,market,amount\n58213,1,2025-02-01,north,5\n58220,2,2025-02-01,north,5\n"
        "58221,3,2025-02-01,north,5\n58222,4,2025-02-01,north,5\n" + BAD
    )
    more = [entry(places, kept_input(places, text, "sales_bad.csv"), "transactions")]
    run(places, JUNE, {"0000058213": NAME, **OTHERS}, more=more)
    erased(places, "0000058213")
    left = [record for record in records(places, JUNE) if record[0].startswith("582")]
    assert left == [
        *(["58220", "2"], ["58221", "3"], ["58222", "4"]),
        *(["58220", "94"], ["58221", "95"], ["58222", "58213"]),
    ]


def test_a_record_that_messages_quote_goes_from_them_however_they_cut_it(tmp_path):
    places = project(tmp_path / "p", "58213", NAME, study=PADDED)
    record = "58213,92,2025-01-03,north,7,more,fields, and so on"
    more = [
        entry(places, kept_input(places, f"customer,order,date,market,amount\n{record}\n"), "transactions")
    ]
    run(places, JUNE, {"0000058213": NAME, **OTHERS}, more=more, words=f" (got '{record[:39]}…')")
    page = places.published(JUNE) / "report" / "report.html"
    assert record[:39] in page.read_text(encoding="utf-8")
    erased(places, "0000058213")
    assert "58213" not in page.read_text(encoding="utf-8")


def orphan(places: Places, text: str) -> str:
    return kept_input(places, text)["sha256"]


def test_extracts_that_no_run_names_go_if_the_number_may_stand_in_them_in_any_form(tmp_path):
    places = project(tmp_path / "p", "58213", NAME, study=PADDED)
    run(places, JUNE, {"0000058213": NAME, **OTHERS})
    theirs, others = orphan(places, "Kunde;Umsatz\n58213;5\n"), orphan(places, "Kunde;Umsatz\n58214;5\n")
    erased(places, "0000058213")
    assert not (places.inputs / f"{theirs}.csv").exists()
    assert (places.inputs / f"{others}.csv").exists()


def test_who_stands_only_in_what_a_failed_run_read_can_be_erased(tmp_path):
    places = project(tmp_path / "p", NUMBER, NAME)
    sha256 = orphan(places, "customer,order\nK-99999,5\n")
    erased(places, "K-99999")
    assert not (places.inputs / f"{sha256}.csv").exists()
    with pytest.raises(ArchiveError, match="none of them knows it"):
        erased(places, "K-99999")


def test_what_a_check_parsed_and_no_run_read_goes_as_well(tmp_path):
    places = project(tmp_path / "p", NUMBER, NAME)
    parsed = places.inputs / "parsed" / f"{'a' * 64}.parquet"
    parsed.parent.mkdir(parents=True)
    duckdb.execute(f"copy (select 'K-99999' as customer_id, 5 as amount) to '{parsed}'")
    erased(places, "K-99999")
    assert not parsed.exists()


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
def test_a_record_goes_from_the_right_member_of_an_archive(tmp_path, ends):
    """Each member of an archive begins with a piece of its own, in which no line may end."""
    places = project(tmp_path / "p", NUMBER, NAME)
    head = ["customer,order,date,market,amount"]
    lines = [f'{one},{place},2025-02-0{place},"no{ends}rth",5' for place, one in enumerate(OTHERS, start=1)]
    mine = f'{NUMBER},9,2025-02-09,"no{ends}rth",5'
    members = [[*head, *lines[:2], mine], [*head, lines[2], mine, lines[3]], [*head, mine, lines[0]]]
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for place, member in enumerate(members):
            archive.writestr(f"sales_{place}.csv", ends.join(member) + ends)
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=[in_store(places, path, "transactions")])
    erased(places)
    (kept,) = places.inputs.glob("*.zip")
    with zipfile.ZipFile(kept) as archive:
        (name,) = archive.namelist()
        left = archive.read(name).decode()
    assert left == ends.join(line for member in members for line in member if line != mine) + ends


@pytest.mark.parametrize("remark", ["", NAME, NUMBER])
def test_a_study_may_read_a_web_page(tmp_path, remark):
    """Of the person it says nothing or a remark: it stays, and the remark is told."""
    source = "  products:\n    files: [articles.xls]\n    columns: {product: article, market: market}\n"
    study = STUDY.replace("variables:", f"{source}variables:")
    places = project(tmp_path / "p", NUMBER, NAME, study=study)
    path = tmp_path / "articles.xls"
    cells = [["article", "market", "remark"], ["A1", "north", remark]]
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    path.write_text(f"<html><body><table>{table}</table></body></html>", encoding="utf-8")
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=[in_store(places, path, "products")])
    told = erased(places)
    assert len([*places.inputs.glob("*.xls")]) == 1
    assert bool(remark) == any(line.startswith("articles.xls: names the customer in what") for line in told)


def test_files_in_the_data_folder_are_named_that_hold_the_customer_as_the_study_reads_them(tmp_path):
    places = project(tmp_path / "p", "58213", NAME, study=PADDED)
    run(places, JUNE, {"0000058213": NAME, "0000058214": "Reiher AG", **OTHERS})
    data = places.root / "data"
    new = data / "sales_unread.csv"
    head = "customer,order,date,market,amount\n"
    new.write_bytes((head + "58213,7,2025-07-01,nörd,5\n58214,8,2025-07-01,nörd,5\n").encode("utf-16"))
    other = data / "sales_other.csv"
    other.write_text(head + "K-20001,9,2025-07-01,north,58213\n", encoding="utf-8")
    says = "still holds the customer, whom the next run brings back; take the customer out"
    told = erased(places, "0000058213")
    assert {line for line in told if says in line} == {
        f"{path}: {says}" for path in (new, *(data / f"sales_{date}.csv" for date in DATES))
    }
    told = erased(places, "0000058214")
    assert [line for line in told if says in line] == [f"{new}: {says}"]


def test_a_data_folder_that_nobody_could_look_into_is_told(tmp_path):
    places = project(tmp_path / "p", NUMBER, NAME)
    for path in (places.root / "data").iterdir():
        path.unlink()
    told = erased(places)
    assert any(line.startswith("files of transactions: nobody looked into them, for") for line in told)
    (places.root / "params" / "acme.yaml").write_text("title: [", encoding="utf-8")
    told = erased(places, "K-20001")
    assert any("nobody looked into the data folder" in line for line in told)


RENUMBERED = STUDY.replace(
    "variables:",
    "  renumbered:\n    files: [renumbered.csv]\n    columns: {customer_id: old, becomes: new}\nvariables:",
)


def test_a_number_that_was_given_up_is_refused_with_the_one_of_today(tmp_path):
    places = project(tmp_path / "p", NUMBER, NAME, study=RENUMBERED)
    text = f"old,new\nK-70000,K-70001\nK-70001,{NUMBER}\n"
    more = [entry(places, kept_input(places, text, "renumbered.csv"), "renumbered")]
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=more)
    with pytest.raises(ArchiveError, match=r"'K-70000' must be .* of today \(it became 'K-70001'\)"):
        erased(places, "K-70000")


def test_it_is_so_too_where_only_the_tables_of_runs_know_the_old_number(tmp_path, monkeypatch):
    made = small_erasing._tables

    def with_numbers(folder, names):
        made(folder, names)
        pairs = f"(values ('K-70000', '{NUMBER}')) v(customer_id, becomes)"
        duckdb.execute(f"copy (from {pairs}) to '{folder / 'renumbered.parquet'}' (format parquet)")

    monkeypatch.setattr(small_erasing, "_tables", with_numbers)
    places = project(tmp_path / "p", NUMBER, NAME)
    with pytest.raises(ArchiveError, match=rf"of today \(it became '{NUMBER}'\)"):
        erased(places, "K-70000")
    erased(places)
    assert hits(["K-70000"], places.runs, places.reports) == []


def test_a_row_of_somebody_elses_that_names_the_customer_is_told_of_parquet_too(tmp_path):
    places = project(tmp_path / "p", NUMBER, NAME)
    path = places.root / "data" / "sales_more.parquet"
    with duckdb.connect() as engine:
        row = f"'K-20001' as customer, '5' as \"order\", '2025-02-01' as date, 'for {NAME}' as market"
        engine.execute(f"copy (select {row}, '7' as amount) to '{path}' (format parquet)")
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=[in_store(places, path, "transactions")])
    told = erased(places)
    assert any(
        line.startswith("sales_more.parquet: names the customer in what is no record") for line in told
    )
    assert rows(places, JUNE) == [*OTHERS.items()]


def test_what_stands_in_an_attribute_of_the_customer_that_could_not_be_read_goes_as_well(tmp_path):
    study = STUDY.replace(
        "variables:",
        "  customers:\n    files: [accounts.csv]\n"
        "    columns: {customer_id: customer, name: name, since: since}\nvariables:",
    )
    places = project(tmp_path / "p", NUMBER, NAME, study=study)
    text = f"customer,name,since\n{NUMBER},{NAME},ca. Easter 1999 with Petra\nK-20001,Adler AG,unknown day\n"
    more = [entry(places, kept_input(places, text, "accounts.csv"), "customers")]
    quoted = " (like 'ca. Easter 1999 with Petra'; 'unknown day')"
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=more, words=quoted)
    erased(places)
    page = (places.published(JUNE) / "report" / "report.html").read_text(encoding="utf-8")
    assert "Petra" not in page
    assert "unknown day" in page


@pytest.mark.parametrize("raw", ["2019", "since 2019", "unknown day"])
def test_what_may_mean_something_else_is_not_taken_for_the_customer(tmp_path, raw):
    study = STUDY.replace(
        "variables:",
        "  customers:\n    files: [accounts.csv]\n"
        "    columns: {customer_id: customer, name: name, since: since}\nvariables:",
    )
    places = project(tmp_path / "p", NUMBER, NAME, study=study)
    text = f"customer,name,since\n{NUMBER},{NAME},{raw}\nK-20001,Adler AG,2001-01-01\n"
    more = [entry(places, kept_input(places, text, "accounts.csv"), "customers")]
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=more, words=f", nobody {raw} ordered more")
    erased(places)
    page = (places.published(JUNE) / "report" / "report.html").read_text(encoding="utf-8")
    assert f"nobody {raw} ordered more" in page


def test_a_record_that_one_source_cannot_read_is_whose_another_source_says(tmp_path):
    products = "  products:\n    files: [sales_all.csv]\n    columns: {product: order, market: market}\n"
    study = STUDY.replace("variables:", f"{products}variables:")
    places = project(tmp_path / "p", NUMBER, NAME, study=study)
    others = f"K-20001,,2025-02-01,for {NAME},5\n"
    text = f"customer,order,date,market,amount\n{NUMBER},1,2025-02-01,north,5\n{others}"
    kept = kept_input(places, text, "sales_all.csv")
    more = [entry(places, kept, "products"), entry(places, kept, "transactions")]
    run(places, JUNE, {NUMBER: NAME, **OTHERS}, more=more)
    told = erased(places)
    assert any(line.startswith("sales_all.csv: names the customer in what is no record of") for line in told)
    assert ["K-20001", ""] in records(places, JUNE)


def test_whom_a_command_is_about_is_known_until_all_pages_are_made_again(tmp_path, monkeypatch):
    places = project(tmp_path / "p", NUMBER, NAME)
    finish = erasing.archive.finish

    def dies(places):
        assert (places.runs / ERASING).exists()
        raise KeyboardInterrupt

    monkeypatch.setattr(erasing.archive, "finish", dies)
    with pytest.raises(KeyboardInterrupt):
        erased(places)
    monkeypatch.setattr(erasing.archive, "finish", finish)
    told = erased(places)
    assert "acme: nothing of the customer is left in runs and reports" in told
    assert not (places.runs / ERASING).exists()
