"""The hash of segcore's own files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from segcore import own_code


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in the place of segcore."""
    for name in ("__init__.py", "mail/page.css", "template/notebooks/ingest.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{name}\n")
    monkeypatch.setattr(own_code.segcore, "__file__", str(tmp_path / "__init__.py"))
    return tmp_path


def test_what_is_changed_in_place_is_seen_even_if_its_time_is_put_back(package: Path) -> None:
    first = own_code.hash_of_code()
    assert own_code.hash_of_code() == first
    page = package / "mail" / "page.css"
    seen = page.stat()
    page.write_text("mail/page.CSS\n")
    os.utime(page, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    changed = own_code.hash_of_code()
    assert changed != first
    page.write_text("mail/page.css\n")
    assert own_code.hash_of_code() == first


def test_a_file_that_comes_goes_or_moves_is_seen(package: Path) -> None:
    found = {own_code.hash_of_code()}
    (package / "new.py").write_text("")
    found.add(own_code.hash_of_code())
    (package / "new.py").rename(package / "newer.py")
    found.add(own_code.hash_of_code())
    (package / "newer.py").unlink()
    assert own_code.hash_of_code() in found
    assert len(found) == 3


@pytest.mark.parametrize(
    "name", ["__pycache__/a.pyc", "mail/__pycache__/a.pyc", "template/README.md", ".DS_Store", "mail/a.py~"]
)
def test_what_python_and_other_programs_leave_and_the_template_are_no_code(package: Path, name: str) -> None:
    before = own_code.hash_of_code()
    (package / name).parent.mkdir(exist_ok=True)
    (package / name).write_text("left")
    assert own_code.hash_of_code() == before
