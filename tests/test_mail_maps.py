"""The maps of the two packages about mails name every module, so that a reader finds the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segcore import mail, mailing


@pytest.mark.parametrize("package", [mail, mailing])
def test_the_map_names_every_module_and_no_other(package: object) -> None:
    folder = Path(package.__file__).parent  # type: ignore[attr-defined]
    named = re.findall(rf"segcore\.{folder.name}\.(\w+)", package.__doc__ or "")
    assert {*named} == {path.stem for path in folder.glob("*.py")} - {"__init__"}
