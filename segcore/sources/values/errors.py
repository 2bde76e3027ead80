"""What reports and spreadsheets write where they failed; no value of any type."""

from __future__ import annotations

from segcore.sources.values import Fault, matches

_REPORTS = (
    "MULTIVALUE|MEHRFACHWERT|COMPUTATION|SYNTAX|DATASYNC|UNAVAILABLE|CONTEXT|OVERFLOW|ERROR|FEHLER"
    "|INCOMPATIBLE|PARTIALRESULT|TOREFRESH|SECURITY|RANK|RECURSIVE|EXTERNAL|REFRESH|REPORTFILTER"
    "|SECTION|SOURCE|MISSINGDATA|KALK|BERECHNUNG"
)
_SHEETS = (
    "N/A|NV|DIV/0|REF|BEZUG|VALUE|WERT|NAME|NUM|ZAHL|NULL|SPILL|ÜBERLAUF|CALC|GETTING_DATA|BLOCKED|FIELD"
    "|MERGED"
)
FAILED = rf"#(?:{_REPORTS}|{_SHEETS})[!?]?"
MASKED = "#{2,}|[*]{2,}"
"""A number that did not fit into its column."""

ERROR = Fault(
    lambda text: matches(text, f"{FAILED}|{MASKED}"),
    "error value",
    "must be a value, not the error that a report or a spreadsheet shows in its place",
)
ERROR_IN_TEXT = Fault(lambda text: matches(text, FAILED), ERROR.rule, ERROR.reason)
