"""Mistakes planted by hand: each a small slip that would publish a wrong number.

``make mutate`` plants one at a time and counts which of them the kept notebooks and the tests find.
Where a change of the code moves the text that is named here, ``tests/test_mutations.py`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """A mistake: a text of a file, and what stands in its place.

    Parameters
    ----------
    what
        The mistake in words.
    file
        The file, seen from the project's folder.
    old, new
        The text, and what replaces it.
    at
        Where ``old`` begins, None if it must be in the file exactly once.
    equivalent
        Why nobody could notice, "" if somebody should.
    """

    what: str
    file: str
    old: str
    new: str
    at: int | None = None
    equivalent: str = ""

    def planted(self, text: str) -> str:
        """The text of the file with the mistake in it.

        Raises
        ------
        ValueError
            If the text to replace is not there, or not there once.
        """
        if self.at is None and text.count(self.old) != 1:
            raise ValueError(f"{self.file} must hold {self.old!r} once (got {text.count(self.old)} times)")
        at = text.index(self.old) if self.at is None else self.at
        if not text.startswith(self.old, at):
            raise ValueError(f"{self.file} must hold {self.old!r} at {at} (it does not)")
        return text[:at] + self.new + text[at + len(self.old) :]


FEATURES, VARIABLES = "segcore/features.py", "segcore/variables.py"
JENKS, SEARCH, SUMS = "segcore/jenks.py", "segcore/jenks_search.py", "segcore/jenks_sums.py"
CELLS, TABLE = "segcore/rules/cells.py", "segcore/rules/table.py"
STATES, ATTENTION = "segcore/transitions/states.py", "segcore/transitions/attention.py"
OVER_RUNS, RECONCILING = "segcore/transitions/over_runs.py", "segcore/sources/reconciling.py"
JUDGED, JUDGING = "segcore/sources/judged.py", "segcore/sources/judging.py"
MARKING, CUT, HEADERS = "segcore/sources/marking.py", "segcore/sources/cut.py", "segcore/sources/headers.py"
LINES, QUOTES = "segcore/sources/formats/lines.py", "segcore/sources/formats/quotes.py"
TEXTS, NUMBERS = "segcore/sources/values/texts.py", "segcore/sources/values/numbers.py"
OF_SEGMENTS = "segcore/profile/segments.py"
RUN_DATE = "DATE '{self.run_date.isoformat()}' then"

BY_HAND: tuple[Mutation, ...] = (
    Mutation(
        "the window's bound counts", FEATURES, "order_date > {self.cutoff}", "order_date >= {self.cutoff}"
    ),
    Mutation("the population's bound counts", FEATURES, "max(_last_day) > $run", "max(_last_day) >= $run"),
    Mutation("the representative of the first order", FEATURES, "max_by(rep,", "min_by(rep,"),
    Mutation("recency is better when high", VARIABLES, 'better="low"', 'better="high"'),
    Mutation(
        "lines count as orders", VARIABLES, '("max(order_date)", "count({x})"', '("count(*)", "sum({x})"'
    ),
    Mutation("years from the last order on", VARIABLES, '"min({x})"', '"max({x})"'),
    Mutation("the log scale is forgotten", JENKS, "else np.log1p(numbers)", "else numbers"),
    Mutation("a class of exactly 20 is thin", JENKS, "size < least", "size <= least"),
    Mutation("an edge is the value above it", JENKS, "held[cut - 1]", "held[cut]"),
    Mutation("ties fall as they come", SEARCH, "np.argmax(total <= total.min() + tie)", "np.argmin(total)"),
    Mutation("floats seem to lose nothing", SUMS, "Sums(*running, error,", "Sums(*running, 0.0,"),
    Mutation(
        "an edge belongs to the class above it",
        "segcore/model/variable.py",
        "{column} <= {literal(edge)}",
        "{column} < {literal(edge)}",
    ),
    Mutation(
        "the kept model is ignored",
        "segcore/model/files.py",
        "candidate.rules) if given else with",
        "candidate.rules) if not given else with",
    ),
    Mutation("a cell >=4 means more than 4", CELLS, "{column} >= {low}", "{column} > {low}"),
    Mutation("a range lacks its end", CELLS, "between {low} and {high}", "between {low} and {high - 1}"),
    Mutation(
        "the last rule that matches wins",
        TABLE,
        'then {literal(rule.segment)}" for rule in self.rules',
        'then {literal(rule.segment)}" for rule in reversed(self.rules)',
    ),
    Mutation("who ordered long ago is new", STATES, " or first_order <= last_run)", ")"),
    Mutation(
        "who first ordered on the last run's day is new", STATES, "first_order <= last", "first_order < last"
    ),
    Mutation("down counts as up", STATES, "now.rank > was.rank", "now.rank <> was.rank"),
    Mutation("a cell of exactly 20 is few", STATES, "0 < here < FEW", "0 < here <= FEW"),
    Mutation("the headline's targets are ignored", ATTENTION, "study.follow_up.target or seg", "seg"),
    Mutation("a book of exactly 20 is few", ATTENTION, "customers < FEW", "customers <= FEW"),
    Mutation("who stayed fell", ATTENTION, "to_rank < from_rank", "to_rank <= from_rank"),
    Mutation("intervals of 90 %", "segcore/intervals.py", "inv_cdf(0.975)", "inv_cdf(0.95)"),
    Mutation("a stay is a run too short", OVER_RUNS, "- entered + 1)", "- entered)"),
    Mutation("a stay since the second run is the least", OVER_RUNS, "entered = 0 as", "entered <= 1 as"),
    Mutation(
        "an order of the last run's day is one since", STATES, "last_order > last", "last_order >= last"
    ),
    Mutation("who is gone is worth what they order now", STATES, "then value_before else", "then value else"),
    Mutation("days of a stay from the first run", OVER_RUNS, "'day', since.run", "'day', begun.run"),
    Mutation("the earlier delivery wins", JUDGING, "max(_precedence) as _best", "min(_precedence) as _best"),
    Mutation("orders of the run date are later", JUDGED, f"> {RUN_DATE}", f">= {RUN_DATE}"),
    Mutation(
        "the last exclusion counts",
        JUDGED,
        "sql in enumerate(self.rules.values())",
        "sql in reversed([*enumerate(self.rules.values())])",
    ),
    Mutation("other currencies are taken", JUDGED, "when r.currency <> {", "when r.currency = {"),
    Mutation("what is valid up to the run date is not", JUDGED, '"valid_to": "<"', '"valid_to": "<="'),
    Mutation(
        "the validity before the run date's holds", JUDGING, "-epoch(r.valid_from)", "epoch(r.valid_from)"
    ),
    Mutation("renumbered customers keep two names", JUDGING, "coalesce(n.becomes, r.", "coalesce(r."),
    Mutation("reasons are swapped", RECONCILING, '"_bad_rule", "_bad_reason"', '"_bad_reason", "_bad_rule"'),
    Mutation("lines that are lost are not told", RECONCILING, "where known <> lines", "where known < lines"),
    Mutation("records above the header are read", MARKING, "{line} < {header.record} then", "false then"),
    Mutation("a total is a record", MARKING, "doubtful} and {looks}", "doubtful} and not {looks}"),
    Mutation("fields too many are dropped", MARKING, "len(f) > {width} and not", "len(f) > {width} and"),
    Mutation("fields too few are empty", MARKING, "len(f) < {width -", "len(f) < 0 * {width -"),
    Mutation("a cut number is believed", CUT, 'f"{others} = {own}"', '"true"'),
    Mutation(
        "a cut key is believed",
        CUT,
        "text, $text) and text <>",
        "text, $text) and record > record and text <>",
    ),
    Mutation(
        "the header is the first row", HEADERS, "matching.index(max(matching))", "matching.index(matching[0])"
    ),
    Mutation("a name that stands twice is taken", HEADERS, "if times[column] > 1", "if times[column] > 2"),
    Mutation("a record of several lines is one line", LINES, "taken[number] = lines", "taken[number] = 1"),
    Mutation("the last line without an end is lost", LINES, 'yield rest + b"\\n"', 'yield b"" + b"\\n"'),
    Mutation("swallowed records are fields", QUOTES, "and delimiter in value", "and not delimiter"),
    Mutation("two quotes stand for two", QUOTES, "= value + quote, stop", "= value + 2 * quote, stop"),
    Mutation("numbers are not padded", TEXTS, "if({short}, lpad({text}, ", "if(not {short}, lpad({text}, "),
    Mutation("a minus sign behind is lost", NUMBERS, "if({negative}, '-', '')", "if({negative}, '', '')"),
    Mutation("a credit is a debit", NUMBERS, "CR(?:[^a-z]|$)", "DR(?:[^a-z]|$)"),
    Mutation("digits may be lost", TEXTS, 'r"^[1-9]\\d{12,}000$"', 'r"^[1-9]\\d{32,}000$"'),
    Mutation("the middle half is the lower", OF_SEGMENTS, "[0.25, 0.5, 0.75]", "[0.25, 0.5, 0.5]"),
    Mutation("the value's first day counts", OF_SEGMENTS, "order_date > {_date", "order_date >= {_date"),
    Mutation("a variable decides if it may", "segcore/profile/using.py", "bool_or(", "bool_and("),
    Mutation(
        "a warning without cause",
        "segcore/sentences/en/warnings.py",
        "    if gap <= allowed:",
        "    if gap < allowed:",
    ),
    Mutation(
        "compared with the first run",
        "segcore/archive/finding.py",
        "in sorted(names)]",
        "in sorted(names)[::-1]]",
    ),
)
