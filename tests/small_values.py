"""Texts read as the values of one column, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from segcore.engine import DuckDB
from segcore.params import Column, Format, Source
from segcore.sources.parse import Shape, read_query

Read = tuple[Any, str | None]


def shape(kind: str, columns: dict[str, Any], names: Sequence[str] = (), **how: Any) -> Shape:
    """A file of a kind; ``how`` is its format, and currency, typed, file, unique and ignore."""
    ours = {key: how.pop(key) for key in ("currency", "typed", "serials", "file") if key in how}
    rest = {key: how.pop(key) for key in ("unique", "ignore") if key in how}
    made = {name: Column.model_validate(column) for name, column in columns.items()}
    source = Source.model_construct(
        columns=made, format=Format.model_validate(how), **{"unique": None, **rest}
    )
    return Shape(kind, source, ours.pop("currency", "EUR"), tuple(names), **ours)


def read(engine: DuckDB, name: str, texts: Sequence[str | None], **how: Any) -> list[Read]:
    """Value and broken rule of each text; ``kind`` and ``column`` say what they are texts of."""
    kind, column = how.pop("kind", "transactions"), how.pop("column", "X")
    texts_sql = "select unnest($texts::VARCHAR[]) as raw, generate_subscripts($texts::VARCHAR[], 1) as n"
    query = read_query(shape(kind, {name: column}, **how), name, texts_sql)
    rows = engine.rows(f"select value, rule from ({query}) order by n", {"texts": list(texts)})
    return [(value, rule) for value, rule in rows]


def reason(engine: DuckDB, name: str, text: str, **how: Any) -> str:
    """The sentence by which a text is refused."""
    kind, column = how.pop("kind", "transactions"), how.pop("column", "X")
    query = read_query(shape(kind, {name: column}, **how), name, "select $text::VARCHAR as raw")
    return str(engine.rows(f"select reason from ({query})", {"text": text})[0][0])
