"""Pages of all customers, written from the tables of runs as the transitions notebook would."""

from __future__ import annotations

import base64
import json
import re
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segcore import customers, model, tables, transitions
from segcore.engine import DuckDB
from segcore.params.file import load_study
from segcore.transitions.earlier import read_earlier
from segcore.transitions.orders import spent

SINCE = "since: since}}"
WITH_REGION = {SINCE: "since: since, region: rep}}"}
"""Gives the small company of ``report_runs`` an attribute with few values."""


def write_page(
    runs: Sequence[Path], out: Path, *, changed: Mapping[str, str] | None = None, repeated: int = 1
) -> Path:
    """Write the list of customers of the last of some runs into ``out/report``.

    Parameters
    ----------
    runs
        Folders of the runs, ascending.
    out
        A folder in the place of the run's own.
    changed
        Table → a query that takes its place, over the table itself as ``kept`` if it is there.
    repeated
        How often everybody stands in the run, under numbers of their own.
    """
    run, earlier = runs[-1], list(runs[:-1])
    study = load_study(run.parent.parent.parent / "params" / "acme.yaml")
    used = model.read(run / "model.json")
    for folder in ("report", "data"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run / "model.json", out / "model.json")
    with DuckDB() as engine:
        tables.load(engine, run, *tables.TABLES)
        read_earlier(engine, used.segments, earlier, transitions.renamed(study))
        spent(engine)
        for name, query in {
            **(_repeated(engine, repeated) if repeated > 1 else {}),
            **(changed or {}),
        }.items():
            if not engine.has(name):
                engine.execute(f"create table {name} as {query}")
                continue
            kind = "view" if (run / "data" / f"{name}.parquet").exists() else "table"
            engine.execute(f"create table changed as with kept as (from {name}) {query}")
            engine.execute(f"drop {kind} {name}")
            engine.execute(f"alter table changed rename to {name}")
        customers.write(engine, study, out / "report" / "customers.html")
    return out / "report" / "customers.html"


def _repeated(engine: DuckDB, times: int) -> dict[str, str]:
    number = "case when i = 0 then customer_id else concat(customer_id, '-', i) end as customer_id"
    return {
        name: f"select kept.* replace ({number}) from kept, range({times}) r(i)"
        for name in ("customers", "moves", "history", "clock", "spent", "previous", "customers_source")
        if engine.has(name)
    }


def data_of(page: Path) -> dict[str, Any]:
    """What the script of a page reads."""
    found = re.search(r'<script type="application/gzip" id="rows">([^<]*)</script>', page.read_text())
    assert found
    data: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(found[1]), 31))
    return data


def column(data: Mapping[str, Any], key: str) -> list[Any]:
    """The values of a column as people read them."""
    one = next(c for c in data["columns"] if c["key"] == key)
    if one["kind"] != "coded":
        return list(one["values"])
    return [None if value < 0 else one["names"][value] for value in one["values"]]


def cards(data: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Customer → head and text of every line of the card."""
    heads, texts = data["cards"]["heads"], data["cards"]["texts"]
    return {
        customer: [(heads[h], texts[t]) for h, t in zip(places[::2], places[1::2], strict=True)]
        for customer, places in zip(column(data, "customer_id"), data["cards"]["rows"], strict=True)
    }
