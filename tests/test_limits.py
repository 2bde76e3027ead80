"""What would never end, or eat the machine, is a sentence within seconds."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_sources import DAY, HEADER, Change, deliver, line, study_in, written

from segcore import charts, features
from segcore.engine import DuckDB
from segcore.errors import InputError, ParamsError, RulesError
from segcore.params.file import load_study
from segcore.rules import parse_rules, read_rules
from segcore.sources import collect, extracts
from segcore.sources.expressions import check_expressions, working_expressions
from segcore.sources.extracts import find

RECENCY = "variables: {recency: {classes: 2}}"


@pytest.fixture
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < 20


def problems(path: Path) -> list[str]:
    """The sentences about a study, without the name of its file."""
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    return [text.removeprefix(f"{path}: ") for text in caught.value.problems]


class TestAStudy:
    def of(self, folder: Path, text: str) -> list[str]:
        path = folder / "acme.yaml"
        path.write_text(text, encoding="utf-8")
        return problems(path)

    def test_aliases_of_aliases(self, tmp_path: Path) -> None:
        """The billion laughs."""
        levels = [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 10)]
        text = "\n".join(["l0: &l0 [lol]", *levels])
        assert self.of(tmp_path, text) == [
            "must be YAML (line 5: there may be 10,000 values, each *alias counted as what it stands for; "
            "here are more)"
        ]

    def test_a_list_within_itself(self, tmp_path: Path) -> None:
        assert self.of(tmp_path, "title: &a [*a]") == [
            "must be YAML (line 1: there may be 10,000 values, each *alias counted as what it stands for; "
            "here are more)"
        ]

    def test_a_few_aliases_are_welcome(self, tmp_path: Path) -> None:
        change = ("format: {encoding", "format: &f {encoding")
        more = ("variables:", "  reps: {files: [r.csv], format: *f, columns: {rep: R}}\nvariables:")
        study = load_study(written(tmp_path, change, more))
        assert study.sources.reps and study.sources.reps.format == study.sources.transactions.format

    @pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 40_000, "- " * 90_000])
    def test_levels_without_end(self, tmp_path: Path, text: str) -> None:
        assert self.of(tmp_path, text) == [
            "must be YAML (line 1: there may be 20 levels of keys, here are more)"
        ]

    def test_a_large_file(self, tmp_path: Path) -> None:
        assert self.of(tmp_path, "a: 1\n" * 50_000) == [
            "must be at most 200,000 bytes, as even large studies are (it is larger); "
            "give the file of a study"
        ]

    def test_a_device_is_no_study(self, tmp_path: Path) -> None:
        (tmp_path / "acme.yaml").symlink_to("/dev/zero")
        assert problems(tmp_path / "acme.yaml") == [
            "must be a readable UTF-8 text file (got a pipe or a device)"
        ]

    def test_a_number_that_is_too_long_to_be_shown(self, tmp_path: Path) -> None:
        path = written(tmp_path, ("classes: 2", f"classes: 0x{'f' * 9000}"))
        assert problems(path) == [f"variables.recency.classes: must be a whole number (got '0x{'f' * 54}…)"]

    def test_a_value_that_does_not_suit_its_tag(self, tmp_path: Path) -> None:
        assert self.of(tmp_path, "title: !!bool maybe") == [
            "must be YAML (a value does not suit its tag ('maybe'))"
        ]

    @pytest.mark.parametrize(
        ("change", "key", "what", "got"),
        [
            (("title: ACME", 'title: "AC\\u001bME"'), "title", "U+001B", "'AC\\x1bME'"),
            (("{Good:", '{"Go\\u202Eod":'), "segments.Go\u202eod", "U+202E", "'Go\\u202eod'"),
            (("{Good: {}", '{Good: {action: "a\\nb"}'), "segments.Good.action", "U+000A", "'a\\nb'"),
            (
                (RECENCY, 'variables: {recency: {classes: 2, label: "\\u2028"}}'),
                "variables.recency.label",
                "U+2028",
                "'\\u2028'",
            ),
        ],
    )
    def test_a_control_character_in_a_name(
        self, tmp_path: Path, change: Change, key: str, what: str, got: str
    ) -> None:
        """The first of them aborted the kernel that drew a chart with it."""
        assert problems(written(tmp_path, change)) == [
            f"{key}: must be text of one line without control characters (it holds {what}) (got {got})"
        ]

    def test_a_control_character_in_the_text_itself(self, tmp_path: Path) -> None:
        assert self.of(tmp_path, "title: AC\x1bME") == [
            "must be YAML (the control character U+001B stands in it)"
        ]

    def test_sql_may_have_lines(self, tmp_path: Path) -> None:
        change = (RECENCY, 'variables: {mine: {classes: 2, sql: "count(*)\\n\\t+ 1"}}')
        assert load_study(written(tmp_path, change)).variables["mine"].sql == "count(*)\n\t+ 1"


class TestARuleTable:
    def test_too_many_rules(self) -> None:
        text = "segment,recency\n" + "Good,2\n" * 1000 + "Bad,*\nBad,*\n"
        with pytest.raises(RulesError) as caught:
            parse_rules(text, file="acme.rules.csv", variables={"recency": 2}, segments=("Good", "Bad"))
        assert caught.value.problems[0] == (
            "acme.rules.csv: must hold at most 1,000 rules (line 1002 is one more); merge some"
        )

    def test_too_many_bytes(self, tmp_path: Path) -> None:
        study = study_in(tmp_path)
        study.rules_path.write_text("segment,recency,note\nGood,*," + "x" * 600_000)
        with pytest.raises(RulesError) as caught:
            read_rules(study.rules_path, study)
        assert str(caught.value) == (
            f"{study.rules_path}: must be at most 500,000 bytes (it is larger); take long notes out"
        )

    def test_control_characters(self, tmp_path: Path) -> None:
        study = study_in(tmp_path)
        study.rules_path.write_text(
            "segment,recency,note\nGood,2,a\x1b[1m\nBad,*,\u202eb\n", encoding="utf-8"
        )
        with pytest.raises(RulesError) as caught:
            read_rules(study.rules_path, study)
        assert caught.value.problems == tuple(
            f"{study.rules_path}: line {number}: must be text without control characters "
            f"(it holds {what}); take it out"
            for number, what in ((2, "U+001B"), (3, "U+202E"))
        )


class TestPatternsOfFileNames:
    def delivered(self, folder: Path, pattern: str, name: str) -> dt.date | None:
        study = study_in(folder, ('files: ["sales*"]', f"files: ['sales*']\n    delivered: '{pattern}'"))
        return find(study, deliver(folder, {name: HEADER + line()}))[0].delivered

    def test_the_search_ends_whatever_the_pattern(self, tmp_path: Path) -> None:
        """Python's own search takes longer than the universe has existed."""
        name = f"sales_{'a' * 200}.csv"
        with pytest.raises(InputError) as caught:
            self.delivered(tmp_path, "(a+)+$", name)
        assert str(caught.value) == (
            f"{name}: must hold the delivery's date as sources.transactions.delivered says "
            "('(a+)+$', a date like 2025-12-31); rename the file or mend the pattern"
        )

    @pytest.mark.parametrize(
        ("pattern", "fault"),
        [
            (r"(?=s)sales_(.*)\.csv", "invalid perl operator: (?="),
            (r"(s)ales_\1", r"invalid escape sequence: \1"),
        ],
    )
    def test_what_only_a_search_without_an_end_understands_is_refused(
        self, tmp_path: Path, pattern: str, fault: str
    ) -> None:
        with pytest.raises(InputError) as caught:
            self.delivered(tmp_path, pattern, "sales_2025-01-02.csv")
        assert str(caught.value) == (
            f"{tmp_path}/acme.yaml: sources.transactions.delivered: must be a regular expression without "
            "looking ahead or back and without references to groups, so that its search ends "
            f"(got {pattern!r}: Invalid Input Error: {fault})"
        )

    def test_a_long_pattern_is_refused(self, tmp_path: Path) -> None:
        pattern = "(" + "a" * 200 + ")"
        change = ('files: ["sales*"]', f"files: ['sales*']\n    delivered: '{pattern}'")
        assert problems(written(tmp_path, change)) == [
            "sources.transactions.delivered.name: must be a regular expression of at most 200 characters "
            f"(got '({'a' * 55}…)"
        ]

    def test_the_date_is_found(self, tmp_path: Path) -> None:
        found = self.delivered(tmp_path, r"sales_(\d{4}-\d{2}-\d{2})", "sales_2025-01-02.csv")
        assert found == dt.date(2025, 1, 2)


class TestNamesOfFiles:
    @pytest.mark.parametrize(
        ("name", "what"),
        [("sales\x1b.csv", "U+001B"), ("sales\n.csv", "U+000A"), ("sales\udce9.csv", "U+DCE9")],
    )
    def test_control_characters(self, tmp_path: Path, name: str, what: str) -> None:
        study = study_in(tmp_path)
        with pytest.raises(InputError) as caught:
            find(study, deliver(tmp_path, {name: HEADER + line()}))
        assert str(caught.value) == (
            f"{name!r}: must have a name without control characters (it holds {what}); rename the file"
        )

    def test_too_many_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(extracts, "FILES", 3)
        study, data = (
            study_in(tmp_path),
            deliver(tmp_path, dict.fromkeys([f"sales{i}.csv" for i in range(4)], "")),
        )
        with pytest.raises(InputError) as caught:
            collect(study, data, tmp_path / "inputs")
        assert str(caught.value) == (
            f"{study.path}: sources.transactions.files: must match at most 3 files (got 4); "
            "join small ones, or name fewer"
        )


class TestSqlOfAStudy:
    """What a study wrote ends, or is named."""

    def test_an_expression_that_takes_too_long_is_named_before_any_work(
        self, engine: DuckDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @contextmanager
        def late(seconds: float) -> Iterator[None]:
            assert seconds == 2
            raise TimeoutError
            yield

        monkeypatch.setattr(engine, "limited", late)
        with pytest.raises(ParamsError) as caught:
            check_expressions(engine, study_in(tmp_path, ("Sparte", '{sql: "left(item, 1)"}')))
        assert str(caught.value) == (
            f"{tmp_path}/acme.yaml: sources.transactions.columns.market.sql: must be SQL that ends "
            "(got 'left(item, 1)', which takes more than 2 seconds for a single record); make it simpler"
        )

    def test_expressions_that_take_too_long_for_the_records_are_named(
        self, engine: DuckDB, tmp_path: Path
    ) -> None:
        mine = "limits: {sql: 1 second}\nvariables: {slow: {classes: 2, sql: count(*)}}"
        study = study_in(tmp_path, (RECENCY, mine))
        with pytest.raises(ParamsError) as caught, working_expressions(engine, study, "variables"):
            engine.rows("select count(*) from range(1000000000000)")
        assert str(caught.value) == (
            f"{tmp_path}/acme.yaml: variables.slow.sql: must be done with all records within 1 second, as "
            "limits.sql says (more was needed); make it simpler, or raise limits.sql"
        )
        assert engine.rows("select 1") == [(1,)]

    def test_what_computes_no_sql_of_the_study_has_no_limit(
        self, engine: DuckDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        study = study_in(tmp_path, ("unique: record", 'exclude: {none: "amount = 0"}'))
        monkeypatch.delattr(DuckDB, "limited")
        with working_expressions(engine, study, "sources.transactions.columns"):
            assert engine.rows("select 1") == [(1,)]

    @pytest.mark.parametrize("text", ["10", "ten minutes", "0 seconds", "1 day"])
    def test_a_limit_has_a_form(self, tmp_path: Path, text: str) -> None:
        got = "10" if text == "10" else repr(text)
        assert problems(written(tmp_path, (RECENCY, f"limits: {{sql: {text}}}\n{RECENCY}"))) == [
            "limits.sql: must be a number and a unit, like '30 seconds', '10 minutes' or '2 hours' "
            f"(got {got})"
        ]

    def test_a_limit_changes_no_result_and_so_no_run(self, tmp_path: Path) -> None:
        assert "limits" not in study_in(tmp_path).resolved()

    def test_what_is_done_in_time_is_left_alone(self, engine: DuckDB) -> None:
        with engine.limited(0.05):
            engine.execute("create table kept as select 1")
        time.sleep(0.1)
        assert engine.rows("from kept") == [(1,)]


@pytest.mark.parametrize(
    "sql", ["avg(amount)", "stddev(amount)", "sum(amount::DOUBLE)", "any_value(item)::INT"]
)
def test_a_variable_of_floats_has_the_same_bytes_on_one_and_on_two_processors(
    tmp_path: Path, sql: str
) -> None:
    study = study_in(tmp_path, (RECENCY, f"variables: {{mine: {{classes: 2, sql: '{sql}'}}}}"))
    made = []
    for threads in (1, 2):
        with DuckDB() as engine:
            engine.execute(f"set threads = {threads}")
            engine.execute(
                "create table transactions as select 'K' || (hash(i) % 200) as customer_id, "
                "'A' || i as order_id, i::VARCHAR as item, DATE '2025-01-01' as order_date, 'm' as market, "
                "(hash(i * 7) % 1000000)::DECIMAL(18, 4) / 7 as amount from range(1000000) r(i)"
            )
            features.build(engine, study, DAY)
            rows = engine.rows("from features order by customer_id")
            assert engine.rows("select current_setting('threads')") == [(threads,)]
        made.append(hashlib.sha256(repr(rows).encode()).hexdigest())
    assert made[0] == made[1]


def test_a_text_that_no_picture_can_hold_is_drawn_all_the_same() -> None:
    """It aborted the process, and with it the kernel."""
    spec = {
        "data": {"values": [{"name": "a\x1bb\uffff"}]},
        "mark": "text",
        "encoding": {"text": {"field": "name"}},
    }
    assert ">a\ufffdb\ufffd<" in charts.svg(spec)
