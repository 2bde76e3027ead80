"""Under which numbers and names a study knows a customer, and which of them mean nobody else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from yaml import YAMLError

from segcore.engine.sql import quote_text
from segcore.params.yaml import read_yaml
from segcore.privacy.patterns import forms, token
from segcore.privacy.person import SHORTEST

if TYPE_CHECKING:
    from segcore.engine import FileEngine
    from segcore.privacy.rows import Rows

OWN = ("call_reps", "insights", "profile", "representatives", "reps", "rules", "segments")
"""Tables of runs in which the study's own words stand, with those of its sources."""

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


def of_the_study(folders: Iterable[Path]) -> list[Path]:
    """The tables of runs that tell of representatives, segments and the like, and of no customer."""
    paths = (folder / "data" / f"{name}.parquet" for folder in folders for name in OWN)
    return [path for path in paths if path.is_file()]


def words(folders: Iterable[Path]) -> str:
    """The texts of the studies and rule tables that runs keep: titles, segments, actions, labels."""
    found: dict[str, None] = {}
    for path in (path for folder in folders for path in sorted((folder / "study").glob("*"))):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        try:
            told = read_yaml(text) if path.suffix == ".yaml" else text
        except YAMLError:
            told = text
        found |= dict.fromkeys(_scalars(told))
    return "\n".join(found)


def is_in_a_study(folders: Iterable[Path], found: Collection[str]) -> bool:
    """Whether a study file that a run keeps has one of some names, as in a comment."""
    paths = (path for folder in folders for path in (folder / "study").glob("*") if path.is_file())
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in paths)
    return any(name in text for text in texts for name in found)


def _scalars(value: object) -> Iterator[str]:
    """Every text within a value of YAML, keys as well."""
    if isinstance(value, dict):
        yield from (text for pair in value.items() for one in pair for text in _scalars(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _scalars(one))
    elif value is not None:
        yield str(value)


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


def renumbered(engine: FileEngine, folders: Iterable[Path]) -> list[tuple[str, str]]:
    """Which numbers became which others, as tables say it."""
    pairs: list[tuple[str, str]] = []
    for path in (folder / "data" / "renumbered.parquet" for folder in folders):
        if path.exists() and {"customer_id", "becomes"} <= set(_columns(engine, path)):
            asked = f"select customer_id, becomes from read_parquet({quote_text(str(path))}) order by all"
            pairs += [(old, new) for old, new in engine.rows(asked)]
    return pairs


def sought(found: Iterable[str], words: str) -> tuple[str, ...]:
    """Those of a customer's names that are worth looking for, longest first: no words of pages, not short.

    Parameters
    ----------
    found
        The customer's names.
    words
        What must not be taken for the customer: the study's own words.
    """
    mine = [name for name in found if len(name) >= SHORTEST and not _is_a_word(name)]
    mine = [name for name in mine if not any(form in words for form in forms(name))]
    return tuple(sorted(mine, key=lambda name: (-len(name), name)))


def telling(rows: Rows, names: Iterable[str], paths: Iterable[Path]) -> tuple[str, ...]:
    """Those of a customer's names that no table gives somebody else, or says of something else."""
    others = {name for path in paths for name in rows.of(path).names}
    return tuple(name for name in names if name not in others)


def shared(rows: Rows, paths: Iterable[Path]) -> tuple[str, ...]:
    """Those of a customer's numbers, if no amounts, that stand in rows of somebody else or in any page."""
    others = {number for path in paths for number in rows.of(path).numbers}
    return tuple(number for number in rows.numbers if number in others or _is_a_word(number))


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
