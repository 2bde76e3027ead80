"""A source at a run date: the outcomes that its records can have, and the SQL that gives each one its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segcore.engine.sql import quote_name, quote_text
from segcore.kinds import ALL, KINDS, VALIDITY
from segcore.params import Source
from segcore.sources.extracts import Extract

LOADED, STRUCTURAL, DUPLICATE, REPEATED, UNPARSED, ORPHAN, LATER, FOREIGN, MISSING = range(9)
DUPLICATES = (DUPLICATE, REPEATED)  # of a record in another delivery, in the same one
REFUSED = (STRUCTURAL, UNPARSED, ORPHAN, FOREIGN, MISSING)
EXCLUDED = 10  # the first exclusion; the second is 11, and so on
NOT_VALID, RENUMBERED, OLDER = "not valid on the run date", "renumbered", "an older delivery"
WITH_HEAD = "excluded with its order"
PRECEDENCE = 1 << 40  # more than any file has records


@dataclass(frozen=True)
class Judged:
    """A source whose records get their outcome.

    Parameters
    ----------
    kind
        The source.
    given
        All sources of the study, with format and key filled in.
    currency
        The study's currency; an amount in another one is refused, never converted.
    run_date
        Orders after it do not exist for the run, and lookups hold what is valid on it.
    deliveries
        For each file the number of its delivery, see :func:`deliveries_of`.
    """

    kind: str
    given: Mapping[str, Source]
    currency: str
    run_date: dt.date
    deliveries: tuple[int, ...]

    @property
    def source(self) -> Source:
        """What the study says about it."""
        return self.given[self.kind]

    @property
    def view(self) -> str:
        """The view of all records: file, record, the canonical columns, the faults, _outcome."""
        return f"{self.kind}_judged"

    def table(self, name: str) -> str:
        """The name of one of the tables that judging leaves."""
        return f"{self.kind}_{name}"

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that make a record the same as another."""
        return ("_record_key",) if self.source.unique == "record" else tuple(self.source.unique or ())

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns of the key without which records cannot be told apart; validity may be open."""
        return tuple(c for c in self.key if c not in VALIDITY)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that must have a value in step 7."""
        key = () if self.source.unique == "record" else self.needed
        return tuple(dict.fromkeys((*KINDS[self.kind].required, *key)))

    @property
    def heads(self) -> str:
        """The source that holds the heads of these records; "" if there is none."""
        return next((other for other in self._looked_up if KINDS[other].gives == ALL), "")

    @property
    def looks_up(self) -> bool:
        """Whether something is joined to these records."""
        return bool(self.heads or self.lookups or self.renumbers)

    @property
    def of_heads(self) -> tuple[str, ...]:
        """Columns that these records have from their heads."""
        heads = self.given[self.heads].columns if self.heads else ()
        return tuple(c for c in heads if c not in self.source.columns)

    @property
    def lookups(self) -> dict[str, tuple[str, ...]]:
        """Sources that say what neither these records nor their heads do → the columns that they give."""
        mine = {*self.source.columns, *self.of_heads, *ALL}
        given = {other: tuple(c for c in KINDS[other].gives if c not in mine) for other in self._looked_up}
        return {other: columns for other, columns in given.items() if columns}

    @property
    def _looked_up(self) -> list[str]:
        return [other for other in self.given if self.kind in KINDS[other].found_by]

    @property
    def renumbers(self) -> bool:
        """Whether a source of the study says that its customers have other numbers now."""
        there = "renumbered" in self.given and self.kind != "renumbered"
        return there and "customer_id" in self.source.columns

    @property
    def keeps_number(self) -> bool:
        """Whether customers are told apart by their numbers as delivered: two may be one by now."""
        return self.renumbers and KINDS[self.kind].key == ("customer_id",)

    @property
    def validity(self) -> tuple[str, ...]:
        """The columns that say when a record is valid."""
        return tuple(c for c in VALIDITY if c in self.source.columns) if KINDS[self.kind].lookup else ()

    @property
    def rules(self) -> dict[str, str]:
        """The named exclusions, in their order: the study's own predicates, then those of its kind."""
        rules = dict(self.source.exclude)
        if self.validity:
            day = f"DATE '{self.run_date.isoformat()}'"
            ends = {"valid_from": ">", "valid_to": "<"}
            rules[NOT_VALID] = " or ".join(f"r.{c} {ends[c]} {day}" for c in self.validity)
        if self.keeps_number:
            rules[RENUMBERED] = "false"
        if self.heads and self.given[self.heads].exclude:
            rules[WITH_HEAD] = "false"
        if self.source.deliveries == "snapshot":
            rules[OLDER] = "false"
        return rules

    def excluded(self, rule: str) -> int:
        """The outcome of records that a rule excludes."""
        return EXCLUDED + list(self.rules).index(rule)

    @property
    def older(self) -> str:
        """The condition that a record stands in a delivery that a newer one replaces."""
        newest = max(self.deliveries, default=0)
        files = ", ".join(str(n) for n, delivery in enumerate(self.deliveries) if delivery != newest)
        return f"_file_number in ({files})" if files and self.source.deliveries == "snapshot" else "false"

    def delivery(self, file_number: str) -> str:
        """SQL of the number of the delivery to which a file belongs."""
        if self.deliveries == tuple(range(len(self.deliveries))):
            return file_number
        return f"{list(self.deliveries)}[{file_number} + 1]"

    @property
    def outcome(self) -> str:
        """SQL of what becomes of a record ``r``; ``_best`` is the record that its key keeps."""
        kept_in = self.delivery(f"((r._best + {PRECEDENCE - 1}) // {PRECEDENCE})")
        duplicate = (
            f"when r._best is not null and r._precedence <> r._best then "
            f"if({kept_in} = {self.delivery('r._file_number')}, {REPEATED}, {DUPLICATE})"
        )
        unparsed = f"when r._bad_rule is not null then {UNPARSED}"
        whole = self.source.unique == "record"
        cases = [f"when {self.older} then {self.excluded(OLDER)}"] if self.older != "false" else []
        cases += [f"when r._structural then {STRUCTURAL}"]
        cases += [duplicate, unparsed] if whole else [unparsed, duplicate]
        if WITH_HEAD in self.rules:
            cases.append(f"when r._head_excluded then {self.excluded(WITH_HEAD)}")
        if self.heads:
            cases.append(f"when not r._has_head then {ORPHAN}")
        if day := KINDS[self.kind].day:
            cases.append(f"when r.{quote_name(day)} > DATE '{self.run_date.isoformat()}' then {LATER}")
        cases += [f"when ({sql}) then {EXCLUDED + n}" for n, sql in enumerate(self.rules.values())]
        if "currency" in (*self.source.columns, *self.of_heads):
            cases.append(f"when r.currency <> {quote_text(self.currency)} then {FOREIGN}")
        missing = " or ".join(f"r.{quote_name(c)} is null" for c in self.required)
        cases.append(f"when {missing} then {MISSING}")
        return f"cast(case {' '.join(cases)} else {LOADED} end as SMALLINT)"


def deliveries_of(extracts: Sequence[Extract]) -> tuple[int, ...]:
    """For each file the number of its delivery: the files of one date, or one file without a date.

    Deliveries are numbered by their dates, if all have one, else in the order in which later ones
    win, by their last files.
    """
    names = [str(extract.delivered or number) for number, extract in enumerate(extracts)]
    last = {name: number for number, name in enumerate(names)}
    dated = all(extract.delivered for extract in extracts)
    order = sorted(last) if dated else sorted(last, key=last.__getitem__)
    return tuple(order.index(name) for name in names)
