"""Under which numbers and names a study knows a customer, and which of them mean nobody else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from segcore.engine.sql import quote_text
from segcore.privacy.patterns import token
from segcore.privacy.person import SHORTEST

if TYPE_CHECKING:
    from segcore.engine import FileEngine

TEXTS = (".py", ".j2", ".css", ".js")
"""Where words stand that segcore itself writes into pages."""


def tables(folders: Iterable[Path]) -> list[Path]:
    """The tables of runs that have a row for each customer."""
    from pyarrow import ArrowException, parquet

    found = []
    for folder in folders:
        for path in sorted((folder / "data").glob("*.parquet")):
            try:
                if "customer_id" in parquet.read_schema(path).names:
                    found.append(path)
            except (ArrowException, OSError):
                continue  # what a killed run had begun
    return found


def is_known(engine: FileEngine, paths: Sequence[Path], ids: Collection[str]) -> bool:
    """Whether a table has a row of one of these numbers."""
    return any(engine.rows(f"select 1 {_of(path, ids)} limit 1") for path in paths)


def names(engine: FileEngine, paths: Sequence[Path], ids: Collection[str]) -> set[str]:
    """The names that tables give a customer."""
    found: set[str] = set()
    for path in paths:
        if "name" in _columns(engine, path):
            asked = f"select distinct name {_of(path, ids)} and name is not null"
            found |= {name for (name,) in engine.rows(asked) if name.strip()}
    return found


def earlier_names(engine: FileEngine, folders: Iterable[Path], ids: Collection[str]) -> set[str]:
    """The names that were given up where extracts said different ones."""
    found: set[str] = set()
    keys = ", ".join(map(quote_text, ids))
    for path in (folder / "data" / "conflicts.parquet" for folder in folders):
        if path.exists() and {"source", "key", "column", "kept_value"} <= set(_columns(engine, path)):
            asked = (
                f"select kept_value, dropped_value from read_parquet({quote_text(str(path))}) "
                f"where source = 'customers' and \"column\" = 'name' and key in ({keys})"
            )
            found |= {name for row in engine.rows(asked) for name in row if name and name.strip()}
    return found


def telling(
    engine: FileEngine, found: Collection[str], paths: Sequence[Path], ids: Collection[str]
) -> tuple[str, ...]:
    """Those names that nobody else has and that stand for nothing else, longest first.

    Parameters
    ----------
    engine
        Where SQL runs.
    found
        The customer's names.
    paths
        Tables in which other customers stand, and what is said of them.
    ids
        The customer's numbers.
    """
    mine = [name for name in found if len(name) >= SHORTEST and not _is_a_word(name)]
    others = {name for path in paths for name in _others(engine, path, mine, ids)}
    return tuple(sorted((name for name in mine if name not in others), key=lambda name: (-len(name), name)))


def _others(engine: FileEngine, path: Path, mine: Sequence[str], ids: Collection[str]) -> set[str]:
    """The names that stand in a row of somebody else."""
    texts = [name for name, kind in _columns(engine, path).items() if kind == "VARCHAR"]
    if not mine or not texts:
        return set()
    parts = [
        " or ".join(f'contains("{column}", {quote_text(name)})' for column in texts if '"' not in column)
        for name in mine
    ]
    asked = ", ".join(f"bool_or({part})" for part in parts)
    numbers = ", ".join(map(quote_text, ids))
    source = f"read_parquet({quote_text(str(path))})"
    whose = f"where customer_id not in ({numbers})" if "customer_id" in texts else ""
    told = engine.rows(f"select {asked} from {source} {whose}")[0]
    return {name for name, there in zip(mine, told, strict=True) if there}


def _is_a_word(name: str) -> bool:
    """Whether segcore's own pages may hold a text that is a customer's name as well."""
    return re.search(token(name), _own_words()) is not None


@lru_cache(maxsize=1)
def _own_words() -> str:
    package = Path(__file__).parents[1]
    paths = (path for ending in TEXTS for path in package.rglob(f"*{ending}"))
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(paths))


def _of(path: Path, ids: Collection[str]) -> str:
    numbers = ", ".join(map(quote_text, ids))
    return f"from read_parquet({quote_text(str(path))}) where customer_id in ({numbers})"


def _columns(engine: FileEngine, path: Path) -> dict[str, str]:
    return {row[0]: row[1] for row in engine.rows(f"describe from read_parquet({quote_text(str(path))})")}
