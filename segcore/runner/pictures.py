"""The pictures of an executed notebook's charts, drawn by the runner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HTML = "text/html"


def with_pictures(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """An executed notebook in which every chart has its picture, as if the notebook had drawn it.

    Parameters
    ----------
    notebook
        As plain JSON; it is not changed.
    """
    return {**notebook, "cells": [_with_pictures(cell) for cell in notebook["cells"]]}


def _with_pictures(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    if "outputs" not in cell:
        return cell
    return {**cell, "outputs": [_with_picture(output) for output in cell["outputs"]]}


def _with_picture(output: Mapping[str, Any]) -> Mapping[str, Any]:
    from segcore.charts import complete, renderer
    from segcore.report import fragment

    if "data" not in output:
        return output
    data, metadata = complete(output["data"], output.get("metadata", {}))
    data = renderer.complete(data)
    if HTML in data:
        data = {**data, HTML: fragment.with_pictures("".join(data[HTML]))}
    return {**output, "data": data, "metadata": metadata}
