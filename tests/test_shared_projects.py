"""Projects that are made once for all tests, and the order in which workers begin."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from order_of_tests import LONGEST, dealt
from shared_projects import copied, made_once

TESTS = Path(__file__).parent


class Factory:
    """What pytest gives each of its processes: a folder beside those of the others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def getbasetemp(self) -> Path:
        return self.folder


@pytest.fixture
def factories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    return [Factory(tmp_path / name) for name in ("popen-gw0", "popen-gw1")]


def test_what_one_process_made_the_others_find(factories):
    made: list[Path] = []
    found = [made_once(factory, "it", made.append) for factory in factories]
    assert found == [made[0], made[0]]
    assert made[0].is_dir()
    assert len(made) == 1


def test_what_could_not_be_made_is_not_tried_again(factories):
    with pytest.raises(ZeroDivisionError):
        made_once(factories[0], "it", lambda folder: 1 // 0)
    with pytest.raises(RuntimeError, match="could not be made for a test before this one"):
        made_once(factories[1], "it", lambda folder: None)


def test_a_copy_may_be_changed_and_keeps_what_is_sealed(tmp_path):
    (tmp_path / "it").mkdir()
    (tmp_path / "it" / "sealed").write_text("sealed")
    (tmp_path / "it" / "sealed").chmod(0o444)
    copy = copied(tmp_path / "it", tmp_path / "copy")
    (copy / "more").write_text("more")
    assert [path.name for path in (tmp_path / "it").iterdir()] == ["sealed"]
    assert (copy / "sealed").stat().st_mode & 0o777 == 0o444


def item(module: str, number: int, *, slow: bool = False) -> Any:
    return SimpleNamespace(
        path=Path(f"{module}.py"), name=f"{module} {number}", get_closest_marker=lambda _: slow
    )


def test_every_worker_begins_with_slow_modules_the_longest_first_and_no_test_is_lost():
    items = [item("test_a", n) for n in range(10)]
    items += [item(name, n, slow=n == 1) for name in ("test_b", LONGEST[1], LONGEST[0]) for n in range(2)]
    names = [one.name for one in dealt(items, 2)]
    assert sorted(names) == sorted(one.name for one in items)
    first, second = names[:8], names[8:]
    assert first[:5] == [f"{LONGEST[0]} 0", f"{LONGEST[0]} 1", "test_b 0", "test_b 1", "test_a 0"]
    assert second[:3] == [f"{LONGEST[1]} 0", f"{LONGEST[1]} 1", "test_a 4"]


def test_the_longest_modules_are_there():
    assert [name for name in LONGEST if not (TESTS / f"{name}.py").exists()] == []
