"""The compact protocol of Thrift, in which Parquet files say what is in them: read, and written again.

Nothing is known here of what fields mean: a struct is a dictionary of field → (type, value), in order. The
protocol is that of ``thrift-compact-protocol.md`` in Apache Thrift.
"""

from __future__ import annotations

from typing import Any, TypeAlias

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
WHOLE = (I16, I32, I64)

Struct: TypeAlias = dict[int, tuple[int, Any]]
"""Field → its type and value; a list is (type of its elements, elements)."""


class Reader:
    """Reads one value after the other.

    Parameters
    ----------
    data
        The bytes; reading begins with the first.
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self) -> Struct:
        """A struct, up to its end."""
        made: Struct = {}
        field = 0
        while head := self._byte():
            delta, kind = head >> 4, head & 15
            field = field + delta if delta else _signed(self._varint())
            made[field] = (kind, self._value(kind))
        return made

    def _value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE):
            return kind == TRUE
        if kind == BYTE:
            return self._byte()
        if kind in WHOLE:
            return _signed(self._varint())
        if kind == DOUBLE:
            return self._take(8)
        if kind == BINARY:
            return self._take(self._varint())
        if kind in (LIST, SET):
            return self._list()
        if kind == STRUCT:
            return self.struct()
        raise ValueError(f"type {kind} of Thrift is not read here")

    def _list(self) -> tuple[int, list[Any]]:
        head = self._byte()
        size, kind = head >> 4, head & 15
        size = self._varint() if size == 15 else size
        if kind in (TRUE, FALSE):
            return kind, [self._byte() == TRUE for _ in range(size)]
        return kind, [self._value(kind) for _ in range(size)]

    def _varint(self) -> int:
        number = shift = 0
        while (byte := self._byte()) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
        return number | byte << shift

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise ValueError("the end of a struct of Thrift is missing")
        self._at += size
        return taken


def written(struct: Struct) -> bytes:
    """A struct as bytes."""
    out, last = bytearray(), 0
    for field, (kind, value) in struct.items():
        told = (TRUE if value else FALSE) if kind in (TRUE, FALSE) else kind
        delta = field - last
        if 0 < delta < 16:
            out.append(delta << 4 | told)
        else:
            out.append(told)
            out += _varint(_zigzag(field))
        if kind not in (TRUE, FALSE):
            out += _value(kind, value)
        last = field
    out.append(0)
    return bytes(out)


def _value(kind: int, value: Any) -> bytes:
    if kind == BYTE:
        return bytes([value])
    if kind in WHOLE:
        return _varint(_zigzag(value))
    if kind == DOUBLE:
        return bytes(value)
    if kind == BINARY:
        return _varint(len(value)) + bytes(value)
    if kind == STRUCT:
        made: Struct = value
        return written(made)
    inner, values = value
    head = (
        bytes([len(values) << 4 | inner])
        if len(values) < 15
        else bytes([0xF0 | inner]) + _varint(len(values))
    )
    if inner in (TRUE, FALSE):
        return head + bytes(TRUE if one else FALSE for one in values)
    return head + b"".join(_value(inner, one) for one in values)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _signed(number: int) -> int:
    return number >> 1 if number % 2 == 0 else -(number >> 1) - 1
