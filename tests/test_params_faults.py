"""Every fault of a study is one sentence with its key, what must be and what was found."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_sources import Change, written

from segcore.errors import ParamsError
from segcore.params.file import load_study

RECENCY = "{recency: {classes: 2}}"
REFIT = "{policy: refit}"
NO_DATE = "breaks.from: must be a date like 2025-12-31, or an ascending list of such dates"
NO_DATES = "breaks.from: must be an ascending list of dates like 2025-12-31"
UNORDERED = "breaks.from: must be an ascending list of dates, each of them once; put them in order"
ALL_KEYS = (
    "title, currency, run_every, data_dir, memory_limit, max_gap_days, sources, population, variables, "
    "breaks, segments, follow_up, report, language, spreadsheet, mail, retention, limits"
)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("title: ACME", "title: 7"), "title: must be text; put it in quotes (got 7)"),
        (
            ("customer_id: Kunde", "customer_id: 010"),  # column 8 to YAML
            "must be YAML (line 8: a number must have digits only, no 0 before them (got 010); quote it if "
            "it is text)",
        ),
        (("title: ACME", "title: 2025-12-31"), "title: must be text; put it in quotes (got 2025-12-31)"),
        (("title: ACME", 'title: ""'), "title: must not be empty (got '')"),
        (("EUR", "NO"), "currency: must be text; put it in quotes (got False)"),
        (("EUR", "Euro"), "currency: must be a currency's three capital letters, like EUR (got 'Euro')"),
        (
            ("Kunde", "1.5"),
            "sources.transactions.columns.customer_id: must be the name of a column in quotes (got 1.5)",
        ),
        (
            ("Kunde", "[Kunde]"),
            "sources.transactions.columns.customer_id: must be the name of a column, "
            "or keys like {from: Customer, zero_pad: 10} (got ['Kunde'])",
        ),
        (
            ("Kunde", "{from: Kunde, zero_pad: 0}"),
            "sources.transactions.columns.customer_id.zero_pad: must be at least 1 (got 0)",
        ),
        (
            ("Umsatz", '{from: Umsatz, sql: "1"}'),
            "sources.transactions.columns.amount: must have either from: (a column of the file) "
            "or sql: (an expression)",
        ),
        (
            ("amount: Umsatz", "Amount: Umsatz\n      amount: Umsatz"),
            "sources.transactions.columns.Amount: must be a name of lower-case letters, digits and _, "
            "starting with a letter (got 'Amount')",
        ),
        (
            ("item: Position", "7: Position"),
            "sources.transactions.columns: the key 7 must be text; put it in quotes",
        ),
        (
            ("item: Position", "record: Position"),
            "sources.transactions: columns must not map 'record', for segcore says where a record stood; "
            "give it another name",
        ),
        (
            ("unique: record", "unique: [order_id, position]"),
            "sources.transactions: unique must name columns that are mapped: customer_id, order_id, item, "
            "order_date, market, amount (got 'position')",
        ),
        (
            ("unique: record", "ignore: [Umsatz]"),
            "sources: transactions: ignore must not name 'Umsatz', which is amount: records that differ in "
            "it are different ones; take it out of ignore",
        ),
        (
            (
                "variables:",
                "  renumbered: {files: [n.csv], columns: {becomes: Neu, "
                "customer_id: {from: Alt, zero_pad: 10}}}\nvariables:",
            ),
            "sources: renumbered: customer_id and becomes must have the same zero_pad and strip_suffix, or "
            "the new number is another customer's; write them at both",
        ),
        (
            ("unique: record", "unique: order_id"),
            "sources.transactions.unique: must be record, or a list of columns like [order_id, item] "
            "(got 'order_id')",
        ),
        (
            ("unique: record", "unique: []"),
            "sources.transactions.unique: must be record, or a list of columns like [order_id, item] "
            "(got [])",
        ),
        (
            ('["sales*"]', "sales.csv"),
            "sources.transactions.files: must be a list like [a, b] (got 'sales.csv')",
        ),
        (('["sales*"]', "[]"), "sources.transactions.files: must have 1 or more entries (got [])"),
        (
            ('["sales*"]', "[NO]"),
            "sources.transactions.files.0: must be text; put it in quotes (got False)",
        ),
        (
            ("unique: record", r"delivered: 'sales_(\d+'"),
            "sources.transactions.delivered.name: must be a regular expression "
            r"(missing ), unterminated subpattern at position 6) (got 'sales_(\\d+')",
        ),
        (
            ("unique: record", "delivered: sales_"),
            "sources.transactions.delivered.name: must hold the date in exactly one group, "
            r"like 'sales_(\d{4}-\d{2}-\d{2})' (got 'sales_')",
        ),
        (
            ("cp1252", "ansi"),
            "sources.transactions.format.encoding: must be an encoding that Python knows, "
            "like utf-8 or cp1252 (got 'ansi')",
        ),
        (
            ("cp1252", "rot13"),
            "sources.transactions.format.encoding: must be an encoding that Python knows, "
            "like utf-8 or cp1252 (got 'rot13')",
        ),
        (
            ('";"', '";;"'),
            "sources.transactions.format.delimiter: must be one character, like ';' or '|' or, "
            "for a tab, \"\\t\" (got ';;')",
        ),
        (
            ('decimal: ","', 'decimal: ";"'),
            "sources.transactions.format.decimal: must be '.' or ',' (got ';')",
        ),
        (
            ('thousands: "."', 'thousands: ","'),
            "sources.transactions.format: thousands must differ from decimal (both are ',')",
        ),
        (
            ("%d.%m.%Y", "dd.mm.yyyy"),
            "sources.transactions.format.date.0: must be the form of a date with %d, %m and %Y, "
            "like '%d.%m.%Y' (got 'dd.mm.yyyy')",
        ),
        (
            ("%d.%m.%Y", "%d.%m.%Q"),
            "sources.transactions.format.date.0: must be the form of a date with %d, %m and %Y, "
            "like '%d.%m.%Y' (got '%d.%m.%Q')",
        ),
        (("classes: 2", "classes: 12"), "variables.recency.classes: must be at most 9 (got 12)"),
        (("classes: 2", "classes: 1"), "variables.recency.classes: must be at least 2 (got 1)"),
        (("classes: 2", "classes: two"), "variables.recency.classes: must be a whole number (got 'two')"),
        (("{classes: 2}", "2"), "variables.recency: must be keys and values (got 2)"),
        (
            ("classes: 2", "classes: 2, scale: Log"),
            "variables.recency.scale: must be 'linear' or 'log' (got 'Log')",
        ),
        (
            ("classes: 2", "classes: 2, window: 24"),
            "variables.recency.window: must be a number and a unit, like '45 days' or '24 months' (got 24)",
        ),
        (
            ("classes: 2", "classes: 2, sql: count(*)"),
            "variables.recency.sql: must be left out, for recency is known; give yours another name",
        ),
        (
            (RECENCY, "{loyalty: {classes: 2}}"),
            "variables.loyalty: must have sql: (one aggregate over transactions), "
            "or be one of recency, frequency, years, products, monetary",
        ),
        (
            (RECENCY, "{rank: {classes: 2, sql: count(*)}}"),
            "variables.rank: must have another name, for segcore's customers have such a column",
        ),
        (
            (RECENCY, "{size_class: {classes: 2, sql: count(*)}}"),
            "variables.size_class: must have another name, for segcore's customers have such a column",
        ),
        (
            ("currency: EUR", "currency: EUR\nlanguage: fr"),
            "language: must be 'en' or 'de' (got 'fr')",
        ),
        ((REFIT, "{policy: Keep}"), "breaks.policy: must be 'keep' or 'refit' (got 'Keep')"),
        ((REFIT, "{from: 31.12.2025}"), f"{NO_DATE} (got '31.12.2025')"),
        ((REFIT, "{from: 2025-02-30}"), f"{NO_DATE} (got '2025-02-30')"),
        ((REFIT, "{from: 2025}"), f"{NO_DATE} (got 2025)"),
        ((REFIT, "{from: 2025-12-31 10:00:00}"), f"{NO_DATE} (got 2025-12-31T10:00:00)"),
        ((REFIT, "{from: {first: 2025-12-31}}"), NO_DATE),
        (
            (REFIT, "{from: []}"),
            "breaks.from: must hold one date or more, like [2025-06-30, 2025-12-31] (got [])",
        ),
        ((REFIT, "{from: [2025-06-30, 31.12.2025]}"), f"{NO_DATES} (got [2025-06-30, '31.12.2025'])"),
        ((REFIT, "{from: [2025-06-30, 2025]}"), f"{NO_DATES} (got [2025-06-30, 2025])"),
        ((REFIT, "{from: [2025-06-30, null]}"), f"{NO_DATES} (got [2025-06-30, None])"),
        ((REFIT, "{from: [2025-12-31, 2025-06-30]}"), f"{UNORDERED} (got [2025-12-31, 2025-06-30])"),
        ((REFIT, "{from: [2025-12-31, 2025-12-31]}"), f"{UNORDERED} (got [2025-12-31, 2025-12-31])"),
        (
            ("{Good: {}, Bad: {}}", "{Good: {}}"),
            "segments: must have 2 or more entries (got {'Good': {}})",
        ),
        (("{Good: {}", "{Yes: {}"), "segments: the key True must be text; put it in quotes"),
        (
            ("{Good: {}", "{Good: {follow_up: 1}"),
            "segments.Good.follow_up: must be true or false (got 1)",
        ),
        (
            ("title:", "follow_up: {target: [Best]}\ntitle:"),
            "follow_up.target: must name segments of the study: Good, Bad (got 'Best')",
        ),
        (
            ("title:", "follow_up: {holdout: 1.5}\ntitle:"),
            "follow_up.holdout: must be less than 1.0 (got 1.5)",
        ),
        (
            ("title:", "memory_limit: 2 gigs\ntitle:"),
            "memory_limit: must be a size of memory, like 2GB (got '2 gigs')",
        ),
        (("title:", "max_gap_days: -1\ntitle:"), "max_gap_days: must be at least 0 (got -1)"),
        (
            ("title:", "mail: {base_url: https://x.example}\ntitle:"),
            "mail.from must be given (it is missing)",
        ),
        (
            ("title:", "mail: {from: ACME <a@acme.example>}\ntitle:"),
            "mail.from: must be an address like name@acme.example, without a name before it "
            "(got 'ACME <a@acme.example>')",
        ),
        (
            ("title:", "mail: {from: a@acme.example, base_url: intranet/reports}\ntitle:"),
            "mail.base_url: must begin with https:// and have no blank, ? or # (got 'intranet/reports')",
        ),
        (
            ("title:", "mail: {from: a@acme.example, subscriptions: ../x.subscriptions.yaml}\ntitle:"),
            "mail.subscriptions: must be the name of a file beside the study that ends in "
            ".subscriptions.yaml (got '../x.subscriptions.yaml')",
        ),
        (
            ("title:", "mail: {from: a@acme.example, domains: [ACME.example]}\ntitle:"),
            "mail.domains.0: must be a domain in small letters, like acme.example (got 'ACME.example')",
        ),
        (
            ("title:", "mail: {from: a@acme.example, unsubscribe: intranet}\ntitle:"),
            "mail.unsubscribe: must begin with mailto: or https:// and have no blank (got 'intranet')",
        ),
        (
            ("title:", "mail: {from: a@acme.example, per_minute: 0}\ntitle:"),
            "mail.per_minute: must be a whole number from 1 to 100,000, or unlimited (got 0)",
        ),
        (
            ("title:", "mail: {from: a@acme.example, smtp: {security: ssl}}\ntitle:"),
            "mail.smtp.security: must be 'starttls', 'tls' or 'none' (got 'ssl')",
        ),
        (
            ("title:", "mail: {from: a@acme.example, smtp: {hosts: x}}\ntitle:"),
            "mail.smtp.hosts is not a key of a study; did you mean host?",
        ),
        (
            ("title:", "retention: three years\ntitle:"),
            "retention: must be a number and a unit, like '45 days' or '24 months' (got 'three years')",
        ),
        (("title:", "name: acme\ntitle:"), "name is not a key of a study; the file's name says it"),
        (("title:", "colour: red\ntitle:"), f"colour is not a key of a study; it may be {ALL_KEYS}"),
        (
            ("unique: record", "uniqe: record"),
            "sources.transactions.uniqe is not a key of a study; did you mean unique?",
        ),
        (("title:", "title: a\ntitle:"), "must be YAML (line 2: the key 'title' stands here twice)"),
        (("title:", "\ttitle:"), "must be YAML (line 1: a tab stands where only blanks may)"),
        (
            ("title: ACME", "[a, b]: ACME"),
            "must be YAML (line 1: a key must be one word or a text in quotes)",
        ),
        (
            ("title:", "smtp_password: abc\ntitle:"),
            "smtp_password must not stand in a study, for studies are archived: "
            "put secrets into the environment and remove the key",
        ),
        (
            ("title:", "mail: {tokens: [abc]}\ntitle:"),
            "mail.tokens must not stand in a study, for studies are archived: "
            "put secrets into the environment and remove the key",
        ),
    ],
    ids=lambda value: value[1].strip().replace("\n", " ") if isinstance(value, tuple) else "",
)
def test_a_fault_is_told_in_one_sentence(tmp_path: Path, change: Change, sentence: str) -> None:
    path = written(tmp_path, change)
    with pytest.raises(ParamsError) as caught:
        load_study(path)
    assert str(caught.value) == f"{path}: {sentence}"
