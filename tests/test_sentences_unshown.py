"""Every figure of a notebook is followed or preceded by what it does not show, as the page says it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segcore.runner.notebooks import read_notebook
from segcore.sentences import books, causes, checks, evidence, followup, unshown

ROOT = Path(__file__).parent.parent
FIGURES = {"display", "show", "show_each"}
"""What puts a table or a chart out."""
UNSAID = re.compile(r"\b(does|do) not (show|say)\b")
PRINTED = {
    "of_followup.told": followup.told,
    "of_followup.stayed": followup.stay,
    "evidence.told": evidence.told,
    "of_books.funnel": books.funnel,
    "checks.not_shown": checks.not_shown,
}
"""What prints it below the figure, and where that comes from."""
ON_THE_PAGE_ONLY = {"figures"}


def figures(stage: str) -> Iterator[tuple[str, str]]:
    """The cells of a notebook that put a figure out, each with the text since the one before."""
    text = ""
    for cell in read_notebook(ROOT / "notebooks" / f"{stage}.py").as_json()["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            text = f"{text} {source}"
        elif cell["cell_type"] == "code" and puts_out(source):
            yield source, " ".join(text.split())
            text = ""


def puts_out(source: str) -> bool:
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return any(getattr(call, "attr", getattr(call, "id", "")) in FIGURES for call in calls)


def says(source: str, text: str) -> bool:
    printed = "NOT_SHOWN[" in source or any(f"{name}(" in source for name in PRINTED)
    return printed or UNSAID.search(text) is not None


@pytest.mark.parametrize(("stage", "least"), [("segment", 12), ("transitions", 20)])
def test_every_figure_of_a_notebook_has_what_it_does_not_show(stage: str, least: int) -> None:
    found = list(figures(stage))
    assert len(found) >= least
    assert [source for source, text in found if not says(source, text)] == []


def test_a_figure_without_it_is_found() -> None:
    assert puts_out("notebook.show(stays)")
    assert not puts_out("print(stays)")
    assert not says("display(stays)", "How long customers stay. The day is not known.")
    assert says("display(stays)", "The table does not show the day.")
    assert says("display(books)\nnotebook.say(*of_books.funnel(books, followed))", "")


@pytest.mark.parametrize("printed", PRINTED.values(), ids=PRINTED)
def test_what_is_said_to_print_it_does(printed: Callable[..., object]) -> None:
    assert "NOT_SHOWN[" in inspect.getsource(printed)


@pytest.mark.parametrize("figure", sorted(unshown.NOT_SHOWN.keys() - ON_THE_PAGE_ONLY))
def test_the_text_of_a_notebook_says_it_word_for_word(figure: str) -> None:
    texts = [text for stage in ("segment", "transitions") for _, text in figures(stage)]
    assert sum(unshown.NOT_SHOWN[figure] in text for text in texts) == 1


def test_each_says_it_in_one_sentence_of_its_own() -> None:
    said = [*unshown.NOT_SHOWN.values(), *followup.NOT_SHOWN.values(), causes.NOT_SHOWN]
    assert len(set(said)) == len(said)
    for words in said:
        assert UNSAID.search(words)
        assert words.endswith(".") and ". " not in words
