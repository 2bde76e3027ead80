"""Two executions of the same work give the same bytes, and what people wrote stays as they wrote it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from segcore.runner.normalise import normalised

PATHS = {".staging-2025-03-01": "2025-03-01", "/home/me/project/": ""}


def cleaned(*outputs: Any, source: str | list[str] = "x", tag: str = "a") -> dict[str, Any]:
    """A notebook with the same cell twice, made comparable."""
    cell = {
        "id": "random", "cell_type": "code", "source": source, "outputs": list(outputs),
        "execution_count": 1,
        "metadata": {"tags": [tag], "papermill": {"duration": 1.5}, "execution": {}},
    }  # fmt: skip
    notebook = {
        "nbformat": 4, "nbformat_minor": 5, "cells": [cell, cell],
        "metadata": {"kernelspec": {}, "language_info": {}, "papermill": {"start_time": "now"}},
    }  # fmt: skip
    before = json.dumps(notebook)
    made = normalised(notebook, PATHS)
    assert json.dumps(notebook) == before
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<object object at 0x7f1c2a3b4c5d>", "<object object at 0x…>"),
        ("/tmp/segcore-x_1/tmp/ipykernel_123/456.py:3: UserWarning", "cell.py:3: UserWarning"),
        ('<table id="T_1a2b3"> #T_1a2b3_row0', '<table id="T_table"> #T_table_row0'),
        ("/home/me/project/runs/acme/.staging-2025-03-01/data", "runs/acme/2025-03-01/data"),
        (
            "sold at 0x1F, part T_10000000, file ipykernel.py",
            "sold at 0x1F, part T_10000000, file ipykernel.py",
        ),
    ],
)
def test_what_differs_between_executions_is_replaced_in_outputs(text, expected):
    made = cleaned(
        {"output_type": "stream", "name": "stdout", "text": text},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": [text], "image/png": text}},
    )
    stream, shown = made["cells"][0]["outputs"]
    assert stream["text"] == expected
    assert shown["data"] == {"text/html": [expected], "image/png": text}


def test_what_people_wrote_is_never_touched():
    written = (
        "at = 0x7f1c2a3b4c5d  # at 0x7f1c2a3b4c5d\n"
        "here = '/home/me/project/runs/acme/.staging-2025-03-01'\n"
        "log = '/tmp/ipykernel_123/456.py'\tT_1a2b3\n\n"
    )
    for source in (written, written.splitlines(keepends=True)):
        assert [cell["source"] for cell in cleaned(source=source)["cells"]] == [written, written]


def test_the_parameters_of_an_execution_read_as_those_of_the_published_run():
    source = '# Parameters\nrun_dir = "/home/me/project/runs/acme/.staging-2025-03-01"\n'
    made = cleaned(source=source, tag="injected-parameters")
    assert made["cells"][0]["source"] == '# Parameters\nrun_dir = "runs/acme/2025-03-01"\n'


def test_cells_are_numbered_by_content_and_times_are_left_out():
    made = cleaned(source=["a = 1\n", "b = 2"])
    first, second = made["cells"]
    assert first["source"] == "a = 1\nb = 2"
    assert first["metadata"] == {"tags": ["a"]}
    assert second["id"] == f"{first['id']}-2"
    assert cleaned(source="a = 1\nb = 2")["cells"][0]["id"] == first["id"]
    assert made["metadata"] == {"kernelspec": {}, "language_info": {}}


def test_a_long_run_of_letters_costs_no_more_than_its_length():
    """A drawing as a data URI: half a million letters and slashes in a row."""
    long = "data:image/svg+xml;base64," + "PHN2ZyB4/bWxucz0+" * 30_000
    began = time.process_time()
    made = cleaned({"output_type": "display_data", "metadata": {}, "data": {"text/html": long}})
    assert time.process_time() - began < 1
    assert made["cells"][0]["outputs"][0]["data"]["text/html"] == long
