"""Every language says everything: the same sentences, and every label."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from string import Formatter
from types import ModuleType
from typing import Any

import pytest
import small_words
from pyarrow import parquet

from segcore import language as of_language
from segcore import outputs, report, variables
from segcore.params.file import load_study
from segcore.report.sections import attention, moves, provenance, why
from segcore.rules import read_rules

ROOT = Path(__file__).parent.parent
OTHERS = [name for name in of_language.LANGUAGES if name != "en"]
SUBJECTS = sorted(found.name for found in iter_modules(import_module("segcore.sentences.en").__path__))

WORDED = {"records.STATES"}
"""Tables of a language whose keys are its own words."""

TABLES: Mapping[str, Callable[[], Iterator[str]]] = {
    "MOVED[way]": lambda: iter(import_module("segcore.charts.causes").MOVED.values()),
    "section.title": lambda: (s.title for s in report.SECTIONS.values() if s.title),
    "words": lambda: iter(attention.OTHERS.values()),
    "ARRIVALS[name]": lambda: iter(moves.ARRIVALS.values()),
    "PARTS[part]": lambda: (head for head in moves.PARTS.values() if head),
    "ORIGINS[model['origin']]": lambda: iter(provenance.ORIGINS.values()),
    "WAYS[way]": lambda: iter(why.WAYS.values()),
    "row['direction']": lambda: iter(("up", "down")),
    "output.what": lambda: (output.what for output in outputs.OUTPUTS.values()),
    "OUTPUTS[name].what": lambda: (output.what for output in outputs.OUTPUTS.values()),
    "ON_PAPER": lambda: iter((import_module("segcore.report.site").ON_PAPER,)),
    "head": lambda: iter(import_module("segcore.mail.page").HEADS),
    "KINDS[kind]": lambda: iter(import_module("segcore.mail.page").KINDS.values()),
    "LABELS[state]": lambda: iter(import_module("segcore.mail.page").LABELS.values()),
    "reason": lambda: iter(import_module("segcore.mail.reasons").REASONS),
    "variable.label": lambda: (one.label for one in variables.VARIABLES.values()),
    "variable.unit": lambda: (one.unit for one in variables.VARIABLES.values()),
}
"""What ``say`` is asked for where it is no text in the code: as it stands there → all that it can be."""


def asked_in_python() -> Iterator[tuple[Path, ast.expr]]:
    for path in [*(ROOT / "segcore").rglob("*.py"), *(ROOT / "notebooks").glob("*.py")]:
        text = path.read_text(encoding="utf-8")
        if "language" not in text:
            continue
        tree = ast.parse(text)
        names = {"language.say", *named(tree)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield path, node.args[0]


def named(tree: ast.AST) -> Iterator[str]:
    """Under which other names a file knows ``language.say``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "segcore.language":
            yield from (one.asname or one.name for one in node.names if one.name == "say")
        if isinstance(node, ast.Assign) and "language.say" in ast.unparse(node.value):
            yield from (one.id for one in ast.walk(node.targets[0]) if isinstance(one, ast.Name))


def asked_in_templates() -> Iterator[tuple[Path, Any]]:
    from jinja2 import Environment, nodes

    for path in (ROOT / "segcore").rglob("*.j2"):
        for call in Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "say":
                yield path, call.args[0]


def asked() -> Iterator[tuple[str, str]]:
    """Every label that is said, with where."""
    for path, given in asked_in_python():
        where = f"{path.relative_to(ROOT)}:{given.lineno}"
        if isinstance(given, ast.Constant):
            yield given.value, where
        else:
            written = ast.unparse(given)
            assert written in TABLES, f"{where}: say must be given a text, or a table in TABLES ({written})"
            yield from ((label, where) for label in TABLES[written]())
    for path, node in asked_in_templates():
        assert hasattr(node, "value"), f"{path.relative_to(ROOT)}: say must be given a text"
        yield node.value, str(path.relative_to(ROOT))


def labels(language: str) -> Iterator[tuple[str, str, str]]:
    """Every label of a language: its file, the English one, and its own."""
    package = import_module(f"segcore.sentences.{language}.labels")
    for found in iter_modules(package.__path__):
        own = import_module(f"{package.__name__}.{found.name}").LABELS
        yield from ((found.name, english, text) for english, text in own.items())


def public(module: ModuleType) -> dict[str, Any]:
    """What a module of sentences has for others: functions and constants of its own."""
    names = set()
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom):  # handed on
            names |= {one.name for one in node.names if one.asname == one.name}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    return {name: getattr(module, name) for name in names if not name.startswith("_")}


@pytest.mark.parametrize("language", OTHERS)
def test_every_label_that_is_said_is_there_and_no_other(language):
    wanted = dict(asked())
    known = {english for _, english, _ in labels(language)}
    missing = {f"{label!r} ({where})" for label, where in wanted.items() if label not in known}
    assert not missing
    assert known - wanted.keys() == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_label_says_the_same_everywhere(language):
    texts: dict[str, set[str]] = {}
    for _, english, text in labels(language):
        texts.setdefault(english, set()).add(text)
    assert {english: found for english, found in texts.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_labels_are_filled_in_with_the_same_values(language):
    def places(text: str) -> set[str]:
        return {place for _, place, _, _ in Formatter().parse(text) if place is not None}

    assert {e: t for _, e, t in labels(language) if places(e) != places(t)} == {}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_subject(language):
    package = import_module(f"segcore.sentences.{language}")
    assert set(SUBJECTS) - {found.name for found in iter_modules(package.__path__)} == set()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_language_has_the_same_sentences(language, subject):
    english = public(import_module(f"segcore.sentences.en.{subject}"))
    other = public(import_module(f"segcore.sentences.{language}.{subject}"))
    assert sorted(other) == sorted(english)
    for name, value in english.items():
        if inspect.isfunction(value):
            assert inspect.signature(other[name]) == inspect.signature(value), name
        else:
            assert type(other[name]) is type(value), name
            by_keys = isinstance(value, Mapping) and f"{subject}.{name}" not in WORDED
            assert not by_keys or set(value) <= set(other[name]), name


OF_ENGLISH = frozenset(
    """the of and with for from which that this these than not nobody customer customers who run runs orders
    since would have been are were moved before after their its ordered last next""".split()  # noqa: SIM905
)
OF_GERMAN = frozenset(
    """und nicht kunden wurde wurden sind dem eine keine wird grenze lauf bestellt seit dieser""".split()  # noqa: SIM905
)
"""Words that are in nearly every sentence of one language, and no words of the other."""
CODE = re.compile(
    r"breaks: \{.*?\}|segments: \{.*?\}|was: \[.*?\]|\bsince:|\(Quelle \w+\)|\w+\.(?:html|csv|parquet)\b"
)
"""What is to be written into a study, and names of files."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("demo", "foreign"), [("german_demo", OF_ENGLISH), ("small_demo", OF_GERMAN)], ids=["de", "en"]
)
def test_nothing_that_people_read_is_in_another_language(demo, foreign, request):
    root: Path = request.getfixturevalue(demo)
    reports = max(path for path in (root / "reports" / "demo").iterdir() if path.is_dir())
    run = root / "runs" / "demo" / reports.name
    own = re.compile("|".join(map(re.escape, names_of(root, run))), re.IGNORECASE)
    found: dict[str, set[str]] = {}
    for file, text in small_words.of_run(reports, run):
        read = CODE.sub(" ", own.sub(" ", text))
        if foreign & {word.casefold() for word in re.findall(r"[^\W\d_]+", read)}:
            found.setdefault(file, set()).add(text)
    assert found == {}


def names_of(root: Path, run: Path) -> list[str]:
    """What the study and its extracts say, the longest first: it is shown as it is in every language."""
    study = load_study(root / "params" / "demo.yaml")
    table = read_rules(study.rules_path, study)
    told = [study.title, study.heading, *study.segments, *(rule.note for rule in table.rules)]
    told += [segment.action for segment in study.segments.values()]
    for name, one in study.resolved_variables().items():
        told += [name] if name in variables.VARIABLES else [name, one.label, one.unit]
    told += [name.replace("_", " ") for source in study.sources.given().values() for name in source.columns]
    told += parquet.read_table(run / "data" / "customers.parquet", columns=["name"])["name"].to_pylist()
    told += [name for source in study.sources.given().values() for name in source.exclude]
    gates = parquet.read_table(run / "data" / "gates.parquet").to_pylist()
    told += [row["told"] for row in gates if row["told"]]
    return sorted({name for name in told if name}, key=len, reverse=True)
