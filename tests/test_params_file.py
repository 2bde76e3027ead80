"""Reading a study strictly: every fault is a sentence with file, key, what must be and what was found."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from small_sources import Change, written

from segcore.errors import ParamsError
from segcore.params.file import load_study, parse_run_date
from segcore.project import study_file

PAGE = Path(__file__).parents[1] / "docs" / "writing-a-study.md"
RECENCY = "{recency: {classes: 2}}"


def problems(folder: Path, *changes: Change) -> list[str]:
    """The sentences about a study with these words changed, without the name of its file."""
    path = written(folder, *changes)
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    assert all(text.startswith(f"{path}: ") for text in caught.value.problems)
    return [text.removeprefix(f"{path}: ") for text in caught.value.problems]


def test_the_study_of_the_docs_loads(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(# params/acme\.yaml.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    study = load_study(path)

    assert study.title == "ACME customers"
    assert list(study.sources.given()) == ["customers", "reps", "followups", "transactions"]
    assert study.sources.transactions.unique == ("order_id", "item")
    assert study.sources.transactions.columns["customer_id"].zero_pad == 10
    assert list(study.sources.transactions.exclude) == ["no customer", "cancelled"]
    assert study.population.active_within == "36 months"
    assert list(study.variables) == ["recency", "frequency", "years", "products", "furniture_orders"]
    assert study.breaks.from_ == dt.date(2025, 12, 31)
    assert list(study.segments) == ["Champions", "Loyal", "Needs attention", "At risk", "Lost"]
    assert study.follow_up.target == ("Loyal", "Champions")
    assert study.mail is not None
    assert study.mail.from_ == "segments@acme.example"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    assert problems(
        tmp_path,
        ("title: ACME", "titel: ACME"),
        ("EUR", "NO"),
        ("classes: 2", "clases: 2"),
        ("cp1252", "ansi"),
        ("{Good: {}", "{Good: {action: 7}"),
    ) == [
        "title must be given (it is missing)",
        "currency: must be text; put it in quotes (got False)",
        "sources.transactions.format.encoding: must be an encoding that Python knows, "
        "like utf-8 or cp1252 (got 'ansi')",
        "variables.recency.classes must be given (it is missing)",
        "variables.recency.clases is not a key of a study; did you mean classes?",
        "segments.Good.action: must be text; put it in quotes (got 7)",
        "titel is not a key of a study; did you mean title?",
    ]


def test_all_columns_that_lack_are_told_at_once(tmp_path: Path) -> None:
    changes = (("      market: Sparte\n", ""), ("      order_id: Auftrag\n", ""))
    assert problems(tmp_path, *changes) == [
        "sources: transactions must map the column 'order_id'",
        "sources: transactions must map 'market', or 'product' beside a source of products",
    ]


def test_all_names_that_clash_are_told_at_once(tmp_path: Path) -> None:
    customers = "{files: [a.csv], columns: {customer_id: K, segment: S, size: G}}"
    mine = "{classes: 2, sql: count(*)}"
    assert problems(
        tmp_path,
        ("variables:", f"  customers: {customers}\nvariables:"),
        (RECENCY, f"{{size: {mine}, name: {mine}}}"),
    ) == [
        f"{key}: must have another name, for segcore's customers have such a column"
        for key in ("variables.size", "variables.name", "sources.customers.columns.segment")
    ]


def test_a_column_or_an_exclusion_may_be_called_secret(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        ("item: Position", "api_key: Position"),
        ("unique: record", "exclude: {secret shoppers: \"customer_id = 'K9'\"}"),
    )
    study = load_study(path)
    assert list(study.sources.transactions.exclude) == ["secret shoppers"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("", "None"), ("- a\n- b\n", "['a', 'b']"), ("just words\n", "'just words'")],
)
def test_a_file_that_is_no_study_says_so(tmp_path: Path, text: str, shown: str) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    assert str(caught.value) == f"{path}: must be keys and values, starting with title: (got {shown})"


def test_a_missing_study_names_the_studies_beside_it(tmp_path: Path) -> None:
    written(tmp_path)
    path = tmp_path / "acmee.yaml"
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    assert str(caught.value) == (
        f"{path}: there must be a study in this file (no such file; {tmp_path} holds acme.yaml)"
    )


def test_a_missing_folder_of_studies_is_told(tmp_path: Path) -> None:
    path = tmp_path / "parms" / "acme.yaml"
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    assert str(caught.value) == f"{path}: there must be a study in this file (no such file)"


def test_a_study_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "acme.yaml"
    path.write_bytes("title: Büro".encode("cp1252"))
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    assert str(caught.value) == (
        f"{path}: must be a readable UTF-8 text file (got 'utf-8' codec can't decode byte 0xfc "
        "in position 8: invalid start byte)"
    )


def test_the_name_of_the_file_must_do_as_a_name(tmp_path: Path) -> None:
    path = written(tmp_path).rename(tmp_path / "Acme 2.yaml")
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    assert str(caught.value) == (
        f"{path}: must be named with lower-case letters, digits and _, starting with a letter "
        "(got 'Acme 2'); rename the file and its rule table"
    )


def test_a_run_date_is_a_day_of_the_calendar() -> None:
    assert parse_run_date("2024-02-29") == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    "text", ["31.12.2025", "2025-2-3", "20251231", "2025-02-29", "today", "", "2025-12-31 "]
)
def test_a_run_date_in_an_odd_form_is_refused(text: str) -> None:
    with pytest.raises(ParamsError) as caught:
        parse_run_date(text, option="--from")
    assert str(caught.value) == (
        f"--from must be a day written as YYYY-MM-DD, like 2025-12-31 (got {text!r})"
    )


def test_a_study_is_not_read_from_a_file_that_ends_in_yml(tmp_path):
    path = tmp_path / "acme.yml"
    for read in (load_study, lambda named: study_file(str(named), tmp_path)):
        with pytest.raises(ParamsError) as caught:
            read(path)
        assert caught.value.problems == (
            f"{path}: the name of a study's file must end in .yaml; rename it to acme.yaml",
        )
