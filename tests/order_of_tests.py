"""The order of all tests: every worker begins with slow ones, so that none is left with one at the end."""

from __future__ import annotations

import pytest

LONGEST = (
    "test_faults",
    "test_docs_followed",
    "test_cli",
    "test_demo_truth",
    "test_repeat",
    "test_hostile_everywhere",
    "test_language_complete",
    "test_wheel",
    "test_mutations",
    "test_open",
    "test_diff",
    "test_browser",
)
"""Modules with tests of a minute, the longest first."""


def dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Deal modules so that each worker's part begins with slow ones.

    pytest-xdist with ``--dist worksteal`` gives every worker an equal part of the list at first; whoever has
    done it takes over tests from the end of the longest part that is left.
    """
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.path.stem, []).append(item)
    slow = [name for name in modules if any(item.get_closest_marker("slow") for item in modules[name])]
    slow.sort(key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    heads = [[item for name in slow[i::workers] for item in modules.pop(name)] for i in range(workers)]
    fast = [item for name in modules for item in modules[name]]
    found: list[pytest.Item] = []
    for left, head in zip(range(workers, 0, -1), heads, strict=True):
        room = max(0, (len(fast) + sum(map(len, heads[-left:]))) // left - len(head))
        found += [*head, *fast[:room]]
        fast = fast[room:]
    return found
