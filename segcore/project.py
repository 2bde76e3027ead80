"""The project's folder, and the studies in it as users name them."""

from __future__ import annotations

import os
from pathlib import Path

from segcore.errors import ParamsError, UsageError
from segcore.printable import unprintable

STUDIES = "params"
"""The folder that makes a folder a project."""

SUBSCRIPTIONS = ".subscriptions.yaml"
"""How the name of a file ends that says who gets mails of a study; it lies beside the study."""


def find_project(start: Path | None = None) -> Path:
    """The nearest project from a folder upwards, seen from that folder.

    Parameters
    ----------
    start
        Where to begin; the working folder if left out.

    Returns
    -------
    Path
        Relative to ``start`` (``.`` if that is the project), so that printed paths can be pasted.

    Raises
    ------
    UsageError
        If there is none.
    """
    here = (start or Path()).absolute()
    if found := unprintable(str(here)):
        raise UsageError(
            f"{str(here)!r}: the path of a project must have no control characters (it holds {found}); "
            "rename the folder"
        )
    for folder in (here, *here.parents):
        if (folder / STUDIES).is_dir():
            return Path(os.path.relpath(folder, here))
    raise UsageError(
        f"{here}: must lie in a project, a folder with {STUDIES}/ in it (there is none from here "
        "upwards); go there, or make one with: segcore new ."
    )


def study_file(named: str, root: Path) -> Path:
    """The file of a study, ``params/NAME.yaml``.

    Parameters
    ----------
    named
        The study's name, or the path of its file as seen from the working folder.
    root
        The project's folder.

    Raises
    ------
    ParamsError
        If there is no such study, with those that there are, or its file is named otherwise.
    """
    path = Path(named)
    check_ending(path)
    if path.suffix == ".yaml":
        return path
    found = root / STUDIES / f"{named}.yaml"
    if not found.is_file():
        names = ", ".join(path.stem for path in studies_in(root / STUDIES)) or "none"
        raise ParamsError(
            f"{named!r} must be a study of this project (there are {names}), or the path of a study's file"
        )
    return found


def studies_in(folder: Path) -> list[Path]:
    """The files of studies in a folder, by name; who gets mails of one is no study."""
    return [path for path in sorted(folder.glob("*.yaml")) if not path.name.endswith(SUBSCRIPTIONS)]


def subscriptions_in(folder: Path) -> list[Path]:
    """The files in a folder that say who gets mails, by name."""
    return sorted(folder.glob(f"*{SUBSCRIPTIONS}"))


def check_ending(path: Path) -> None:
    """Refuse a study's file whose name ends in .yml, for runs keep studies as ``NAME.yaml``.

    Raises
    ------
    ParamsError
        If it does.
    """
    if path.suffix == ".yml":
        name = path.with_suffix(".yaml").name
        raise ParamsError(f"{path}: the name of a study's file must end in .yaml; rename it to {name}")
