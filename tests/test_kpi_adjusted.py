from __future__ import annotations

import datetime as dt
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit, Probit
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.treatment.treatment_effects import TreatmentEffect

from segcore.kpi.adjusted import adjusted, compared, landmark, raw
from segcore.kpi.aipw import model, standard_error

RUN = dt.date(2026, 1, 1)


def periods(*rows: tuple[float, float], days: int = 45) -> pd.DataFrame:
    """Customer-runs: day of the first follow-up and of the first order, NaN for never."""
    made = pd.DataFrame(list(rows), columns=["followed_on", "order_on"], dtype=float)
    return made.assign(
        customer_id=[f"C{number}" for number in range(len(made))],
        run_date=RUN,
        segment="At risk",
        recency_class=1,
        frequency_class=1,
        days=days,
        reached=made["order_on"].notna(),
    )


NEVER = float("nan")


@pytest.fixture(scope="module")
def smoking() -> TreatmentEffect:
    path = files("statsmodels.treatment.tests.results") / "cataneo2.csv"
    data = pd.read_csv(str(path))
    chosen = Probit.from_formula("mbsmoke_ ~ mmarried_ + mage + mage2 + fbaby_ + medu", data)
    outcome = OLS.from_formula("bweight ~ prenatal1_ + mmarried_ + mage + fbaby_", data)
    return TreatmentEffect(outcome, np.asarray(data["mbsmoke_"]), results_select=chosen.fit(disp=0))


class TestCattaneo:
    """Birth weights by smoking, Stata 13 manual, teffects: the data are in statsmodels' own tests."""

    def test_augmented_weighting_gives_the_published_effect_and_error(self, smoking):
        difference, *_ = smoking.aipw(return_results=False)
        assert difference == pytest.approx(-230.9892, abs=5e-5)
        alone = np.arange(len(smoking.treatment))
        assert standard_error(smoking, alone) == pytest.approx(26.2106, abs=1e-4)

    def test_plain_weighting_gives_the_published_effect_and_error(self, smoking):
        found = smoking.ipw()
        assert found.start_params[0] == pytest.approx(-230.6886, abs=5e-5)
        assert found.results_gmm.bse[0] == pytest.approx(25.8152, rel=1e-4)


class TestStandardError:
    """Against statsmodels' own, and for rows that belong together."""

    @staticmethod
    def drawn(size: int = 800) -> TreatmentEffect:
        generator = np.random.default_rng(3)
        known = generator.normal(size=size)
        treated = (generator.random(size) < 1 / (1 + np.exp(-known))).astype(float)
        outcome = (generator.random(size) < 0.2 + 0.1 * treated + 0.2 * (known > 0)).astype(float)
        return model(outcome, treated, np.column_stack([np.ones(size), known]))

    def test_it_is_the_one_that_statsmodels_finds_by_its_moments(self):
        effect = self.drawn()
        library = effect.aipw(return_results=True).results_gmm
        assert standard_error(effect, np.arange(800)) == pytest.approx(library.bse[0], rel=1e-4)

    def test_each_row_four_times_is_no_more_than_once(self):
        effect = self.drawn(200)
        outcome, treated, exog = effect.model_pool.endog, effect.treatment, effect.model_pool.exog
        fourfold = model(np.repeat(outcome, 4), np.repeat(treated, 4), np.repeat(exog, 4, axis=0))
        alone = standard_error(effect, np.arange(200))
        assert standard_error(fourfold, np.repeat(np.arange(200), 4)) == pytest.approx(alone, rel=1e-6)
        assert standard_error(fourfold, np.arange(800)) == pytest.approx(alone / 2, rel=1e-6)

    def test_columns_that_others_add_up_to_are_left_out(self):
        effect = self.drawn(400)
        exog = effect.model_pool.exog
        twice = np.column_stack([exog, 2 * exog[:, 1] + 1, exog[:, 1] ** 2])
        found = model(effect.model_pool.endog, effect.treatment, twice)
        assert found.model_pool.exog.shape[1] == 3

    def test_columns_that_tell_who_is_treated_leave_no_model(self):
        treated = np.repeat([1.0, 0.0], 50)
        exog = np.column_stack([np.ones(100), np.arange(100)])
        assert model(np.ones(100), treated, exog) is None


class TestLandmark:
    """The day on which it is decided who counts as followed."""

    def test_it_is_the_day_by_which_nine_in_ten_had_been_called(self):
        rows = periods(*[(day, NEVER) for day in range(1, 11)], (20, 15))
        assert landmark(rows) == 9

    def test_it_is_at_most_half_of_the_shortest_period(self):
        rows = periods(*[(day, NEVER) for day in range(31, 41)])
        assert landmark(rows) == 22
        assert landmark(rows.assign(days=[30] * 5 + [45] * 5)) == 15

    def test_without_a_call_before_an_order_there_is_none(self):
        rows = periods((NEVER, 4), (9, 4), (4, 4))
        assert landmark(rows) is None
        assert len(compared(rows)) == 0
        assert landmark(rows.head(0)) is None

    def test_who_ordered_by_then_is_left_out_and_who_is_called_later_counts_as_not_called(self):
        rows = periods((2, NEVER), (2, 2), (1, 3), (NEVER, 1), (NEVER, 30), (30, 40), (1, 2))
        rows = pd.concat([rows, periods(*[(2, NEVER)] * 8)], ignore_index=True)
        assert landmark(rows) == 2
        kept = compared(rows).iloc[:4]
        assert kept.index.tolist() == [0, 2, 4, 5]
        assert kept["arm"].tolist() == [True, True, False, False]


class TestDifferences:
    """Raw, and made alike in what is known."""

    @staticmethod
    def found(*groups: tuple[int, bool, int, int]) -> pd.DataFrame:
        """Groups of recency class, called or not, who reached, of how many."""
        flags = [
            (recency, arm, number < reached) for recency, arm, reached, of in groups for number in range(of)
        ]
        made = pd.DataFrame(flags, columns=["recency_class", "arm", "reached"])
        return made.assign(
            customer_id=[f"C{number}" for number in range(len(made))],
            segment="At risk",
            frequency_class=1,
            run_date=RUN,
        )

    # The better class is called three times as often; within classes a call makes no difference.
    CHOSEN = ((1, True, 10, 100), (1, False, 30, 300), (3, True, 120, 300), (3, False, 40, 100))

    def test_raw_is_newcombes_difference(self):
        told = raw(self.found(*self.CHOSEN))
        assert told.difference == pytest.approx(130 / 400 - 70 / 400)
        assert (told.low, told.high) == pytest.approx(
            confint_proportions_2indep(130, 400, 70, 400, method="newcomb")
        )

    def test_adjusted_compares_like_with_like(self):
        told = adjusted(self.found(*self.CHOSEN))
        assert told.difference == pytest.approx(0, abs=1e-9)
        assert told.low == pytest.approx(-told.high)
        assert 0.04 < told.high < 0.08
        assert (told.customers, told.others) == (400, 400)
        assert told.share == pytest.approx(0.25)
        assert told.other == pytest.approx(0.25)

    def test_it_says_how_alike_the_groups_were_and_are(self):
        told = adjusted(self.found(*self.CHOSEN))
        assert told.overlap == 1
        assert told.imbalance == pytest.approx(0.5 / np.sqrt(0.75 * 0.25))
        assert told.imbalance_left == pytest.approx(0, abs=1e-6)
        rare = adjusted(
            self.found((1, True, 1, 3), (1, False, 30, 97), (3, True, 40, 100), (3, False, 40, 100))
        )
        assert rare.overlap == pytest.approx(200 / 300)

    def test_numbers_can_be_known_too(self):
        rows = self.found(*self.CHOSEN).rename(columns={"recency_class": "months"}).astype({"months": float})
        assert adjusted(rows, known=("months",)).difference == pytest.approx(0, abs=1e-9)

    def test_a_class_in_which_all_or_none_were_called_is_left_out(self):
        only = self.found(*self.CHOSEN, (5, True, 90, 90), (4, False, 0, 60))
        assert adjusted(only) == adjusted(self.found(*self.CHOSEN))
        assert raw(only).customers == 490

    def test_classes_may_be_empty_or_hold_nothing(self):
        rows = self.found(*self.CHOSEN)
        assert adjusted(rows.assign(frequency_class=None)) == adjusted(rows)

    def test_under_20_in_a_group_there_is_no_comparison(self):
        rows = self.found((1, True, 5, 19), (1, False, 30, 300))
        assert raw(rows) is None
        assert adjusted(rows) is None
        assert raw(self.found((1, True, 5, 20), (1, False, 5, 20))) is not None

    def test_customers_who_come_again_widen_the_interval(self):
        rows = self.found(*self.CHOSEN)
        again = pd.concat([rows] * 3)
        for way in (raw, adjusted):
            once, thrice = way(rows), way(again)
            assert thrice.high - thrice.low == pytest.approx(once.high - once.low, rel=0.02)


def test_the_logit_is_statsmodels():
    rows = TestDifferences.found(*TestDifferences.CHOSEN)
    exog = np.column_stack([np.ones(len(rows)), rows["recency_class"] == 3])
    library = Logit(rows["arm"].astype(float).to_numpy(), exog).fit(disp=0)
    found = model(rows["reached"].astype(float).to_numpy(), rows["arm"].astype(float).to_numpy(), exog)
    assert found.prob_select == pytest.approx(library.predict())
