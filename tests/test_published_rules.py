"""The rule table, data and segment names that the R package rfm publishes.

Source: the R package rfm (MIT), its two sample data sets and its own scores and segment names.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from itertools import product
from math import ceil

import numpy as np
import pytest

from segcore.engine import DuckDB
from segcore.engine.sql import quote_text
from segcore.errors import RulesError
from segcore.model import Model, ModelVariable, apply
from segcore.rules import lint, parse_rules

VARIABLES = {"recency": 5, "frequency": 5, "monetary": 5}
RULES = """\
segment,recency,frequency,monetary
Champions,5,5,5
Potential Loyalist,3-5,3-5,2-5
Loyal Customers,2-4,2-4,2-4
Promising,3-4,1-3,3-5
New Customers,4-5,1-3,1-5
Can't Lose Them,1-2,3-4,4-5
At Risk,1-2,2-5,4-5
Need Attention,1-3,3-5,3-5
About To Sleep,2-3,1-3,1-4
Lost,1,1-5,1-5
"""
OTHERS = "Others,*,*,*\n"
SEGMENTS = [row.split(",")[0] for row in (RULES + OTHERS).splitlines()[1:]]
ORDERS = "expected_rfm_orders_2006-12-31.csv"
CUSTOMERS = {ORDERS: 995, "expected_rfm_customer_2007-01-01.csv": 39_999}
only_orders = pytest.mark.parametrize("published", [ORDERS], indirect=True)


@pytest.fixture(scope="module")
def table():
    return parse_rules(RULES + OTHERS, file="rfm.csv", variables=VARIABLES, segments=SEGMENTS)


@pytest.fixture(scope="module", params=CUSTOMERS)
def published(request, shared_data, tmp_path_factory):
    """The published values, scores and segments of one data set, in an engine."""
    folder = tmp_path_factory.mktemp("rfm")
    with zipfile.ZipFile(shared_data / "rfm_r_package.zip") as archive:
        archive.extract(request.param, folder)
    with DuckDB() as engine:
        engine.execute(
            "create table published as select customer_id, recency_days as recency, "
            "transaction_count as frequency, amount as monetary, recency_score as recency_class, "
            "frequency_score as frequency_class, monetary_score as monetary_class, "
            f"segment as expected from read_csv({quote_text(str(folder / request.param))})"
        )
        yield engine, request.param


def edges_of(engine, name):
    """Type-7 quantiles plus 1 cut at [lower, upper); over whole numbers (lower, upper] is one less."""
    values = np.array([row[0] for row in engine.rows(f"select {name} from published")])
    cuts = np.quantile(values, [0.2, 0.4, 0.6, 0.8]) + 1
    return tuple(ceil(cut) - 1 for cut in cuts)


def variable(engine, name):
    better = "low" if name == "recency" else "high"
    words = {"label": name, "unit": "", "shown_per": 1.0, "sql": "", "window": None, "scale": "linear"}
    return ModelVariable(name=name, better=better, classes=5, edges=edges_of(engine, name), **words)


def model(engine, table):
    return Model("rfm", date(2006, 12, 31), tuple(variable(engine, name) for name in VARIABLES), table)


def test_published_scores_give_every_published_segment(published, table):
    engine, name = published
    rows = engine.rows("select recency_class, frequency_class, monetary_class, expected from published")
    segments = [table.segment_of(dict(zip(VARIABLES, row, strict=False)))[0] for row in rows]
    assert segments == [row[3] for row in rows]
    assert len(rows) == CUSTOMERS[name]


def test_published_scores_give_every_published_segment_in_sql(published, table):
    engine, _ = published
    wrong = engine.rows(f"select count(*) from published where {table.segment_sql()} <> expected")
    assert wrong == [(0,)]


def test_edges_give_every_published_score_and_segment(published, table):
    engine, _ = published
    engine.execute(
        "create or replace table features as select customer_id, recency, frequency, monetary from published"
    )
    apply(engine, model(engine, table))
    wrong = engine.rows(
        "select count(*) filter (where c.recency_class <> p.recency_class), "
        "count(*) filter (where c.frequency_class <> p.frequency_class), "
        "count(*) filter (where c.monetary_class <> p.monetary_class), "
        "count(*) filter (where c.segment <> p.expected), count(*) - (select count(*) from published) "
        "from customers c join published p using (customer_id)"
    )
    assert wrong == [(0, 0, 0, 0, 0)]


@only_orders
def test_the_orders_give_the_published_edges_and_numbers_of_customers(published, table):
    engine, _ = published
    assert [edges_of(engine, name) for name in VARIABLES] == [
        (114, 180, 297, 481),
        (3, 4, 5, 7),
        (255, 381, 506, 665),
    ]
    counts = dict(engine.rows(f"select {table.segment_sql()}, count(*) from published group by all"))
    assert [counts.get(segment, 0) for segment in SEGMENTS] == [35, 342, 170, 9, 104, 47, 28, 10, 102, 148, 0]


def test_ten_combinations_are_uncovered_without_the_last_row():
    with pytest.raises(RulesError) as error:
        parse_rules(RULES, file="rfm.csv", variables=VARIABLES, segments=SEGMENTS)
    assert str(error.value) == (
        "rfm.csv: every combination of classes must match a row (10 of 125 match none: "
        "recency 5-frequency 5-monetary 1, recency 5-frequency 4-monetary 1, "
        "recency 4-frequency 5-monetary 1, …); add rows for them, or a last row with * in every column"
    )


def test_seventeen_inversions_are_found_without_the_last_row(table):
    findings = lint(replace(table, rules=table.rules[:-1]))
    assert [finding.count for finding in findings if finding.level == "error"] == [10]
    inversions = [finding for finding in findings if " worse segment " in finding.sentence]
    assert sum(finding.count for finding in inversions) == 17
    assert inversions[0].sentence == (
        "line 5 gives better classes a worse segment than line 4, 2 times: "
        "recency 4-frequency 2-monetary 5 is Promising, but "
        "recency 4-frequency 2-monetary 4 is Loyal Customers; change one of the two if this is not meant"
    )


def test_with_the_last_row_every_combination_has_a_segment(table):
    combinations = [dict(zip(VARIABLES, c, strict=True)) for c in product(range(1, 6), repeat=3)]
    assert sum(table.segment_of(c)[0] == "Others" for c in combinations) == 10
