"""What several test modules share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets: $SEGCORE_DATA_DIR, else ../shared/data.

    Without it tests fail in CI; elsewhere they are skipped with the same sentence.
    """
    folder = Path(os.environ.get("SEGCORE_DATA_DIR") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        message = (
            f"the public data sets must be in {folder} (no such folder): put them there, "
            "or set SEGCORE_DATA_DIR to where they are"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    return folder.resolve()


@pytest.fixture(autouse=True)
def no_data_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a user keeps data must not change what a test finds; ``shared_data`` has looked already."""
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)
