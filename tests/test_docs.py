"""What the documentation says is held against what is there: settings, commands, links, folders."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel

from segcore import params
from segcore.errors import RulesError
from segcore.jenks import natural_breaks
from segcore.params.file import load_study
from segcore.params.gates import GATES
from segcore.rules import parse_rules
from segcore.tables import TABLES
from segcore.variables import VARIABLES

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
STUDY_PAGE = (ROOT / "docs" / "writing-a-study.md").read_text()
FENCE = re.compile(r"^( *)```([\w ]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)

# Heading of docs/writing-a-study.md → the model whose keys its table explains.
SECTIONS: dict[str, type[BaseModel]] = {
    "The study": params.Study,
    "Sources": params.Sources,
    "A source": params.Source,
    "Deliveries": params.Delivered,
    "Gates": params.Gate,
    "Format": params.Format,
    "A column": params.Column,
    "Population": params.Population,
    "Variables": params.StudyVariable,
    "Breaks": params.BreaksPolicy,
    "Segments": params.Segment,
    "Following up": params.FollowUp,
    "Report": params.Report,
    "Mail": params.Mail,
    "Mail server": params.Smtp,
    "Limits": params.Limits,
}


def pages() -> Any:
    return pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))


def blocks(page: Path, language: str) -> list[str]:
    return [found[3] for found in FENCE.finditer(page.read_text()) if found[2] == language]


# --- settings ---------------------------------------------------------------------------------


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for argument in get_args(annotation):
        yield from models_in(argument)


def keys(model: type[BaseModel]) -> set[str]:
    """What may be written in a study; name and path come from the file."""
    fields = model.model_fields.items()
    own = {"name", "path"} if model is params.Study else set()
    return {field.alias or name for name, field in fields if name not in own}


def explained(heading: str) -> set[str]:
    """The keys in the first column of the last table of a section."""
    section = re.split(rf"^## {heading}$", STUDY_PAGE, flags=re.MULTILINE)[1]
    section = re.split(r"^##+ ", section, flags=re.MULTILINE)[0]
    table = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)[-1]
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_every_part_of_a_study_has_a_section() -> None:
    assert set(models_in(params.Study)) == set(SECTIONS.values())


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_setting_stands_in_the_docs_and_nothing_else(heading: str) -> None:
    assert explained(heading) == keys(SECTIONS[heading])


def test_every_known_variable_is_explained() -> None:
    section = STUDY_PAGE.split("## Variables")[1]
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    for name, variable in VARIABLES.items():
        row = next(line for line in section.splitlines() if line.startswith(f"| {name} |"))
        assert row.endswith(f"| {variable.better} |"), row
        assert f"- **{name.capitalize()}** is " in glossary, name


def test_the_pieces_of_yaml_fit_into_the_example_study(tmp_path: Path) -> None:
    page = ROOT / "docs" / "writing-a-study.md"
    (whole,) = blocks(page, "yaml")
    pieces = blocks(page, "yml")
    assert pieces
    for piece in pieces:
        study = tmp_path / "acme.yaml"
        study.write_text(
            yaml.safe_dump(merged(yaml.safe_load(whole), yaml.safe_load(piece)), sort_keys=False)
        )
        assert load_study(study).title == "ACME customers"


def merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}


# --- commands ---------------------------------------------------------------------------------


def command_line() -> Any:
    import typer.main

    from segcore.cli import app

    return typer.main.get_command(app)


def commands(group: Any, above: tuple[str, ...] = ("segcore",)) -> Iterator[tuple[str, Any]]:
    """``segcore rules check`` and the like, each with its command."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


def options(command: Any) -> set[str]:
    return {text for parameter in command.params for text in parameter.opts if text.startswith("-")}


def test_the_table_of_commands_in_the_readme_is_complete() -> None:
    table = (ROOT / "README.md").read_text().split("## Commands")[1].split("##")[0]
    rows = {line.split("|")[1].strip(" `"): line for line in table.splitlines() if "`segcore" in line}
    there = dict(commands(command_line()))
    for name, command in there.items():
        row = next((line for usage, line in rows.items() if (usage + " ").startswith(name + " ")), "")
        assert row, f"{name} does not stand in README.md"
        assert set(re.findall(r"`(-[-\w]+)", row)) == options(command), row
    assert len(rows) == len(there)


def mentions(page: Path) -> Iterator[str]:
    """What follows "segcore" in code of a page, in one line each."""
    text = page.read_text()
    fenced = [
        line for found in FENCE.finditer(text) if found[2] in ("sh", "cron") for line in found[3].splitlines()
    ]
    inline = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    for code in (*fenced, *inline):
        found = re.search(r"(?:^|[ /])segcore ((?:[a-z]|--?[a-z]).*)", code.split("  #")[0])
        if found:
            yield found[1]


@pages()
def test_commands_and_options_that_a_page_mentions_exist(page: Path) -> None:
    there = dict(commands(command_line()))
    for mention in mentions(page):
        if mention in ("--help", "--version"):
            continue
        name = next((n for n in there if f"segcore {mention} ".startswith(n + " ")), "")
        assert name, f"{page.name}: there is no command segcore {mention}"
        asked = {word for word in mention.split() if re.match(r"--?[a-zA-Z]", word)}
        assert asked <= options(there[name]), f"{page.name}: segcore {mention}"


@pages()
def test_commands_in_code_blocks_are_whole(page: Path) -> None:
    there = dict(commands(command_line()))
    for line in (line for block in blocks(page, "sh") for line in block.splitlines()):
        words = [word for word in shlex.split(line, comments=True) if "=" not in word]
        if not words or Path(words[0]).name != "segcore":
            continue
        name = max((n for n in there if " ".join(["segcore", *words[1:]]).startswith(n)), key=len)
        # Parsing raises for what is missing, unknown or too much.
        there[name].make_context(name, words[name.count(" ") + 1 :])


def test_the_pages_do_mention_commands_and_show_whole_ones() -> None:
    """What the two tests above would not notice."""
    assert len(list(mentions(ROOT / "README.md"))) > 10
    lines = [line for block in blocks(ROOT / "README.md", "sh") for line in block.splitlines()]
    assert sum("segcore " in line for line in lines) > 5


@pages()
def test_make_targets_that_a_page_mentions_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join([*blocks(page, "sh"), *re.findall(r"`(make [^`\n]+)`", page.read_text())])
    assert set(re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)) <= targets


# --- links and folders ------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)]+)\)", FENCE.sub("", page.read_text())):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        known = link.startswith("https://") or target.exists()
        if not known or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            yield link


@pages()
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page)) == []


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    found, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        found.add(page)
        links = re.findall(r"\]\(([^)#]+\.md)", FENCE.sub("", page.read_text()))
        todo += [target for link in links if (target := (page.parent / link).resolve()) not in found]
    assert set(PAGES) <= found


def test_the_tree_in_the_readme_is_that_of_the_project() -> None:
    (tree,) = (block for block in blocks(ROOT / "README.md", "text") if "notebooks/" in block)
    shown = [re.fullmatch(r"([a-z]+/) +(\S.+)", line) for line in tree.splitlines()]
    assert all(shown), "each line of the tree is a folder and what it is"
    names = {line[1] for line in shown if line}
    ignored = set((ROOT / ".gitignore").read_text().split())
    assert "data/" in names & ignored
    there = {
        f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))
    }
    there = {name for name in there if name not in ignored and not name.endswith(".egg-info/")}
    assert names - {"data/"} == there


def test_every_table_of_a_run_stands_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    assert [name for name in TABLES if f"`data/{name}.parquet`" not in text] == []


def test_the_picture_of_the_report_is_small() -> None:
    assert 10_000 < (ROOT / "docs" / "report.png").stat().st_size < 200_000


# --- examples ---------------------------------------------------------------------------------


def test_the_messages_about_a_broken_rule_table_are_those_in_the_docs() -> None:
    page = ROOT / "docs" / "rules.md"
    table = blocks(page, "csv")[1]
    with pytest.raises(RulesError) as caught:
        parse_rules(
            table,
            file="params/acme.rules.csv",
            variables={"recency": 5, "frequency": 5},
            segments=("Champions", "Loyal", "Lost"),
        )
    assert [str(caught.value) + "\n"] == blocks(page, "text")


def test_the_rule_table_in_the_docs_is_the_one_that_is_shipped() -> None:
    assert (
        blocks(ROOT / "docs" / "rules.md", "csv")[0]
        == (ROOT / "params" / "online_retail.rules.csv").read_text()
    )


def test_the_example_of_natural_breaks_in_the_faq_is_right() -> None:
    row = next(line for line in (ROOT / "docs" / "faq.md").read_text().splitlines() if "4, 5, 9, 10" in line)
    assert row == "| 4, 5, 9, 10 | 2 | 4, 5 \\| 9, 10 | 0.5 + 0.5 = 1, of 26 in all |"
    breaks = natural_breaks([4, 5, 9, 10], [1, 1, 1, 1], 2)
    assert (breaks.edges, breaks.within, breaks.total) == ((5,), 1.0, 26.0)


def test_every_gate_stands_in_the_docs() -> None:
    section = STUDY_PAGE.split("\n## Gates\n")[1].split("\n## ")[0]
    table = section.split("| gate |")[1].split("\n\n")[0]
    assert re.findall(r"^\| (\w+) \|", table, re.MULTILINE) == list(GATES)
