"""What makes two runs the same, and where they differ.

A run's fingerprint is a hash over everything that its results depend on. The previous run counts by
its manifest's hash, and so do, through its own previous run, all earlier ones.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from segcore.rules import RuleTable

Identity = Mapping[str, Any]
"""Name of a part → its JSON value; the parts stand in the manifest under these names."""


@dataclass(frozen=True)
class Difference:
    """A part in which a published run differs from what a run would be now.

    Parameters
    ----------
    part
        One of :data:`PARTS`, or :data:`DAMAGE`.
    told
        What differs, as a sentence.
    """

    part: str
    told: str


DAMAGE = "damage"
"""The part of a published run that is not as it was sealed."""


def fingerprint(identity: Identity) -> str:
    """The hash of an identity, hexadecimal.

    Of the model only the content counts, not where it was found: a run that was made before the
    run of ``breaks.from`` is the same as one that was made after it.
    """
    parts = {name: identity[name] for name in PARTS}
    parts["model"] = identity["model"]["sha256"]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def rule_lines(rules: RuleTable) -> dict[str, str]:
    """Line → rule as the table has it, for manifests."""
    return {
        str(rule.line): ",".join([rule.segment, *(cell.text for cell in rule.cells), rule.note])
        for rule in rules.rules
    }


@cache
def packages() -> dict[str, str]:
    """The packages that segcore asks for, with the versions that are installed."""
    wanted = (text for text in metadata.requires("segcore") or () if "extra ==" not in text)
    names = (match.group() for text in wanted if (match := re.match(r"[\w.-]+", text)))
    return {name: metadata.version(name) for name in sorted(names)}


def python_version() -> str:
    """The version of Python, like 3.11.9."""
    return platform.python_version()


def differences(old: Identity, new: Identity) -> list[Difference]:
    """In what a published run differs from what a run would be now, each part once."""
    found = []
    for name, describe in PARTS.items():
        before, after = old.get(name, SINCE.get(name)), new[name]
        if name == "model":
            before, after = (m and m["sha256"] for m in (before, after))
        if before != after:
            verb = "differs" if name in SINGULAR else "differ"
            found.append(Difference(name, f"{name} {verb}: {describe(before, after)}"))
    return found


def newer_inputs(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of inputs that are new, or have other content than a run read."""
    read = {(entry["name"], entry["sha256"]) for entry in old}
    return [entry["name"] for entry in new if (entry["name"], entry["sha256"]) not in read]


def _inputs(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> str:
    before, after = ({i["name"]: i for i in inputs} for inputs in (old, new))
    return _told(before, after, lambda name: f"{name} has other content")


def _params(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    before, after = dict(flat(old)), dict(flat(new))
    return _told(before, after, lambda key: f"{key} was {before[key]!r}, is {after[key]!r}")


def flat(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The values within a JSON value by their keys, joined by dots, like ``breaks.policy``."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from flat(part, f"{at}.{key}" if at else str(key))
    elif at:
        yield at, value


def _rules(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    changed = sorted({*old, *new}, key=int)
    lines = [line for line in changed if old.get(line) != new.get(line)]
    return f"line{'s' * (len(lines) > 1)} {', '.join(lines)}"


def _named(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    return _told(old, new, lambda name: f"{name} was changed")


def _names(old: Sequence[str], new: Sequence[str]) -> str:
    return _told(dict.fromkeys(old), dict.fromkeys(new), str)


def _versions(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    return _told(old, new, lambda name: f"{name} was {old[name]}, is {new[name]}")


def _told(old: Mapping[str, Any], new: Mapping[str, Any], changed: Callable[[str], str]) -> str:
    told = [changed(name) for name in old if name in new and old[name] != new[name]]
    told += [f"{name} is new" for name in new if name not in old]
    told += [f"{name} is gone" for name in old if name not in new]
    return ", ".join(told) or "their order"


def _short(old: str | None, new: str | None) -> str:
    return f"was {old[:8] if old else 'its own'}, is {new[:8] if new else 'its own'}"


def _value(old: str, new: str) -> str:
    return f"was {old}, is {new}"


def _previous(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> str:
    if old and new and old["run_date"] == new["run_date"]:
        return f"the run of {new['run_date']} was made again"
    return _value(old["run_date"] if old else "none", new["run_date"] if new else "none")


SINCE: Mapping[str, Any] = {"accepted": {}, "beside": []}
"""Parts that earlier runs did not record → what these had."""

SINGULAR = ("code", "python", "model", "previous")
PARTS: dict[str, Callable[[Any, Any], str]] = {
    "inputs": _inputs,
    "params": _params,
    "rules": _rules,
    "parameters": _params,
    "accepted": _params,
    "beside": _names,
    "notebooks": _named,
    "code": _short,
    "packages": _versions,
    "python": _value,
    "model": _short,
    "previous": _previous,
}
"""The parts of an identity, and how a difference in each of them is told."""
