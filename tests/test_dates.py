from __future__ import annotations

import datetime as dt

from segcore.dates import next_due


def test_the_next_run_is_due_when_the_study_says():
    assert next_due(dt.date(2025, 1, 31), "45 days") == dt.date(2025, 3, 17)
    assert next_due(dt.date(2025, 1, 31), "1 month") == dt.date(2025, 2, 28)
    assert next_due(dt.date(2024, 2, 29), "2 weeks") == dt.date(2024, 3, 14)


def test_at_the_end_of_the_calendar_no_run_follows():
    assert next_due(dt.date.max, "1 month") == dt.date.max
