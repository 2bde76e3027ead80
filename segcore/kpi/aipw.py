"""Augmented inverse probability weighting by statsmodels, for rows that may belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


def model(outcome: Floats, treated: Floats, exog: Floats) -> Any:
    """A logit for who is treated and a linear model for the outcome in both groups.

    Parameters
    ----------
    outcome, treated
        0 or 1 for each row.
    exog
        Rows × columns, the first of them constant. Columns that others add up to are left out.

    Returns
    -------
    TreatmentEffect or None
        statsmodels'; None if the logit has no solution, for columns tell who is treated.
    """
    import warnings

    import numpy as np
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools.sm_exceptions import PerfectSeparationError
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    exog = exog[:, _independent(exog, treated)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they warn of is asked for below
            chosen = Logit(treated, exog).fit(disp=0, maxiter=100)
            chance = chosen.predict()
    except (np.linalg.LinAlgError, PerfectSeparationError):
        return None
    if not chosen.mle_retvals["converged"] or chance.min() <= 0 or chance.max() >= 1:
        return None
    return TreatmentEffect(OLS(outcome, exog), treated, results_select=chosen)


def standard_error(effect: Any, groups: npt.NDArray[np.int64]) -> float:
    """The standard error of AIPW's difference, for rows that belong together in groups.

    Parameters
    ----------
    effect
        statsmodels' TreatmentEffect, with OLS for the outcome and a logit or probit for who is treated.
    groups
        Number of the group of each row, 0..

    Notes
    -----
    Each row's influence on the difference, that on the parameters of the three models included:
    the sandwich of the stacked moments that statsmodels' GMM solves, derived instead of differentiated
    numerically.
    """
    import numpy as np

    treated, exog, outcome = effect.treatment, effect.model_pool.exog, effect.model_pool.endog
    chosen, chance = effect.results_select, effect.prob_select
    if_treated, if_not = exog @ effect.results1.params, exog @ effect.results0.params
    weight, other = treated / chance, (1 - treated) / (1 - chance)
    influence = if_treated - if_not + weight * (outcome - if_treated) - other * (outcome - if_not)
    influence = influence - influence.mean()
    for sign, fitted, arm, weights in ((1, if_treated, treated, weight), (-1, if_not, 1 - treated, other)):
        slope = sign * ((1 - weights)[:, None] * exog).sum(axis=0)
        residual = (arm * (outcome - fitted))[:, None] * exog
        influence += residual @ np.linalg.solve((exog * arm[:, None]).T @ exog, slope)
    density = chosen.model.pdf(chosen.fittedvalues)
    change = -weight / chance * (outcome - if_treated) - other / (1 - chance) * (outcome - if_not)
    slope = ((change * density)[:, None] * chosen.model.exog).sum(axis=0)
    score = chosen.model.score_obs(chosen.params)
    influence += score @ np.linalg.solve(-chosen.model.hessian(chosen.params), slope)
    return float(np.sqrt((np.bincount(groups, influence) ** 2).sum()) / len(outcome))


def _independent(exog: Floats, treated: Floats) -> list[int]:
    """The columns that are no sum of earlier ones, in either group."""
    import numpy as np

    kept: list[int] = []
    inner = [(exog[side]).T @ exog[side] for side in (treated == 1, treated == 0)]
    for column in range(exog.shape[1]):
        left = [
            gram[column, column]
            - gram[column, kept] @ np.linalg.solve(gram[np.ix_(kept, kept)], gram[kept, column])
            for gram in inner
        ]
        if all(rest > 1e-9 * gram[column, column] for rest, gram in zip(left, inner, strict=True)):
            kept.append(column)
    return kept
