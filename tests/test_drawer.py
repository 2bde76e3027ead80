"""Charts are drawn in a process of their own as they are drawn here."""

from __future__ import annotations

import altair as alt
import pandas as pd
import psutil
import pytest

from segcore import charts
from segcore.charts.drawing import _drawn
from segcore.drawer import Drawer

BARS = alt.Chart(pd.DataFrame({"name": ["ä</svg>", "b\n"], "n": [1, 2]})).mark_bar().encode(x="n:Q", y="name")
SPEC = BARS.to_dict()


def children() -> set[psutil.Process]:
    """The processes that this one started, other tests' ones among them."""
    return set(psutil.Process().children())


def test_the_bytes_are_those_of_a_chart_that_is_drawn_here():
    here, before = charts.svg(BARS), children()
    _drawn.cache_clear()
    with Drawer() as draw, charts.drawn_by(draw):
        assert charts.svg(BARS) == here
    assert children() == before


def test_a_chart_that_cannot_be_drawn_is_an_error_and_the_next_one_is_drawn():
    with Drawer() as draw:
        with pytest.raises(ValueError, match="Vega-Lite"):
            draw({"mark": "no such mark", "encoding": 7})
        assert draw(SPEC).startswith("<svg")


def test_a_process_that_ended_is_an_error():
    before = children()
    with Drawer() as draw:
        draw(SPEC)
        (own,) = children() - before
        own.kill()
        with pytest.raises(ValueError, match="the process that draws charts has ended"):
            draw(SPEC)
