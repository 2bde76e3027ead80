"""Arrow columns with types of their own → text as every other extract has it, and exactly that value."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

EXACT = {pa.float64(): 1 << 53, pa.float32(): 1 << 24, pa.float16(): 1 << 11}
"""Up to where every whole number has a float of its own; beyond, digits of it are lost."""


def text_of(column: pa.Array, decimal: str) -> pa.Array:
    """A column as text, "" for NULL.

    Numbers have ``decimal`` and no thousands; dates are ``2025-12-31``, with a time
    ``2025-12-31 13:45:00``, and where they know their zone ``2025-12-31 13:45:00+00:00``.
    """
    return pc.fill_null(_text(column, decimal), "")


def _text(column: pa.Array, decimal: str) -> pa.Array:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _text(column.storage, decimal)
    if pa.types.is_dictionary(kind):
        return _text(column.dictionary_decode(), decimal)
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "TRUE", "FALSE")
    if pa.types.is_floating(kind):
        return _each(column, lambda value: _float(value, kind, decimal))
    if pa.types.is_decimal(kind):
        return _each(column, lambda value: _plain(value, decimal))
    if pa.types.is_timestamp(kind):
        return _moments(column, kind)
    if pa.types.is_time(kind):
        return _without_zeros(column.cast(pa.string()))
    if pa.types.is_nested(kind) or pa.types.is_duration(kind) or pa.types.is_interval(kind):
        told = (json.dumps(value, default=str, ensure_ascii=False) for value in column.to_pylist())
        return pc.if_else(column.is_null(), None, pa.array(told, pa.string()))
    if "binary" in str(kind):
        return _each(column, _bytes)
    return column.cast(pa.string())


def _each(column: pa.Array, tell: Callable[[Any], str]) -> pa.Array:
    """The text of each value, made once for those that are equal."""
    coded = column.dictionary_encode()
    told = [None if value is None else tell(value) for value in coded.dictionary.to_pylist()]
    return pa.array(told, pa.string()).take(coded.indices)


def _float(value: float, kind: pa.DataType, decimal: str) -> str:
    import numpy as np

    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    if value == int(value):
        # A power of ten is no key and no amount: whoever reads it refuses it.
        return str(int(value)) if abs(value) < EXACT[kind] else f"{value:.16e}"
    text = f"{value:.15g}" if kind == pa.float64() else str(kind.to_pandas_dtype()(value))
    return _plain(Decimal(np.format_float_positional(float(text))) if "e" in text else Decimal(text), decimal)


def _plain(value: Decimal, decimal: str) -> str:
    """All digits of a number, without zeros that say nothing."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    return text.replace(".", decimal)


def _moments(column: pa.Array, kind: pa.TimestampType) -> pa.Array:
    told = _without_zeros(column.cast(pa.timestamp(kind.unit)).cast(pa.string()))
    return pc.binary_join_element_wise(told, "+00:00", "") if kind.tz else told


def _without_zeros(told: pa.Array) -> pa.Array:
    """Moments without the part of a second that is nothing."""
    return pc.replace_substring_regex(told, r"\.0+$|(\.\d*[1-9])0+$", r"\1")


def _bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
