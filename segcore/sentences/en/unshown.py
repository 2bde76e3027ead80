"""What figures of segments, moves, runs and edges do not show; those of follow-ups say it themselves.

A page writes it beside its figure, and a notebook, word for word, in the text before it.
"""

from __future__ import annotations

NOT_SHOWN = {
    # The variables and their edges.
    "described": "The table does not show how customers lie between these values.",
    "values": "The bars do not show how the variables go together, or who the customers far out are.",
    "alternatives": "The fit does not show how many classes are of use: every further one fits better.",
    "edges": "The interval does not show that an edge is wrong, only how far chance could have moved it.",
    "differences": "The list does not show that the candidate would be better: nobody on it did anything.",
    "methods": "It does not show that these classes are of use, only that they were found as they should be.",
    "classes": "The table does not show what a class is worth: the highest is the best of its variable only.",
    "drift": "The signs do not show why values shifted: customers may have changed, or what is delivered.",
    "thin": "The table does not show that the other scale would be better, only how large classes would be.",
    "rules": "The table does not show that a rule makes sense, only whom it takes.",
    "decides": "The table does not show that a variable is of no use: it is about these rules only.",
    "spread": (
        "The bars do not show a gap between two kinds of customers: those just left and right of an edge "
        "are nearly alike."
    ),
    # The segments.
    "segments": (
        "The table does not show what customers are going to order, or what they earn: segments look back, "
        "and order value is no profit."
    ),
    "profile": "The table does not show the other half, or any one customer in the middle of all ranges.",
    # The moves.
    "movers": "The table does not show why they ordered or did not, or whether anybody had called them.",
    "accounts": (
        "The accounts do not show who these customers are: a segment of the same size may hold others than "
        "before."
    ),
    "matrix": (
        "The matrix does not show what happened between the two runs: who left a segment and came back in "
        "between stands there as stayed."
    ),
    "flow": "The picture does not show how large the segments are, or why anybody moved.",
    "sure": "A rate does not show what the next run brings: its interval holds chance, not another season.",
    "marks": "A mark does not show the whole of a move, only its largest part.",
    "bridge": (
        "The bridge does not show who moved since the last run: both models look at the same customers on "
        "the same day."
    ),
    # The runs.
    "figures": "A line does not show whether the same customers are behind it.",
    "sizes": (
        "The picture does not show who is in a segment: it may keep its size while customers come and go."
    ),
    "flows": "The table does not show why more or fewer moved than before.",
    "stays": "The table does not show the day on which somebody left: only runs look, so no stay is shorter "
    "here than the time between two runs.",
    "unusual": "The test does not show why a run is unusual.",
    "rates": (
        "The rates do not show who moves: all customers of a segment are taken to be alike, however long "
        "they have been there."
    ),
    "forecast": "A forecast does not show what sales are going to do differently: it goes on as so far.",
    # What comes next.
    "last_list": "It does not show what calls did: whoever ordered counts, called or not.",
    "calls": "The lists do not show whether a call changes anything: they say who falls, and when.",
}
"""Figure → what it does not show."""
