"""What went into two runs, part by part: inputs, study keys, rules in words, breaks, code, packages."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from segcore import model
from segcore.archive import Run
from segcore.model import Model, ModelVariable
from segcore.rules import shown
from segcore.runner.identity import flat
from segcore.wording import plural

MODEL = "model.json"


@dataclass(frozen=True)
class Change:
    """One difference within a part.

    Parameters
    ----------
    what
        What differs.
    before, after
        In the first and in the second run, as people read it; "" where it is not there.
    """

    what: str
    before: str = ""
    after: str = ""

    @property
    def sentence(self) -> str:
        """The change in words."""
        if not self.before:
            return f"{self.what} is new ({self.after})" if self.after else f"{self.what} is new"
        if not self.after:
            return f"{self.what} is gone ({self.before})"
        return f"{self.what} was {self.before}, is {self.after}"


Part = Callable[[Run, Run], list[Change]]


def keyed(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """The changes from one mapping of texts to another, those of the first one first."""
    names = [*old, *(name for name in new if name not in old)]
    return [
        Change(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name) != new.get(name)
    ]


def _inputs(old: Run, new: Run) -> list[Change]:
    before, after = (
        {f"{i['name']}": f"{plural(i['bytes'], 'byte')}, {i['sha256'][:8]}" for i in run.inputs}
        for run in (old, new)
    )
    return keyed(before, after)


def _study(old: Run, new: Run) -> list[Change]:
    return keyed(*({key: repr(v) for key, v in flat(run.manifest["params"])} for run in (old, new)))


def _rules(old: Run, new: Run) -> list[Change]:
    before, after = (_sentences(_model(run)) for run in (old, new))
    matcher = difflib.SequenceMatcher(None, [text for _, text in before], [text for _, text in after], False)
    changes: list[Change] = []
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            changes += [Change(f"line {line}", before=text) for line, text in before[i1:i2]]
            changes += [Change(f"line {line}", after=text) for line, text in after[j1:j2]]
    return changes


def _sentences(used: Model | None) -> list[tuple[int, str]]:
    """Line and words of each rule, with its note."""
    rules = used.rules.rules if used else ()
    return [(rule.line, rule.sentence() + (f" [{rule.note}]" if rule.note else "")) for rule in rules]


def _breaks(old: Run, new: Run) -> list[Change]:
    return keyed(*(_edges(_model(run)) for run in (old, new)))


def _edges(used: Model | None) -> dict[str, str]:
    return {v.name: f"{' · '.join(_ordered(v))} ({v.scale})" for v in used.variables} if used else {}


def _ordered(variable: ModelVariable) -> list[str]:
    edges = variable.edges if variable.better == "low" else reversed(variable.edges)
    return [shown(edge, variable) for edge in edges]


def _model(run: Run) -> Model | None:
    return model.read(run.folder / MODEL) if MODEL in run.outputs else None


def _named(key: str) -> Part:
    def changes(old: Run, new: Run) -> list[Change]:
        return keyed(*({n: str(v)[:8] for n, v in run.manifest[key].items()} for run in (old, new)))

    return changes


def _values(key: str) -> Part:
    def changes(old: Run, new: Run) -> list[Change]:
        return keyed(*({n: repr(v) for n, v in run.manifest.get(key, {}).items()} for run in (old, new)))

    return changes


def _beside(old: Run, new: Run) -> list[Change]:
    return keyed(*(dict.fromkeys(run.manifest.get("beside", ()), "there") for run in (old, new)))


def _single(key: str) -> Part:
    def changes(old: Run, new: Run) -> list[Change]:
        before, after = (str(run.manifest[key]) for run in (old, new))
        return [Change(key, _short(before), _short(after))] if before != after else []

    return changes


def _short(text: str) -> str:
    return text[:8] if len(text) == 64 else text


def _previous(old: Run, new: Run) -> list[Change]:
    before, after = (run.manifest["previous"] for run in (old, new))
    if before == after:
        return []
    told = [f"{p['run_date']}, {p['manifest_sha256'][:8]}" if p else "none" for p in (before, after)]
    return [Change("the run before", *told)]


WENT_IN: dict[str, Part] = {
    "inputs": _inputs,
    "study": _study,
    "rules": _rules,
    "breaks": _breaks,
    "parameters": _values("parameters"),
    "accepted": _values("accepted"),
    "beside": _beside,
    "notebooks": _named("notebooks"),
    "code": _single("code"),
    "packages": _named("packages"),
    "python": _single("python"),
    "previous": _previous,
}
"""The parts of what went into two published runs, and how the changes in each of them are found."""
