"""Reading a study: YAML text → :class:`segcore.params.Study`, or every problem at once."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from pydantic import ValidationError

from segcore.errors import ParamsError
from segcore.params import Study
from segcore.params.forms import NAME
from segcore.params.reading import Kind, bytes_of, keys_and_values, problems
from segcore.project import check_ending, studies_in

STUDY = Kind("a study", Study, "title", "studies are archived", studies_in)


def load_study(path: Path | str, raw: bytes | None = None) -> Study:
    """Read one study.

    Parameters
    ----------
    path
        ``params/NAME.yaml``; the file's name without its ending is the study's name.
    raw
        The file's bytes, if they were read already.

    Raises
    ------
    ParamsError
        With every problem of the file, each as ``FILE: KEY must … (got …)``.
    """
    path = Path(path)
    check_ending(path)
    keys = keys_and_values(path, read_study(path) if raw is None else raw, STUDY)
    if not NAME.fullmatch(path.stem):
        raise ParamsError(
            f"{path}: must be named with lower-case letters, digits and _, starting with a letter "
            f"(got {path.stem!r}); rename the file and its rule table"
        )
    taken = [k for k in ("name", "path") if k in keys]
    if taken:
        raise ParamsError(*(f"{path}: {k} is not a key of a study; the file's name says it" for k in taken))
    try:
        return Study(**keys, name=path.stem, path=path)
    except ValidationError as error:
        raise ParamsError(*problems(path, error, STUDY)) from None


def parse_run_date(text: str, *, option: str = "--date") -> dt.date:
    """The run date that a user wrote, as a date.

    Raises
    ------
    ParamsError
        If ``text`` is not a day of the calendar written like 2025-12-31.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise ParamsError(f"{option} must be a day written as YYYY-MM-DD, like 2025-12-31 (got {text!r})")


def read_study(path: Path) -> bytes:
    """The bytes of a study's file.

    Raises
    ------
    ParamsError
        If there is no such file, with the studies that lie beside it.
    """
    return bytes_of(path, STUDY)
