"""Extracts of which nobody says anything, and what is made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from segcore.engine import DuckDB
from segcore.features import build
from segcore.init import InitResult, init_study
from segcore.init.drafting import draft_from
from segcore.init.writing import Draft
from segcore.model import fit
from segcore.params import Study
from segcore.params.file import load_study
from segcore.rules import lint, read_rules
from segcore.sources import collect, data_folder, ingest

FIRST = dt.date(2024, 1, 1)


def deliver(root: Path, name: str, text: str | bytes, folder: str = "data") -> Path:
    path = root / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def orders(header: str, record: str, *, count: int = 120, form: str = "%Y-%m-%d", days: int = 3) -> str:
    """Orders of some customers, few of which buy often; the record names n, customer, day, market, amount."""
    made = [header]
    for n in range(count):
        day = (FIRST + dt.timedelta(days=n * days)).strftime(form)
        customer = 100 + min(n * 7 % 31, n * 11 % 29)
        made.append(record.format(n=n, customer=customer, day=day, market="XY"[n % 2], amount=n + 0.5))
    return "\n".join(made) + "\n"


ENGLISH = orders("CustomerID,OrderNo,OrderDate,Category,Sales", "{customer},{n},{day},{market},{amount}")


def made(root: Path, *files: Path, run_date: dt.date | None = None) -> tuple[Study, InitResult]:
    """The study that init writes, and what it says."""
    result = init_study("mine", files, root=root, run_date=run_date)
    return load_study(result.study), result


def drafted(root: Path, *files: Path) -> Draft:
    """What init guesses before it tries it."""
    scratch = root / "scratch"
    scratch.mkdir()
    with DuckDB() as engine:
        return draft_from(engine, "mine", files, root=root, scratch=scratch)[0]


def read(engine: DuckDB, root: Path, study: Study, day: dt.date) -> None:
    """Ingest what a study names."""
    store = root / "store"
    ingest(engine, study, day, collect(study, data_folder(study, root=root), store), store)


@contextmanager
def used(root: Path, study: Study) -> Iterator[DuckDB]:
    """An engine after everything that a first run does up to its model."""
    day = study.breaks.from_
    assert day is not None
    with DuckDB() as engine:
        read(engine, root, study, day)
        build(engine, study, day)
        table = read_rules(study.rules_path, study)
        assert lint(table) == []
        fit(engine, study, table, day)
        yield engine


def works(root: Path, study: Study) -> bool:
    with used(root, study) as engine:
        return bool(engine.rows("select count(*) from features")[0][0])


def checks(result: InitResult) -> list[str]:
    return [line for line in result.lines if "please check" in line]


def lines(header: str, count: int, record: str) -> str:
    return "\n".join([header, *(record.format(n=n, k="AB"[n % 2]) for n in range(count))]) + "\n"
