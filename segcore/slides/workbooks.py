"""The workbook behind a chart: texts as texts, and the same bytes for the same numbers.

The one that python-pptx makes turns a name like ``=1+1`` into a formula and an address into a link.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from functools import cached_property
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter

from segcore.language import say
from segcore.outputs.workbook.cells import handed_over
from segcore.outputs.workbook.writing import OPTIONS

CODED = re.compile("_x005F_(?=x[0-9a-fA-F]{4}_)")
"""What a chart holds for a ``_`` that stands before what looks like the code of a character."""

WIDTH = 24
"""Of the column of categories, in characters."""


class Numbers(CategoryChartData):  # type: ignore[misc]
    """What a chart shows, as python-pptx takes it.

    Parameters
    ----------
    day
        The run date, which is the day on which its workbook says that it was made.
    form
        How its numbers are written.

    Notes
    -----
    ``margins`` are columns behind those of the series: how far numbers may lie below and above.
    """

    def __init__(self, day: dt.date, form: str = "General") -> None:
        super().__init__(form)
        self.day = day
        self.margins: list[list[float | None]] = []

    @cached_property
    def _workbook_writer(self) -> _Writer:
        return _Writer(self)


class _Writer(CategoryWorkbookWriter):  # type: ignore[misc]
    """Writes the workbook, and knows where in it what stands."""

    @property
    def xlsx_blob(self) -> bytes:
        """The workbook."""
        from xlsxwriter import Workbook

        data: Any = self._chart_data
        file = io.BytesIO()
        with Workbook(file, OPTIONS) as book:
            book.set_properties({"created": dt.datetime.combine(data.day, dt.time())})
            sheet = book.add_worksheet()
            form, text = (book.add_format({"num_format": f}) for f in (data.number_format, "@"))
            sheet.set_column(0, 0, WIDTH)
            for row, category in enumerate(data.categories, start=1):
                sheet.write_string(row, 0, _text(category.label), text)
            for column, series in enumerate(data, start=1):
                sheet.write_string(0, column, _text(series.name), text)
                for row, value in enumerate(series.values, start=1):
                    if value is not None:
                        sheet.write_number(row, column, value, form)
            for column, values in enumerate(data.margins, start=len(data) + 1):
                name = say("below") if (column - len(data)) % 2 else say("above")
                sheet.write_string(0, column, name, text)
                for row, value in enumerate(values, start=1):
                    if value is not None:
                        sheet.write_number(row, column, value, form)
        return file.getvalue()


def _text(name: object) -> str:
    """A name of the chart as XlsxWriter takes it, which codes what looks like a code itself."""
    return handed_over(CODED.sub("_", str(name)))
