from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test

from segcore.kpi.differ import EXCHANGES, differ, standing

RUN = dt.date(2026, 1, 1)


def books(*reached_of: tuple[int, int], expected: float = 0.25, segment: str = "At risk") -> pd.DataFrame:
    """One customer-run each: who reached, of how many, per book."""
    rows = [
        (f"{segment} {book} {number}", f"R{book}", float(number < reached))
        for book, (reached, of) in enumerate(reached_of)
        for number in range(of)
    ]
    made = pd.DataFrame(rows, columns=["customer_id", "rep", "observed"])
    return made.assign(expected=expected, segment=segment, run_date=RUN)


def test_books_that_reach_alike_do_not_differ_and_others_do():
    alike = differ(books((10, 40), (11, 40), (9, 40)))
    assert (alike.differ, alike.books, alike.customers, alike.exchanges) == (False, 3, 120, EXCHANGES)
    assert alike.p_value > 0.5
    apart = differ(books((20, 40), (10, 40), (4, 40)))
    assert apart.differ
    assert apart.p_value < 0.005


def test_the_p_value_is_that_of_scipys_permutation_test():
    """Of two books of equal size and equal expectations, by the difference of their shares."""
    rows = books((14, 40), (7, 40))
    arms = [rows.loc[rows["rep"] == rep, "observed"].to_numpy() for rep in ("R0", "R1")]
    library = permutation_test(
        arms, lambda x, y: abs(x.mean() - y.mean()), n_resamples=9999, alternative="greater", rng=1
    )
    assert differ(rows).p_value == pytest.approx(library.pvalue, abs=0.03)


def test_what_is_the_same_for_all_books_is_no_difference():
    rows = books((20, 40), (21, 40), (19, 40), expected=0.25)
    assert differ(rows).p_value > 0.5
    uneven = books((30, 60), (10, 40)).assign(expected=np.repeat([0.5, 0.25], [60, 40]))
    assert differ(uneven).p_value > 0.5


def test_a_customer_who_comes_again_goes_from_book_to_book_as_one():
    """Eight runs of few customers look like many customers whose books differ."""
    few = books((4, 6), (1, 6))
    runs = pd.concat([few.assign(run_date=RUN + dt.timedelta(days=45 * run)) for run in range(8)])
    apart = runs.assign(customer_id=runs["customer_id"] + runs["run_date"].astype(str))
    assert differ(apart).p_value < 0.01
    together = differ(runs)
    assert together.p_value == pytest.approx(differ(few).p_value, abs=1e-9)
    assert (together.differ, together.customers) == (False, 12)


def test_a_customer_who_changed_the_representative_counts_once_in_each_book():
    rows = books((4, 10), (2, 10))
    later = rows.assign(run_date=RUN + dt.timedelta(days=45))
    later.loc[0, "rep"] = "R1"
    found = differ(pd.concat([rows, later]))
    assert (found.books, found.customers) == (2, 20)


def test_segments_are_kept_apart():
    """All of one book's customers are of the better segment; within segments the books are equal."""
    better = books((30, 50), (6, 10), expected=0.4, segment="Needs attention")
    worse = books((2, 10), (10, 50), expected=0.4)
    assert differ(pd.concat([better, worse]).assign(segment="together")).p_value < 0.05
    assert differ(pd.concat([better, worse])).p_value > 0.3


def test_the_verdict_does_not_depend_on_the_order_of_rows():
    rows = books((14, 40), (7, 40), (9, 30))
    assert differ(rows.sample(frac=1, random_state=1)) == differ(rows)


def test_one_book_or_none_cannot_differ():
    assert differ(books((10, 40))) is None
    assert differ(books((10, 40)).head(0)) is None
    assert differ(books((0, 40), (0, 40), expected=0.0)) is None
    nobodys = books((10, 40), (3, 40))
    assert differ(nobodys.assign(rep=nobodys["rep"].where(nobodys["rep"] == "R0"))) is None


def test_a_book_of_one_customer_is_compared_like_any_other():
    found = differ(books((1, 1), (10, 40), (9, 40)))
    assert (found.differ, found.books) == (False, 3)


class TestStanding:
    """Who reached, beside the share of those alike."""

    @staticmethod
    def eligible(*groups: tuple[str, int, int, int]) -> pd.DataFrame:
        rows = [
            (segment, recency, number < reached)
            for segment, recency, reached, of in groups
            for number in range(of)
        ]
        made = pd.DataFrame(rows, columns=["segment", "recency_class", "reached"])
        return made.assign(
            customer_id=[f"C{number}" for number in range(len(made))],
            rep="R0",
            frequency_class=1,
            run_date=RUN,
        )

    def test_the_share_is_that_of_the_finest_group_of_20(self):
        rows = self.eligible(("At risk", 1, 5, 20), ("At risk", 2, 9, 10), ("Needs attention", 3, 1, 1))
        told = standing(rows)
        assert told["observed"].sum() == 15
        assert told["expected"].iloc[0] == 5 / 20
        assert told["expected"].iloc[25] == pytest.approx(14 / 30)
        assert told["expected"].iloc[30] == pytest.approx(15 / 31)

    def test_the_run_counts_if_there_are_enough_of_it(self):
        rows = self.eligible(("At risk", 1, 5, 20), ("At risk", 1, 15, 20))
        later = RUN + dt.timedelta(days=45)
        told = standing(rows.assign(run_date=[RUN] * 20 + [later] * 20))
        assert told["expected"].tolist() == [5 / 20] * 20 + [15 / 20] * 20
        told = standing(rows.assign(run_date=[RUN] * 30 + [later] * 10))
        assert told["expected"].tolist() == [15 / 30] * 30 + [20 / 40] * 10

    def test_nobody_gives_nothing(self):
        assert len(standing(self.eligible())) == 0
