"""What a first study proposes: variables and their classes, segments, and the rules between them."""

from __future__ import annotations

from collections.abc import Collection

VARIABLES = {"recency": 5, "frequency": 5, "years": 3, "products": 2, "monetary": 5}
LEAST = {"recency": 4, "frequency": 3, "years": 2, "products": 2, "monetary": 4}  # classes the rules need
COUNTED = ("frequency", "products", "monetary")  # these count orders, so they can have a window
LOG = ("frequency", "monetary")
MEANING = {
    "recency": "days since the last order",
    "frequency": "orders",
    "years": "since the first order, or since the account was opened",
    "products": "markets bought in",
    "monetary": "what the orders were worth",
}
SEGMENTS = """\
segments:                           # best first; the rule table beside this file says who belongs where
  Champions: {action: "Early access, reference customer"}
  Loyal: {action: "Reward, sell across markets"}
  Needs attention: {action: "Call within two weeks", follow_up: true}
  At risk: {action: "Visit", follow_up: true}
  Lost: {action: "Last offer"}
follow_up: {target: [Loyal, Champions]}
"""
BEST = ("Champions", "Loyal")
RECENT = ">=4"  # what the best ask of recency, unless nearly everybody orders all the time
RULES = """\
segment,recency,frequency,years,products,note
Champions,>=4,>=3,*,2,
Loyal,>=4,>=2,*,*,
Loyal,>=4,*,>=2,2,
Needs attention,>=4,*,*,*,recent but small: develop
Needs attention,3,>=2,*,*,
At risk,3,*,*,*,
At risk,2,>=2,*,*,
At risk,1,>=3,*,*,
Lost,*,*,*,*,
"""
# Orders alone make nearly everybody loyal where everybody orders often; what they are worth tells them apart.
RULES_WITH_VALUE = """\
segment,recency,frequency,years,products,monetary,note
Champions,>=4,>=3,*,2,>=4,
Loyal,>=4,>=3,*,*,>=3,
Loyal,>=4,>=2,*,*,>=4,few orders of much value
Loyal,>=4,>=2,>=2,2,>=3,
Needs attention,>=4,*,*,*,*,recent but small: develop
Needs attention,3,*,*,*,>=3,
At risk,3,*,*,*,*,
At risk,2,*,*,*,>=3,
At risk,1,*,*,*,>=4,
Lost,*,*,*,*,*,
"""


def rules_text(variables: Collection[str], *, recent: str = RECENT) -> str:
    """The rule table over these of the known variables.

    Parameters
    ----------
    variables
        Their names.
    recent
        What the best segments ask of recency.
    """
    table = RULES_WITH_VALUE if "monetary" in variables else RULES
    header, *rows = (row.split(",") for row in table.splitlines())
    keep = [i for i, name in enumerate(header) if name not in VARIABLES or name in variables]
    recency, years = header.index("recency"), header.index("years")
    made = [header]
    for row in rows:
        # Without both columns a row that asks for years may say no more than the next ones do together.
        if row[years] == "*" or {"years", "products"} & set(variables):
            asked = recent if row[0] in BEST else row[recency]
            made.append([*row[:recency], asked, *row[recency + 1 :]])
    return "\n".join(",".join(row[i] for i in keep) for row in made) + "\n"
