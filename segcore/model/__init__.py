"""The model: breaks, rule table and order of segments. Fit it, keep it, apply it, write it as SQL.

A class is an interval (lower, upper] of values, and class k is the best. Fitting and applying are
two steps: segments of two dates can only be compared if one model made both.
"""

from __future__ import annotations

from segcore.model.applying import apply, check_values, class_sizes, differences, preview
from segcore.model.belonging import check_belongs, keep_breaks
from segcore.model.definition import Model
from segcore.model.files import choose, kept, read, save
from segcore.model.fitting import alternatives, fit, thin, with_intervals
from segcore.model.showing import between, edges, other_edges
from segcore.model.variable import ModelVariable

__all__ = [
    "Model",
    "ModelVariable",
    "alternatives",
    "apply",
    "between",
    "check_belongs",
    "check_values",
    "choose",
    "class_sizes",
    "differences",
    "edges",
    "fit",
    "keep_breaks",
    "kept",
    "other_edges",
    "preview",
    "read",
    "save",
    "thin",
    "with_intervals",
]
