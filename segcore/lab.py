"""Notebooks as JupyterLab opens and saves them: ``make lab`` starts it with this contents manager.

It is jupytext's, which keeps ``notebooks/NAME.ipynb`` and ``NAME.py`` in step, between two thin layers:
on the disk and in JupyterLab front matter is a raw cell with its title below, and only jupytext in
between sees the cells as the percent source has them. Without it, in a JupyterLab that was started
otherwise, pairs stay in step too, but front matter is shown as one large heading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import nbformat
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupytext import build_sync_jupytext_contents_manager_class

from segcore.pairing import stamped
from segcore.runner.cells import as_written, laid_out

Layout = Callable[[Iterable[Mapping[str, Any]]], list[dict[str, Any]]]


def _with(model: dict[str, Any], layout: Layout) -> dict[str, Any]:
    """The same model, with its cells laid out otherwise if it is that of a notebook."""
    content = model.get("content")
    if model.get("type") != "notebook" or content is None:
        return model
    return {**model, "content": _node({**content, "cells": layout(content["cells"])})}


def _node(notebook: Mapping[str, Any]) -> Any:
    return nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]


class Files(LargeFileManager):
    """Files on the disk, as jupytext sees them."""

    def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> dict[str, Any]:
        """Read a file; of a notebook, cells as the percent source has them."""
        model = super().get(path, content, type, format, require_hash)  # type: ignore[no-untyped-call]
        return _with(model, as_written)

    def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Write a file; of a notebook, front matter as a raw cell."""
        made = _with(model, laid_out)
        if made is not model and "segcore" in made["content"]["metadata"]:
            made["content"] = _node(stamped(made["content"]))
        saved: dict[str, Any] = super().save(made, path)  # type: ignore[no-untyped-call]
        return saved


class Contents(build_sync_jupytext_contents_manager_class(Files)):  # type: ignore[misc]
    """Files as JupyterLab sees them, paired by jupytext."""

    def get(self, path: str, *args: Any, **options: Any) -> dict[str, Any]:
        """Read a file; of a notebook, front matter as a raw cell with its title below."""
        return _with(super().get(path, *args, **options), laid_out)

    def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Write a file, and the other one of its pair."""
        saved: dict[str, Any] = super().save(_with(model, as_written), path)
        return saved
