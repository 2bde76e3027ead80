from __future__ import annotations

from pathlib import Path

import pytest

from segcore.errors import InputError
from segcore.params import Format
from segcore.sources.formats import Delivery
from segcore.sources.formats.child import in_child

MIB = 1024 * 1024
TOO_LARGE = (
    "sales.xlsx must be readable within 3 GiB of memory; delete cells far outside the table, "
    "or deliver it as CSV or in several files"
)
TOO_SLOW = "sales.xlsx must be readable within minutes; deliver it as CSV or in several files"
BROKEN = "sales.xlsx must be a file that can be read; open it, save it anew and deliver it again"


@pytest.fixture(autouse=True)
def found_by_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def read(what: str, *, seconds: int = 60, memory: int = 512 * MIB) -> list[list[str]]:
    found = in_child(
        f"small_children:{what}",
        Delivery(Path("sales.xlsx"), "sales.xlsx", Format(), Path(".")),
        seconds=seconds,
        memory=memory,
    )
    return [fields for batch in found for fields in batch["fields"].to_pylist()]


@pytest.mark.parametrize(
    ("what", "message"),
    [("crash", BROKEN), ("killed", TOO_LARGE), ("eat", TOO_LARGE), ("missing", BROKEN)],
)
def test_what_ends_a_child_is_one_sentence_for_its_parent(what: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(what)
    assert str(caught.value) == message


@pytest.mark.parametrize("what", ["spin", "sleep"])
def test_a_child_ends_after_its_time(what: str) -> None:
    with pytest.raises(InputError) as caught:
        read(what, seconds=1)
    assert str(caught.value) == TOO_SLOW


def test_what_a_child_prints_is_not_taken_for_rows() -> None:
    assert read("chatter") == [["1"]]


def test_a_child_ends_when_nobody_reads_on() -> None:
    found = in_child(
        "small_children:sleep", Delivery(Path("sales.xlsx"), "sales.xlsx", Format(), Path(".")), seconds=60
    )
    found.close()  # type: ignore[attr-defined]
    started = in_child(
        "small_children:chatter", Delivery(Path("sales.xlsx"), "sales.xlsx", Format(), Path(".")), seconds=60
    )
    assert next(started)["record"].to_pylist() == [1]
    started.close()  # type: ignore[attr-defined]
