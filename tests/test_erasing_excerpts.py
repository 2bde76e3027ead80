"""Which large files of the data folder still hold somebody, told from a few of their lines where these do."""

from __future__ import annotations

import pytest
from small_erasing import project
from test_erasing import erased
from test_erasing_extracts import LINES, PADDED

from segcore.privacy import excerpts, extracts

NUMBER, NAME = "0000058213", "Kanarienvogel KG"
HEAD = "customer,order,date,market,amount\n"
OTHERS = "".join(f"{70000 + place},{place},2025-02-01,north,5\n" for place in range(20_000))
HOLDS = "still holds the customer, whom the next run brings back; take the customer out"


@pytest.fixture
def read(monkeypatch):
    """Bytes of what was parsed from the data folder."""
    found = []
    parse = extracts.parse_extract

    def parsed(engine, extract, *more):
        found.append(extract.bytes)
        return parse(engine, extract, *more)

    monkeypatch.setattr(extracts, "parse_extract", parsed)
    return found


def told(tmp_path, text, *, study=PADDED, name="sales_large.csv", encoding="utf-8", more=()):
    places = project(tmp_path / "p", NUMBER, NAME, study=study)
    data = places.root / "data"
    for path in data.iterdir():
        path.unlink()
    for other, content in more:
        (data / other).write_text(content, encoding="utf-8")
    (data / name).write_bytes(text.encode(encoding))
    return [line for line in erased(places, NUMBER, yes=False) if line.startswith(f"{data}/")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("line", ["58213,9,2025-02-01,north,5\n", "0058213,9,2025-02-01,north,5"])
def test_a_record_in_a_large_file_is_found_without_reading_the_others(tmp_path, read, line, encoding):
    found = told(tmp_path, HEAD + OTHERS + line, encoding=encoding)
    assert found == [f"{tmp_path / 'p' / 'data' / 'sales_large.csv'}: {HOLDS}"]
    assert max(read) < excerpts.START + 200


@pytest.mark.parametrize("line", ["70000,58213,2025-02-01,north,5\n", "158213,9,2025-02-01,north,5\n"])
def test_a_large_file_with_the_number_elsewhere_is_read_whole_and_holds_nobody(tmp_path, read, line):
    assert told(tmp_path, HEAD + OTHERS + line) == []
    assert max(read) > len(OTHERS)


def test_where_there_are_quotes_lines_may_be_no_records_so_all_are_read(tmp_path, read):
    within = '70000,9,2025-02-01,"north, 158213",5\n'
    assert told(tmp_path, HEAD + OTHERS + within) == []
    assert max(read) > len(OTHERS)


def test_a_quote_that_the_study_does_not_have_is_a_character(tmp_path, read):
    study = PADDED.replace("    columns:", "    format: {quote: none}\n    columns:", 1)
    assert "quote: none" in study
    found = told(tmp_path, HEAD + OTHERS + '58213,9,2025-02-01,"north,5\n', study=study)
    assert [line.partition(": ")[2] for line in found] == [HOLDS]
    assert max(read) < excerpts.START + 200


def test_where_the_number_stands_in_most_lines_all_are_read(tmp_path, read, monkeypatch):
    monkeypatch.setattr(excerpts, "MOST", 100)
    text = HEAD + OTHERS + "70000,58213,2025-02-01,north,5\n" * 200 + "58213,9,2025-02-01,north,5\n"
    assert [line.partition(": ")[2] for line in told(tmp_path, text)] == [HOLDS]
    assert max(read) > len(OTHERS)


def test_lines_of_orders_are_looked_for_in_files_that_say_whose_the_orders_are(tmp_path):
    study = LINES.replace("customer_id: customer}", "customer_id: {from: customer, zero_pad: 10}}")
    heads = "customer,order\n" + "".join(f"{70000 + place},{place}\n" for place in range(30_000))
    lines = "order,date,market,amount\n" + "".join(
        f"{place},2025-02-01,north,5\n" for place in (*range(20_000), 99_999)
    )
    found = told(tmp_path, lines, study=study, more=[("heads_1.csv", f"{heads}58213,99999\n")])
    data = tmp_path / "p" / "data"
    assert sorted(found) == [f"{data / name}: {HOLDS}" for name in ("heads_1.csv", "sales_large.csv")]
