from __future__ import annotations

from decimal import Decimal

import pytest
from small_sources import HEADER, ingest_files

from segcore.engine import ENGINES

FOLLOWED = (
    "    unique: record\n",
    "    unique: record\n    exclude: {cancelled: \"order_id like 'C%'\"}\n"
    "  followups: {files: [visits.csv], columns: {customer_id: Kunde, rep: Vertreter, date: Datum}}\n",
)
SALES = "".join(
    [
        HEADER,
        "K1;A1;1;01.02.2025;Büro;10,00\n",
        "K1;C1;1;03.02.2025;Büro;-10,00\n",
        ";C2;1;04.02.2025;Büro;-5,00\n",
        "K2;C3;1;05.02.2025;Büro;7,00\n",
    ]
)
VISITS = "Kunde;Vertreter;Datum\nK1;R1;02.02.2025\n"


@pytest.fixture
def engine():
    with ENGINES["duckdb"]() as engine:
        yield engine


def test_what_customers_were_credited_is_kept_where_follow_ups_are_logged(engine, tmp_path):
    ingest_files(engine, tmp_path, {"sales.csv": SALES, "visits.csv": VISITS}, FOLLOWED)
    found = engine.rows("select customer_id, order_id, order_date::VARCHAR, amount from credits")
    assert found == [("K1", "C1", "2025-02-03", Decimal("-10.0000"))]


def test_without_follow_ups_nobody_asks_for_credits(engine, tmp_path):
    ingest_files(engine, tmp_path, {"sales.csv": SALES})
    assert not engine.has("credits")
