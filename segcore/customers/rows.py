"""The rows of a page: values by column, and the cards with every text kept once."""

from __future__ import annotations

import base64
import datetime as dt
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segcore.customers.listed import LISTED, Column
from segcore.engine.sql import quote_name
from segcore.sentences import customers as say
from segcore.why import Told, cards
from segcore.wording import figures

if TYPE_CHECKING:
    from segcore.engine import Engine

GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Rows:
    """The rows of a page.

    Parameters
    ----------
    columns
        The columns.
    values
        For each column its values: of a coded one places in :attr:`names`, None for nothing.
    ids
        The customers' numbers, in the order of the rows.
    """

    columns: Sequence[Column]
    values: Sequence[Sequence[Any]]
    ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.ids)

    def shown(self, most: int | None = None) -> list[list[tuple[Column, str, str]]]:
        """The first rows as people read them: column, key and text of every cell."""
        told = [
            _cells(column, values[:most]) for column, values in zip(self.columns, self.values, strict=True)
        ]
        return [list(row) for row in zip(*told, strict=True)]


def rows(engine: Engine, columns: Sequence[Column], where: str, order: str) -> Rows:
    """The rows of ``listed`` of which a condition is true."""
    asked = ", ".join(f"{column.sql} as {quote_name(f'c{place}')}" for place, column in enumerate(columns))
    found = engine.rows(f"select customer_id, {asked} from {LISTED} where {where} order by {order}")
    ids, *values = ([row[place] for row in found] for place in range(len(columns) + 1))
    return Rows(columns, values, ids)


def packed(engine: Engine, given: Rows, told: Told, run_date: dt.date) -> str:
    """Rows and cards for the script of a page, as base64 of gzip of JSON; the same rows give the same text.

    Notes
    -----
    ``columns``: key, title, kind, filtered, values, and of coded ones keys and names. ``cards``: heads,
    texts, and rows: for each row the places of head and text in turn.
    """
    made = {
        "columns": [
            _column(column, values) for column, values in zip(given.columns, given.values, strict=True)
        ],
        "cards": _cards(engine, given, told, run_date),
        "words": say.WORDS,
    }
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    # Not by gzip.compress, whose header differs between versions of Python.
    packer = zlib.compressobj(6, zlib.DEFLATED, GZIP)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode("ascii")


def _column(column: Column, values: Sequence[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "key": column.key,
        "title": column.title,
        "small": column.small,
        "kind": column.kind,
        "filtered": column.filtered,
    }
    if column.names is not None:
        keys = list(column.names)
        place = {key: number for number, key in enumerate(keys)}
        told |= {"keys": keys, "names": list(column.names.values())}
        return {**told, "values": [place.get(value, -1) for value in values]}
    if column.kind == "date":
        return {**told, "values": [value and value.isoformat() for value in values]}
    if column.kind == "number":
        return {**told, "values": [_number(value) for value in values]}
    return {**told, "values": list(values)}


def _cards(engine: Engine, given: Rows, told: Told, run_date: dt.date) -> dict[str, Any]:
    heads: dict[str, int] = {}
    texts: dict[str, int] = {}
    made: dict[str, list[int]] = {}
    for card in cards(engine, told, run_date, LISTED, only=given.ids):
        places = []
        for head, text in card.parts:
            places += [heads.setdefault(head, len(heads)), texts.setdefault(text, len(texts))]
        made[card.rows["everybody"]["customer_id"]] = places
    return {"heads": list(heads), "texts": list(texts), "rows": [made[one] for one in given.ids]}


def _cells(column: Column, values: Sequence[Any]) -> list[tuple[Column, str, str]]:
    """The cells of a column; days and segments are those of many customers."""
    made = {value: _cell(column, value) for value in set(values)}
    return [made[value] for value in values]


def _cell(column: Column, value: Any) -> tuple[Column, str, str]:
    if value is None:
        return column, "", say.NONE
    if column.names is not None:
        return column, str(value), column.names.get(value, str(value))
    if column.kind == "date":
        return column, "", say.day(value)
    if column.kind == "number":
        return column, "", figures(f"{_number(value):,}")
    return column, "", str(value)


def _number(value: float | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == int(value) else round(value, 2)
