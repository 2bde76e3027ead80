from __future__ import annotations

import random
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.engine import DuckDB
from segcore.errors import RulesError
from segcore.params import Study
from segcore.rules import Cell, Rule, RuleTable, any_class, check, lint, parse_rules, read_rules

VARIABLES = {"recency": 5, "frequency": 5, "years": 3, "products": 2}
SEGMENTS = ("Champions", "Loyal", "Needs attention", "At risk", "Lost")
ROWS = """\
segment,recency,frequency,years,products,note
Champions,>=4,>=3,*,2,
Loyal,>=4,>=2,*,*,
Loyal,>=4,*,>=2,2,
Needs attention,>=4,*,*,*,recent but small: develop
Needs attention,3,>=2,*,*,
At risk,3,*,*,*,
At risk,2,>=2,*,*,
At risk,1,>=3,*,*,
Lost,*,*,*,*,
"""


def parse(text, variables=VARIABLES, segments=SEGMENTS):
    return parse_rules(text, file="acme.rules.csv", variables=variables, segments=segments)


def problems(text, variables=VARIABLES, segments=SEGMENTS):
    with pytest.raises(RulesError) as error:
        parse(text, variables, segments)
    return list(error.value.problems)


def study():
    columns = {name: name for name in ("customer_id", "order_id", "order_date", "market", "amount")}
    return Study(
        name="acme",
        path=Path("params/acme.yaml"),
        title="ACME",
        currency="EUR",
        sources={"transactions": {"files": ["sales.csv"], "columns": columns}},
        variables={name: {"classes": classes} for name, classes in VARIABLES.items()},
        breaks={},
        segments={segment: {} for segment in SEGMENTS},
    )


class TestReading:
    def test_the_table_of_all_studies_covers_everything_without_an_inversion(self):
        table = parse(ROWS)
        assert len(table.rules) == 9
        assert table.warnings == ()
        assert lint(table) == []
        combinations = [
            dict(zip(VARIABLES, c, strict=True)) for c in product(*map(classes, VARIABLES.values()))
        ]
        assert len([table.segment_of(c) for c in combinations]) == 150

    def test_the_first_row_that_matches_wins_and_says_its_line(self):
        table = parse(ROWS)
        assert table.segment_of({"recency": 4, "frequency": 3, "years": 1, "products": 2}) == ("Champions", 2)
        assert table.segment_of({"recency": 4, "frequency": 1, "years": 2, "products": 2}) == ("Loyal", 4)
        assert table.segment_of({"recency": 1, "frequency": 2, "years": 3, "products": 1}) == ("Lost", 10)

    def test_it_is_written_as_it_was_read(self):
        assert parse(ROWS).to_csv() == ROWS

    @pytest.mark.parametrize(
        "raw",
        [
            ROWS.encode(),
            ROWS.encode("utf-8-sig"),
            ROWS.replace(",", ";").encode(),
            ROWS.replace("\n", "\r\n").encode(),
            ROWS.replace(",", ";").replace("\n", "\r\n").encode("utf-8-sig"),
        ],
        ids=["plain", "mark", "semicolons", "crlf", "as a spreadsheet saves it"],
    )
    def test_commas_or_semicolons_with_or_without_a_mark(self, tmp_path, raw):
        path = tmp_path / "acme.rules.csv"
        path.write_bytes(raw)
        assert read_rules(path, study()) == parse(ROWS)

    @pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
    def test_umlauts_are_read_from_utf_8_and_from_cp1252(self, tmp_path, encoding):
        path = tmp_path / "acme.rules.csv"
        path.write_bytes(ROWS.replace("recent but small: develop", "größer – fördern").encode(encoding))
        assert read_rules(path, study()).rules[3].note == "größer – fördern"

    def test_blank_lines_are_skipped_but_keep_their_number(self):
        table = parse(
            "\n,,,,,\nSegment , RECENCY\nLoyal,>=3\n\n\nLost,*\n", {"recency": 5}, ("Loyal", "Lost")
        )
        assert [(rule.segment, rule.line) for rule in table.rules] == [("Loyal", 4), ("Lost", 7)]

    def test_a_variable_without_a_column_counts_as_a_star_and_is_warned_of(self):
        table = parse("segment,recency\nLoyal,>=3\nLost,*\n", {"recency": 5, "years": 3}, ("Loyal", "Lost"))
        assert table.warnings == (
            "acme.rules.csv: the variable years has no column and counts as * in every row; "
            "add its column if it should matter",
        )
        assert table.to_csv() == "segment,recency,years,note\nLoyal,>=3,*,\nLost,*,*,\n"

    def test_notes_may_hold_quotes_commas_and_lines(self):
        text = 'segment,recency,note\nLoyal,>=3,"call, then ""visit""\nsoon"\nLost,*,\n'
        table = parse(text, {"recency": 5}, ("Loyal", "Lost"))
        assert table.rules[0].note == 'call, then "visit"\nsoon'
        assert table.to_csv() == text


class TestProblems:
    def test_no_such_file(self, tmp_path):
        with pytest.raises(RulesError) as error:
            read_rules(tmp_path / "acme.rules.csv", study())
        assert str(error.value) == (
            f"{tmp_path}/acme.rules.csv: there must be a rule table in this file (no such file); "
            "write one that starts with segment,recency,frequency,years,products,note"
        )

    def test_a_folder_instead_of_a_file(self, tmp_path):
        with pytest.raises(RulesError) as error:
            read_rules(tmp_path, study())
        assert str(error.value) == f"{tmp_path}: must be a readable file (got Is a directory)"

    @pytest.mark.parametrize("raw", [ROWS.encode("utf-16"), b"segment,\x81\n"], ids=["utf-16", "no text"])
    def test_other_encodings(self, tmp_path, raw):
        path = tmp_path / "acme.rules.csv"
        path.write_bytes(raw)
        with pytest.raises(RulesError) as error:
            read_rules(path, study())
        assert str(error.value) == (
            f"{path}: must be text in UTF-8 or cp1252 (got other bytes); save it as CSV UTF-8"
        )

    @pytest.mark.parametrize("text", ["", "\n \n", "\ufeff", ",,,\n"])
    def test_an_empty_file(self, text):
        assert problems(text) == [
            "acme.rules.csv: must hold a header and at least one rule (the file is empty); "
            "start it with segment,recency,frequency,years,products,note"
        ]

    def test_a_header_without_a_rule(self):
        assert problems("segment,recency,frequency,years,products\n") == [
            "acme.rules.csv: must hold at least one rule below its header (got none); "
            "end it with Lost,*,*,*,*"
        ]

    def test_a_header_without_segments(self):
        text = "recency,frequency,years,products\n*,*,*,*\n"
        assert problems(text) == [
            "acme.rules.csv: line 1: the header must have the column segment "
            "(got recency, frequency, years, products); "
            "a full header is segment,recency,frequency,years,products,note"
        ]

    def test_a_misspelt_variable(self):
        assert problems(ROWS.replace("frequency", "frequenzy")) == [
            "acme.rules.csv: line 1: a column must be segment, a variable or note (got 'frequenzy'); "
            "did you mean frequency?"
        ]

    def test_a_column_given_twice(self):
        text = "segment,recency,recency\nLost,*,*\n"
        assert problems(text, {"recency": 5}) == [
            "acme.rules.csv: line 1: the column recency must stand here once (got it 2 times)"
        ]

    def test_a_class_above_the_highest(self):
        assert problems(ROWS.replace("At risk,3", "At risk,6")) == [
            "acme.rules.csv: line 7, recency: must be a class from 1 to 5, 5 being best (got '6')"
        ]

    def test_a_cell_turned_into_a_date_by_a_spreadsheet(self):
        assert problems(ROWS.replace("Loyal,>=4,>=2", "Loyal,04. Mai,>=2")) == [
            "acme.rules.csv: line 3, recency: must be *, 5, >=5, <=1, 4..5 or 4|5 (got '04. Mai'): "
            "the cell looks like a date that a spreadsheet made of 4-5; write 4..5"
        ]

    def test_a_segment_that_the_study_does_not_have(self):
        assert problems(ROWS.replace("Champions", "Champion")) == [
            "acme.rules.csv: line 2, segment: must be a segment of the study: Champions, Loyal, "
            "Needs attention, At risk, Lost (got 'Champion'); did you mean Champions?"
        ]

    def test_uncovered_combinations_are_counted_and_shown(self):
        assert problems(ROWS.removesuffix("Lost,*,*,*,*,\n")) == [
            "acme.rules.csv: every combination of classes must match a row (18 of 150 match none: "
            "recency 2-frequency 1-years 3-products 2, recency 2-frequency 1-years 3-products 1, "
            "recency 2-frequency 1-years 2-products 2, …); "
            "add rows for them, or a last row with * in every column"
        ]

    def test_one_uncovered_combination(self):
        text = "segment,recency,products\nLoyal,*,2\nLost,<=4,1\n"
        assert problems(text, {"recency": 5, "products": 2}, ("Loyal", "Lost")) == [
            "acme.rules.csv: every combination of classes must match a row (1 of 10 matches none: "
            "recency 5-products 1); add rows for them, or a last row with * in every column"
        ]

    def test_a_quote_that_is_never_closed(self):
        assert problems('segment,recency\nLoyal,"*\nLost,*\n', {"recency": 5}) == [
            "acme.rules.csv: must be CSV with every quote closed (unexpected end of data)"
        ]

    def test_more_combinations_than_can_be_checked(self):
        variables = {f"v{number}": 9 for number in range(8)}
        text = "segment," + ",".join(variables) + "\nLost" + ",*" * 8 + "\n"
        assert problems(text, variables) == [
            "acme.rules.csv: the variables must make at most 10,000,000 combinations of classes "
            "(got 43,046,721); take variables or classes away"
        ]

    def test_all_problems_come_at_once_in_the_order_of_the_file(self):
        text = "segment;recency;products;\nChampion;>=9;\n;4-5;2;5;6\n"
        names = "Champions, Loyal, Needs attention, At risk, Lost"
        assert problems(text, {"recency": 5, "products": 2}) == [
            f"acme.rules.csv: line 2, segment: must be a segment of the study: {names} (got 'Champion'); "
            "did you mean Champions?",
            "acme.rules.csv: line 2, recency: must be a class from 1 to 5, 5 being best (got '>=9')",
            "acme.rules.csv: line 2, products: must be *, 2, >=2, <=1, 1..2 or 1|2 (got an empty cell); "
            "write * where any class will do",
            "acme.rules.csv: line 3: a filled cell must stand below a name (got '5' below none)",
            "acme.rules.csv: line 3: a filled cell must stand below a name (got '6' below none)",
            f"acme.rules.csv: line 3, segment: must be a segment of the study: {names} (got an empty cell)",
        ]


class TestWarnings:
    def test_a_rule_that_is_never_reached(self):
        text = "segment,recency\nLoyal,>=4\nLost,<=3\nLoyal,3..5\nLost,*\n"
        assert parse(text, {"recency": 5}, ("Loyal", "Lost")).warnings == (
            "acme.rules.csv: line 4 (Loyal) is never reached: lines 2, 3 above it already take everything "
            "that it matches; move it up or take it out",
            "acme.rules.csv: line 5 (Lost) is never reached: lines 2, 3 above it already take everything "
            "that it matches; move it up or take it out",
        )

    def test_an_inversion_with_its_count_and_an_example(self):
        text = "segment,recency,products\nLost,5,*\nLoyal,>=3,*\nLost,*,*\n"
        assert parse(text, {"recency": 5, "products": 2}, ("Loyal", "Lost")).warnings == (
            "acme.rules.csv: line 2 gives better classes a worse segment than line 3, 2 times: "
            "recency 5-products 2 is Lost, but recency 4-products 2 is Loyal; "
            "change one of the two if this is not meant",
        )

    def test_a_segment_that_no_row_gives(self):
        table = parse("segment,recency\nLoyal,>=3\nLost,*\n", {"recency": 5}, ("Loyal", "At risk", "Lost"))
        assert table.warnings == ("acme.rules.csv: no row gives the segment At risk; it will stay empty",)

    def test_warnings_do_not_make_tables_differ(self):
        table = parse("segment,recency\nLoyal,>=3\nLost,*\n", {"recency": 5}, ("Loyal", "At risk", "Lost"))
        assert replace(table, warnings=()) == table


def classes(count):
    return range(1, count + 1)


@st.composite
def tables(draw, covered=True):
    """Tables with one to three variables; names and notes are as hostile as they may be."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    variables = {f"v{number}": size for number, size in enumerate(sizes)}
    segments = ('O\'Neil; "one", <b>', "$run_date ü", "Lost")
    line = 1
    rules = []
    for _ in range(draw(st.integers(1, 5))):
        line += 1
        cells = tuple(
            Cell(name, tuple(sorted(draw(st.sets(st.integers(1, size), min_size=1)))), size)
            for name, size in variables.items()
        )
        rules.append(Rule(draw(st.sampled_from(segments)), cells, draw(st.sampled_from(NOTES)), line))
    if covered:
        cells = tuple(any_class(name, size) for name, size in variables.items())
        rules.append(Rule("Lost", cells, "", line + 1))
    return RuleTable(tuple(rules), variables, segments)


NOTES = ["", "4-5", 'a, "b"; c', "two\nlines", "=1+1"]


def combinations(table):
    sizes = table.variables.values()
    return [dict(zip(table.variables, c, strict=True)) for c in product(*map(classes, sizes))]


@given(tables())
def test_a_table_that_segcore_writes_is_read_as_the_same(table):
    assert parse(table.to_csv(), table.variables, table.segments) == table


@pytest.fixture(scope="module")
def engine():
    with DuckDB() as engine:
        yield engine


@given(table=tables())
@settings(deadline=None, max_examples=60)
def test_the_sql_of_a_table_agrees_with_its_lookup_for_every_combination(engine, table):
    columns = ", ".join(f'{name}.i as "{name}_class"' for name in table.variables)
    sources = ", ".join(f"range(1, {size + 1}) {name}(i)" for name, size in table.variables.items())
    order = ", ".join(f'"{name}_class"' for name in table.variables)
    rows = engine.rows(
        f"select {table.segment_sql()}, {table.line_sql()}, {table.rank_sql()} "
        f"from (select {columns} from {sources}) order by {order}"
    )
    expected = [table.segment_of(found) for found in combinations(table)]
    assert [row[:2] for row in rows] == expected
    assert [row[2] for row in rows] == [2 - table.segments.index(segment) for segment, _ in expected]


@given(tables(covered=False))
def test_the_linter_counts_what_trying_everything_by_hand_counts(table):
    given = {}
    for found in combinations(table):
        rule = next((rule for rule in table.rules if rule.matches(found)), None)
        given[tuple(found.values())] = rule
    inverted = 0
    for at, rule in given.items():
        for axis in range(len(at)):
            above = given.get((*at[:axis], at[axis] + 1, *at[axis + 1 :]))
            if rule and above and table.rank(above.segment) < table.rank(rule.segment):
                inverted += 1
    findings = lint(table)
    assert sum(f.count for f in findings if f.level == "error") == list(given.values()).count(None)
    assert sum(f.count for f in findings if " worse segment " in f.sentence) == inverted
    reached = {rule.line for rule in given.values() if rule}
    assert {f.line for f in findings if " never reached" in f.sentence} == {
        rule.line for rule in table.rules if rule.line not in reached
    }
    for finding in findings:
        if " worse segment " in finding.sentence:
            assert_example_holds(table, finding.sentence)


def assert_example_holds(table, sentence):
    high, low = (
        {name: int(number) for name, number in re.findall(r"(v\d) (\d)", part)}
        for part in re.search(
            r"times?: (.+?) is .+?, but (.+?) is |once: (.+?) is .+?, but (.+?) is ", sentence
        ).groups()
        if part
    )
    assert sum(high.values()) == sum(low.values()) + 1
    assert table.rank(table.segment_of(high)[0]) < table.rank(table.segment_of(low)[0])


def test_an_error_of_the_linter_stops_the_check_and_a_lookup_beyond_the_rules_is_one():
    table = parse(ROWS)
    holed = replace(table, rules=table.rules[:-1])
    with pytest.raises(RulesError) as error:
        check(holed)
    assert str(error.value).startswith(
        "every combination of classes must match a row (18 of 150 match none: "
    )
    with pytest.raises(RulesError) as error:
        holed.segment_of({"recency": 1, "frequency": 1, "years": 1, "products": 1})
    assert str(error.value) == (
        "a rule must match recency 1-frequency 1-years 1-products 1 (none does); add a last row with *"
    )


def test_rules_must_have_lines_of_their_own():
    rule = Rule("Lost", (any_class("recency", 5),))
    with pytest.raises(ValueError, match=r"^rules must have a line of their own each$"):
        RuleTable((rule, rule), {"recency": 5}, ("Loyal", "Lost"))


def test_ten_thousands_of_combinations_are_found_as_by_lookup():
    chance = random.Random(7)
    variables = {f"v{number}": 5 for number in range(6)}
    choices = ["*", "*", ">=3", "1|3", "2..4"]
    rows = [
        ",".join([chance.choice(SEGMENTS), *(chance.choice(choices) for _ in variables)]) for _ in range(30)
    ]
    header = ",".join(["segment", *variables])
    table = parse("\n".join([header, *rows, "Lost" + ",*" * 6]), variables)
    unreached = {finding.line for finding in lint(table) if " never reached" in finding.sentence}
    sample = np.random.default_rng(7).integers(1, 6, (2000, 6))
    lines = {table.segment_of(dict(zip(variables, row.tolist(), strict=True)))[1] for row in sample}
    assert len(lines) > 5
    assert not lines & unreached
