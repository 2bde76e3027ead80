"""The kinds of sources: what one row of each is, its columns with their types, its key, and how it joins.

A kind is one entry of :data:`KINDS`; the order of the entries is the order in which they are read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

Type = Literal["text", "number", "date"]
Key = Literal["record"] | tuple[str, ...]

VALIDITY: dict[str, Type] = {"valid_from": "date", "valid_to": "date"}

ALL = ("*",)
"""All columns that a study maps."""


@dataclass(frozen=True)
class Kind:
    """One kind of source.

    Parameters
    ----------
    name
        Its key in a study.
    columns
        Canonical column → type. Further columns may be mapped under names of a study's own.
    required
        Columns without a value in which a record is refused.
    key
        What makes two records the same one, unless the study says otherwise.
    table
        The table that it leaves for later stages; "" if it is used up by the sources after it.
    day
        The column that is compared with the run date; "" if there is none.
    amount
        The column that is summed where records are told of, and that totals in files are of; "" for none.
    lookup
        Whether it is looked up: unique on its key at the run date, and all other attributes describe.
    quiet
        Whether nothing may have happened for a while, so that a delivery without a record says so. Of all
        other kinds it is an export that failed.
    describes
        Columns of other kinds that describe a record and count for nothing. What describes becomes
        NULL, and is counted, if it cannot be read; for any other column the record is refused.
    found_by
        Kinds whose records look it up → the column by which they do, which has one name in both.
    gives
        Columns that those which look it up have from it unless they map them; :data:`ALL` of them
        for the head of a record, without which that is refused.
    """

    name: str
    columns: Mapping[str, Type]
    required: tuple[str, ...]
    key: Key
    table: str = ""
    day: str = ""
    amount: str = ""
    lookup: bool = False
    quiet: bool = False
    describes: tuple[str, ...] = ()
    found_by: Mapping[str, str] = field(default_factory=dict)
    gives: tuple[str, ...] = ()

    def key_with(self, columns: Collection[str]) -> Key:
        """What makes two records the same one where these columns are mapped: records of a lookup's
        history are no duplicates of each other."""
        ends = [c for c in VALIDITY if c in columns] if self.lookup else []
        return self.key if self.key == "record" else (*self.key, *ends[:1])


_ALL = (
    Kind(
        "renumbered",
        {"customer_id": "text", "becomes": "text", "valid_from": "date"},
        required=("customer_id", "becomes"),
        key=("customer_id",),
        table="renumbered",
        lookup=True,
    ),
    Kind(
        "products",
        {"product": "text", "market": "text", **VALIDITY},
        required=("product", "market"),
        key=("product",),
        table="products",
        lookup=True,
        found_by={"transactions": "product"},
        gives=("market",),
    ),
    Kind(
        "customers",
        {"customer_id": "text", "name": "text", "rep": "text", "region": "text", "since": "date", **VALIDITY},
        required=("customer_id",),
        key=("customer_id",),
        table="customers_source",
        lookup=True,
        found_by={"transactions": "customer_id"},
    ),
    Kind(
        "reps",
        {"rep": "text", "name": "text", "email": "text", **VALIDITY},
        required=("rep",),
        key=("rep",),
        table="reps",
        lookup=True,
        found_by={"customers": "rep", "followups": "rep", "transactions": "rep"},
    ),
    Kind(
        "followups",
        {"customer_id": "text", "rep": "text", "date": "date", "outcome": "text"},
        required=("customer_id", "rep", "date"),
        describes=("outcome",),
        key="record",
        table="followups",
        day="date",
        quiet=True,
    ),
    Kind(
        "orders",
        {
            "order_id": "text",
            "customer_id": "text",
            "order_date": "date",
            "rep": "text",
            "currency": "text",
        },
        required=("order_id",),
        describes=("rep",),
        key=("order_id",),
        found_by={"transactions": "order_id"},
        gives=ALL,
    ),
    Kind(
        "transactions",
        {
            "customer_id": "text",
            "order_id": "text",
            "item": "text",
            "order_date": "date",
            "market": "text",
            "product": "text",
            "quantity": "number",
            "price": "number",
            "amount": "number",
            "rep": "text",
            "currency": "text",
        },
        required=("customer_id", "order_id", "order_date", "amount", "market"),
        describes=("item", "product", "rep"),
        key="record",
        table="transactions",
        day="order_date",
        amount="amount",
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""Kinds by name, in the order in which they are read: what others look up stands before them."""
