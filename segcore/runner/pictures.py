"""The pictures of an executed notebook's charts, drawn by the runner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_pictures(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """An executed notebook in which every chart is drawn, as if the notebook had drawn it.

    Parameters
    ----------
    notebook
        As plain JSON; it is not changed.
    """
    return {**notebook, "cells": [drawn(cell) for cell in notebook["cells"]]}


def drawn(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same cell with its charts drawn."""
    if "outputs" not in cell:
        return cell
    return {**cell, "outputs": [_completed(output) for output in cell["outputs"]]}


def _completed(output: Mapping[str, Any]) -> Mapping[str, Any]:
    from segcore.charts import complete

    if "data" not in output:
        return output
    data, metadata = complete(output["data"], output.get("metadata", {}))
    return {**output, "data": data, "metadata": metadata}
