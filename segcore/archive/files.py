"""The files of a run. What concerns any file stands in :mod:`segcore.files`."""

from __future__ import annotations

from segcore.files import files_in, json_text, remove, write_json, write_text

__all__ = ["files_in", "json_text", "remove", "write_json", "write_text"]
