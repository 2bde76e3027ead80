"""The process that draws for others: the same bytes, and nothing lost without it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from segcore.charts.renderer import draw, picture
from segcore.charts.service import ADDRESS, COMMAND, ask

SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 1}]},
    "mark": "bar",
    "encoding": {"x": {"field": "x", "type": "ordinal"}, "y": {"field": "y", "type": "quantitative"}},
}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    address = tmp_path / "p"
    monkeypatch.setenv(ADDRESS, str(address))
    with subprocess.Popen([*COMMAND, address], stdin=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while not address.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        yield process
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_picture_is_the_same_whoever_draws_it(service):
    assert ask(SPEC) == draw(SPEC)
    assert picture(SPEC) == draw(SPEC)


def test_what_cannot_be_drawn_is_left_to_who_asks(service):
    assert ask({"mark": "no such mark"}) is None
    assert ask(SPEC) == draw(SPEC)


def test_without_a_service_everybody_draws(monkeypatch, tmp_path):
    monkeypatch.delenv(ADDRESS, raising=False)
    assert ask(SPEC) is None
    monkeypatch.setenv(ADDRESS, str(tmp_path / "nobody"))
    assert ask(SPEC) is None
    assert picture(SPEC) == draw(SPEC)
