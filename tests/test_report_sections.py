"""What keeps the report simple: it computes nothing, and a section is one file and one entry."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import IPython.display
import pyarrow
import pytest
from conftest import ROOT
from pyarrow import parquet
from report_runs import write_notebook
from small_model import DAY, model, study

from segcore import model as models
from segcore import report, sentences, tables
from segcore.report.page import render
from segcore.report.sections import why

MODULES = sorted((ROOT / "segcore" / "report").rglob("*.py"))
COMPUTES = {
    "agg", "aggregate", "connect", "crosstab", "cumsum", "describe", "execute", "groupby", "mean", "median",
    "merge", "pivot", "pivot_table", "quantile", "query", "sum", "value_counts",
}  # fmt: skip
"""Methods of an engine or of a frame that make new numbers."""
EXAMPLE = re.findall(
    r"```python\n# (segcore/\S+\.py)(?:, in SECTIONS)?\n(.*?)```",
    (ROOT / "docs" / "extending.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_the_report_opens_no_engine_and_computes_nothing(module: Path) -> None:
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named |= {
        f"{node.module}.{alias.name}"
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert [name for name in named if re.match(r"(segcore\.engine|duckdb|sqlite3|sqlglot)\b", name)] == []
    assert COMPUTES & {node.attr for node in nodes if isinstance(node, ast.Attribute)} == set()


SECTIONS = sorted((ROOT / "segcore" / "report" / "sections").glob("*.py"))
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)


def computed(source: str) -> list[str]:
    """What a section computes from numbers, as its source has it.

    What is layout, and may stand there: more cells behind those of a list (``heads += [...]``), and places in
    a list, also from its end (``dates[-2]``). Rounding, the largest and the smallest choose.
    """
    nodes = list(ast.walk(ast.parse(source)))
    places = {part for node in nodes if isinstance(node, ast.Subscript) for part in ast.walk(node.slice)}
    return [ast.unparse(node) for node in nodes if computes(node, place=node in places)]


def computes(node: ast.AST, *, place: bool) -> bool:
    """Whether a piece of code makes a number of others; ``place`` says whether it is one in a list."""
    match node:
        case ast.AugAssign(op=ast.Add(), value=ast.List() | ast.ListComp() | ast.IfExp(body=ast.List())):
            return False
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            return not place
        case ast.Call(func=ast.Name(id="sum" | "divmod" | "pow")):
            return True
        case ast.AugAssign(op=made) | ast.BinOp(op=made):
            return isinstance(made, ARITHMETIC)
    return False


@pytest.mark.parametrize("module", SECTIONS, ids=lambda path: path.name)
def test_a_section_computes_no_figure(module: Path) -> None:
    assert computed(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("number(row['customers'] - row['ordered'])", "row['customers'] - row['ordered']"),
        ("signed(-row['customers'])", "-row['customers']"),
        ("count(sum(numbers))", "sum(numbers)"),
        ("total += row['customers']", "total += row['customers']"),
        ("round(100 * share)", "100 * share"),
        ("dates[now - before]", "now - before"),
    ],
)
def test_a_figure_that_a_section_computes_is_found(source: str, found: str) -> None:
    assert computed(source) == [found]


def test_what_is_layout_is_no_figure() -> None:
    assert (
        computed("heads += [Cell(a)] if known else []\ncells += [b for b in c]\nd[-2], d[-TREND:], round(e)")
        == []
    )


def test_a_table_that_no_run_has_is_not_taken_for_an_empty_one(tmp_path):
    found = report.data.Tables(tmp_path)
    assert found["flows"] == []
    with pytest.raises(KeyError, match=r"flow: the table must be one of TABLES in segcore/tables\.py"):
        found["flow"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> report.Report:
    """A run that has a table of regions."""
    monkeypatch.setitem(tables.TABLES, "regions", ("region",))
    (tmp_path / "data").mkdir()
    rows = {"region": ["North", "<South>"], "customers": [1200, 34]}
    parquet.write_table(pyarrow.table(rows), tmp_path / "data" / "regions.parquet")
    models.save(tmp_path, model(), model())
    return report.load(study(), DAY, tmp_path)


def put_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the section of docs/extending.md where the page says."""
    (section, parts), (sentence, says), (_, entry) = EXAMPLE
    assert section == "segcore/report/sections/regions.py"
    assert sentence == "segcore/sentences/en/regions.py"
    said, made = (ModuleType(f"segcore.{name}.regions") for name in ("sentences.en", "report.sections"))
    exec(says, said.__dict__)
    monkeypatch.setattr(sentences, "regions", said, raising=False)
    monkeypatch.setitem(sys.modules, said.__name__, said)
    exec(parts, made.__dict__)
    entries: dict[str, Any] = eval(f"{{{entry}}}", {"Section": report.Section, "regions": made})
    for anchor, one in entries.items():
        monkeypatch.setitem(report.SECTIONS, anchor, one)


def test_the_section_of_the_docs_is_in_the_page_by_one_file_and_one_entry(run, tmp_path, monkeypatch):
    put_example(monkeypatch)
    outputs: list[dict[str, Any]] = []
    monkeypatch.setattr(
        IPython.display,
        "display",
        lambda data, raw, metadata: outputs.append(
            {"output_type": "display_data", "data": dict(data), "metadata": metadata}
        ),
    )
    report.show(run, "regions")
    render(write_notebook(tmp_path / "report.ipynb", outputs), tmp_path / "report.html", title="ACME")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(
        r'<section id="regions">\s*<div class="sg head"><p class="eb">1&ensp;Regions</p>\s*'
        r'<h2 class="sg finding">Most customers are in North</h2>',
        page,
    )
    assert re.search(r'<figure class="sg chart"><svg [^>]*role="img"', page)
    assert re.search(r'<th scope="row">&lt;South&gt;</th>\s*<td class="num"[^>]*>34</td>', page)
    assert "<summary>Customers of every region</summary>" in page
    assert "<South>" not in page


def levels(**columns: list[Any]) -> dict[str, list[Any]]:
    """The table ``insights`` with one level that stands out and one that does not."""
    of = {"of_movers": 300, "of_customers": 1814, "expected": 86.3, "lift": 1.39, "low": 1.2, "high": 1.61}
    rows = {
        "position": [1, 2],
        "direction": ["up", "down"],
        "kind": ["attribute", "attribute"],
        "attribute": ["<b>region</b>", "region"],
        "level": ["x", None],
        "name": ["<script>alert(1)</script>", "not recorded"],
        "variable": [False, False],
        "movers": [120, 7],
        "customers": [1483, 90],
        **{name: [value, value] for name, value in of.items()},
        "p_value": [0.0001, 0.5],
        "q_value": [0.004, 0.9],
        "told": [True, False],
    }
    return {**rows, **columns}


def insights_of(run: report.Report, folder: Path, rows: dict[str, list[Any]]) -> str:
    parquet.write_table(pyarrow.table(rows), folder / "data" / "insights.parquet")
    found = why._insights(report.load(run.study, DAY, folder))
    return "".join(part.html for part in found)


def test_what_movers_have_in_common_stands_below_why_they_moved(run, tmp_path):
    page = insights_of(run, tmp_path, levels())
    assert (
        "<b>Who they are.</b> &lt;b&gt;region&lt;/b&gt; &lt;script&gt;alert(1)&lt;/script&gt;: 120\xa0of "
        "1,483\xa0customers moved up where 86\xa0were to be expected of their segments, "
        "1.39\xa0times as many (95% interval 1.20\xa0to 1.61), whatever the reason.</p>"
    ) in page
    assert "<summary>All that stands out, in numbers</summary>" in page
    assert page.count("<tr") == 2
    assert "<script" not in page


def test_where_nothing_stands_out_the_page_says_so_and_has_no_table(run, tmp_path):
    page = insights_of(run, tmp_path, levels(q_value=[0.5, 0.9], told=[False, False]))
    assert "<b>Who they are.</b> Nothing stands out among those who moved: of 2\xa0levels of " in page
    assert "<table" not in page


def test_a_run_that_did_not_ask_what_movers_have_in_common_says_nothing(run):
    assert why._insights(run) == []
