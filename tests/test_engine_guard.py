"""SQL in a study: what may run, and every attack that ran before it was guarded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sources import HEADER, ingest_files, line

from segcore.engine import DuckDB
from segcore.engine.guard import FUNCTIONS, Allowed, Refusal, names, refusal
from segcore.errors import ParamsError

COLUMNS = ("customer_id", "order_id", "item", "order_date", "market", "amount")
RECORD = Allowed(COLUMNS)
VARIABLE = Allowed(COLUMNS, ("run_date",), aggregates=True)
LISTED = "what may stand in it is listed in docs/writing-a-study.md, SQL in a study"
ONE = "write one expression, without a semicolon"
ROWS = (
    "select 'K' as customer_id, 'A1' as order_id, '10' as item, DATE '2025-12-31' as order_date, "
    "'Parts' as market, 1.5::DECIMAL(38, 4) as amount"
)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDB]:
    with DuckDB() as made:
        yield made


SOUND = [
    "customer_id is null",
    "order_id like 'C%' or market in ('Parts', 'it''s; no -- comment')",
    "left(item, 1)",
    "amount * 2 ** 2 - amount // 3 % 2",
    "Order_ID || '-' || \"item\"",
    "try_strptime(item, '%Y%m%d %H:%M')::DATE",
    "order_id::INTEGER < 5",
    "try_cast(item as DECIMAL(18, 2))",
    "case when amount > 0 then 'plus' else 'minus' end",
    "if(amount between 1 and 2, item[1:2], substring(item from 2 for 1))",
    "order_date + interval 3 months > date '2025-01-01'",
    "extract(year from order_date) = year(order_date) and not item ~ '[0-9]+'",
    "trim(both 'x' from coalesce(nullif(item, ''), order_id)) is distinct from 'a\n\tb'",
]
SOUND_OVER_MANY = [
    "count(*)\n\t+ 1",
    "count(distinct order_id) filter (where market = 'Möbel')",
    "sum(amount) / count(distinct order_id)",
    "any_value(item)::INT",
    "max_by(amount, (order_date, order_id))",
    "first(amount order by order_date desc nulls last)",
    "quantile_cont(amount, 0.5) - median(amount)",
    "date_diff('day', max(order_date), $run_date)",
    "sum(amount) filter (where order_date > $run_date - interval 12 months)",
]


@pytest.mark.parametrize("sql", SOUND)
def test_an_expression_over_a_record_may_run_and_binds(engine: DuckDB, sql: str) -> None:
    assert refusal(sql, RECORD) is None
    engine.rows(f"select {sql} from ({ROWS}) where false")


@pytest.mark.parametrize("sql", SOUND_OVER_MANY)
def test_an_expression_over_many_records_is_for_variables_only(engine: DuckDB, sql: str) -> None:
    assert refusal(sql, VARIABLE) is None
    engine.rows(f"select {sql.replace('$run_date', 'DATE $$2025-12-31$$')} from ({ROWS})")
    assert refusal(sql, RECORD) is not None


ATTACKS = {
    "false); copy (select 42) to 'FILE'; select (true": (
        "it cannot be read from \"); copy (select 42) to 'FILE'; select (…\" on",
        ONE,
    ),
    "1; attach 'FILE' as other": ("it cannot be read from \"'FILE' as other\" on", ONE),
    "1; 2": ("it is not one expression", ONE),
    "attach 'FILE'": ("it cannot be read from \"'FILE'\" on", ONE),
    "select 1": ("it cannot be read", ONE),
    "a, b": ("it cannot be read from ', b' on", ONE),
    "'open": ("a quote in it is not closed", ONE),
    " \n": ("it is not one expression", ONE),
    "item -- ) copy": ("'-- ) copy' is a comment", "write it behind a # of the YAML file"),
    "/* /* */ item": ("a quote in it is not closed", ONE),
    "item /* x */ || 'y'": ("'/* x */' is a comment", "write it behind a # of the YAML file"),
    "1\u00a0+ 1": ("'\\xa0' is a comment", "write it behind a # of the YAML file"),
    "(select content from read_text('/etc/passwd'))": ("a query must not stand in it", LISTED),
    "item in (select 'x')": ("a query must not stand in it", LISTED),
    "exists (from range(9))": ("exists is no function that a study may use", LISTED),
    "read_text('/etc/passwd')": ("read_text is no function that a study may use", LISTED),
    "READ_CSV('x')": ("read_csv is no function that a study may use", LISTED),
    "glob('/etc/*')": ("glob is no function that a study may use", LISTED),
    "getenv('HOME')": ("getenv is no function that a study may use", LISTED),
    "current_setting('threads')": ("current_setting is no function that a study may use", LISTED),
    "nextval('s')": ("nextval is no function that a study may use", LISTED),
    "random()": ("random is no function that a study may use", LISTED),
    "gen_random_uuid()": ("gen_random_uuid is no function that a study may use", LISTED),
    "sleep_ms(60000)": ("sleep_ms is no function that a study may use", LISTED),
    '"left"(item, 1)': ('"left" is no function that a study may use', "did you mean left?"),
    "main.left(item, 1)": ("'main.left(item, 1)' must not stand in it", LISTED),
    "item.upper()": ("'item.upper()' must not stand in it", LISTED),
    "dat_diff('day', order_date, order_date)": (
        "dat_diff is no function that a study may use",
        "did you mean date_diff?",
    ),
    "order_date < today()": ("today is no function that a study may use", "no record knows today"),
    "order_date < Current_Date": (
        "current_date is no function that a study may use",
        "no record knows today",
    ),
    "count(*) > 1": ("count is over many records", "only the sql: of a variable may count or sum"),
    "row_number() over ()": ("over (...) must not stand in it", LISTED),
    "list_filter([1], lambda x: x > 1)": ("list_filter is no function that a study may use", LISTED),
    "*": ("* outside count(*) must not stand in it", LISTED),
    "if item then 1": ("if must have a bracket behind it", "write if(condition, one, other)"),
    "item ! is null": ("! has two meanings", "write not"),
    "columns(*)": ("columns is no function that a study may use", LISTED),
    "#1": ("'#1' must not stand in it", LISTED),
    "$run_date": ("a value must not stand in it", LISTED),
    "?": ("a value must not stand in it", LISTED),
    "lpad(item, 2000000000, 'x') > 'x'": ("the length of lpad is open", "write a number up to 1,000"),
    "rpad(item, length(item) * 1000000)": ("the length of rpad is open", "write a number up to 1,000"),
    "amoun > 5": ("'amoun' is none of these", "did you mean amount?"),
    "rowid": ("'rowid' is none of these", "map it under columns: first, or take one of these"),
    "t.amount": ("'t.amount' is none of these", "did you mean amount?"),
    "‘item’": ("'‘item’' is none of these", "did you mean item?"),
    "item::regclass": ("'regclass' is no type that a study may use", LISTED),
    "item::TIMESTAMPTZ": ("'TIMESTAMPTZ' is no type that a study may use", LISTED),
    "$$text$$": ("$$text$$ is no function that a study may use", LISTED),
    "E'\\n'": ("e'\\n' is no function that a study may use", LISTED),
    f"{'(' * 21}1{')' * 21}": ("more than 20 brackets are open at once", "make it simpler"),
    f"{'not ' * 5000}true": ("it is nested too deeply", "make it simpler"),
}


@pytest.mark.parametrize("sql", ATTACKS)
def test_what_is_no_expression_over_the_record_is_refused(sql: str) -> None:
    assert refusal(sql, RECORD) == Refusal(*ATTACKS[sql])


def test_the_run_date_is_the_only_today_of_a_variable_and_is_no_text() -> None:
    assert refusal("date_diff('day', max(order_date), today())", VARIABLE) == Refusal(
        "today is no function that a study may use", "$run_date is the only today"
    )
    assert refusal("max('$run_date')", VARIABLE) == Refusal(
        "'$run_date' is a text", "write $run_date without quotes"
    )


@pytest.mark.parametrize(
    ("sql", "does"),
    [
        ("false); copy (select 42 as a) to 'FILE' (format csv, header false); select (true", "42\n"),
        ("false); attach 'FILE' as other; select (true", None),
        ("(select count(*) from read_text('/etc/passwd')) > 0", None),
    ],
    ids=["copy", "attach", "read"],
)
def test_an_exclusion_that_does_harm_to_an_engine_is_refused_before_it_runs(
    tmp_path: Path, sql: str, does: str | None
) -> None:
    """Each did it in a run; the engine itself, without a guard and a lock, still does."""
    harmed, spared = tmp_path / "harmed", tmp_path / "spared"
    with DuckDB() as engine:
        engine.rows(f"select ({sql.replace('FILE', str(harmed))})")
        change = ("unique: record", f'exclude: {{all: "{sql.replace("FILE", str(spared))}"}}')
        with pytest.raises(ParamsError) as caught:
            ingest_files(engine, tmp_path / "study", {"sales.csv": HEADER + line()}, change)
    assert "acme.yaml: sources.transactions.exclude.all: must be SQL over" in str(caught.value)
    assert (does is None or harmed.read_text() == does, spared.exists()) == (True, False)


def test_no_function_that_a_study_may_use_looks_outside(engine: DuckDB) -> None:
    """DuckDB's own catalogue says which functions give another result each time, or have effects."""
    used = " ".join(FUNCTIONS.values()).split()
    odd = engine.rows(
        "select distinct function_name from duckdb_functions() where list_contains($names, function_name) "
        "and (stability <> 'CONSISTENT' or has_side_effects or function_type like '%table%')",
        {"names": used},
    )
    assert (odd, len(used), names()) == ([], len(set(used)), sorted(used))


FUNCTION = re.compile(r'"function_name":"([^"]+)"')
IMPLIED = ("row", "count_star", "list_value", "to_years", "to_months", "to_weeks", "to_days", "to_hours")
MORE = (
    "( ( ( ) ) ) , , ; ' \" . [ ] { } : :: = < + - * / ~ @ ! -- /* */ $ $run_date $$ 1 0x1 'a' E' # ? \u00a0 "
    "-> select from copy to attach and or not in is null case when then end over filter where lambda random "
    "today current_date read_text union values exists distinct order by interval day as if user rowid "
    "columns(*) unnest glob collate all any map array position using sample struct_pack(a:=1) '$run_date'"
)
WORDS = st.sampled_from([*names(), *COLUMNS, *MORE.split(" "), "\n", "(select 1)", "now()"])
PIECES = [re.findall(r"\w+|'[^']*'|\S", sql) for sql in (*SOUND, *SOUND_OVER_MANY)]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A sound expression that was changed at up to three places."""
    pieces = list(draw(st.sampled_from(PIECES)))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(pieces)))
        pieces[place : place + draw(st.integers(0, 2))] = draw(st.lists(WORDS, max_size=2))
    return draw(st.sampled_from(["", " "])).join(pieces)


@settings(deadline=None)
@given(st.one_of(texts(), texts(), st.text(max_size=20)))
def test_whatever_passes_is_one_expression_for_duckdb_too(text: str) -> None:
    """DuckDB's own parser is the witness: SQLGlot's is not asked about itself."""
    if refusal(text, VARIABLE) is not None:
        return
    with DuckDB() as engine:
        bound = text.replace("$run_date", "DATE '2000-01-01'")
        tree = engine.rows("select json_serialize_sql($sql)::VARCHAR", {"sql": f"select {bound}"})[0][0]
    if '"error":true' in tree:
        return  # DuckDB does not run it at all
    assert tree.count('"SELECT_NODE"') == 1
    assert not re.search('"(SUBQUERY|WINDOW|LAMBDA|BASE_TABLE|TABLE_FUNCTION)"', tree)
    called = {name.lower() for name in FUNCTION.findall(tree) if re.search(r"\w", name)}
    assert called <= {*names(), *IMPLIED}


def test_the_functions_that_a_study_may_use_stand_in_the_docs() -> None:
    page = (Path(__file__).parents[1] / "docs" / "writing-a-study.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (`.*`) \|$", page.partition("\n## SQL in a study\n")[2], re.MULTILINE)
    told = {kind: sorted(re.findall("`(.+?)`", functions)) for kind, functions in rows}
    assert {kind: told.get(kind) for kind in FUNCTIONS} == {
        kind: sorted(functions.split()) for kind, functions in FUNCTIONS.items()
    }
