"""YAML text → keys and values, within limits: no text of a few lines may keep segcore busy for ever."""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any

import yaml

BYTES = 200_000
"""Size of a study. The largest that was seen had 5,000; Python reads about 100,000 in a second."""

DEPTH = 20
"""Levels of keys in keys. A study needs six; each costs the parser two calls of the thousand it has."""

VALUES = 10_000
"""Keys and values in all, where what ``*name`` stands for counts each time: ten lines of aliases of
aliases stand for more values than a computer holds."""

_LONGEST_NUMBER = 30


class LimitError(yaml.MarkedYAMLError):
    """A text that is YAML, but goes beyond a limit."""


class Loader(yaml.SafeLoader):
    """Safe YAML within limits that refuses a key given twice; plain YAML would silently keep the last."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """A node and all below it, unless it lies too deep."""
        self.depth += 1
        if self.depth > DEPTH:
            at = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise LimitError(None, None, f"there may be {DEPTH} levels of keys, here are more", at)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def get_single_node(self) -> yaml.Node | None:
        """The whole text, unless it stands for too many values."""
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            _count(node, {})
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Keys and values, each key once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be one word or a text in quotes", key.start_mark
                )
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands here twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _count(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for; ``known`` has those of nodes that were counted before."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = VALUES + 1  # until it is known: a node within itself has no end
        below = [n for pair in node.value for n in (pair if isinstance(pair, tuple) else (pair,))]
        known[id(node)] = 1 + sum(_count(n, known) for n in below)
    if known[id(node)] > VALUES:
        sentence = f"there may be {VALUES:,} values, each *alias counted as what it stands for; here are more"
        raise LimitError(None, None, sentence, node.start_mark)
    return known[id(node)]


def _day(loader: Loader, node: yaml.ScalarNode) -> object:
    """A day that the calendar lacks stays text, for whoever asked for a date to refuse."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


def _whole(loader: Loader, node: yaml.ScalarNode) -> object:
    """A number that is longer than any in a study stays text: Python refuses to show very long ones."""
    if len(node.value) > _LONGEST_NUMBER:
        return node.value
    if not re.fullmatch(r"[-+]?(?:0|[1-9]\d*)", node.value):  # YAML takes 010 for 8, and 1:30 for 90
        sentence = (
            f"a number must have digits only, no 0 before them (got {node.value}); quote it if it is text"
        )
        raise yaml.constructor.ConstructorError(None, None, sentence, node.start_mark)
    return loader.construct_yaml_int(node)


Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)
Loader.add_constructor("tag:yaml.org,2002:int", _whole)


def read_yaml(text: str) -> object:
    """The values of a YAML text.

    Raises
    ------
    YAMLError
        If it is none, or goes beyond a limit.
    """
    try:
        return yaml.load(text, Loader=Loader)
    except (ValueError, KeyError, AttributeError, TypeError) as error:  # !!int x, !!bool x, !!timestamp x
        raise yaml.YAMLError(f"a value does not suit its tag ({error})") from None
