"""The files of the demo, read by the standard library alone: what is promised stands in them."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections import Counter
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from segcore.demo import RUN_DATES, Demo, Post, write_demo
from segcore.demo.company import HOSTILE_NAMES, REPS

Key = tuple[str, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return write_demo(tmp_path_factory.mktemp("small") / "made" / "on the way", customers=300)


def records(path: Path) -> list[list[str]]:
    with path.open(encoding="cp1252", newline="") as file:
        return list(csv.reader(file, delimiter=";", strict=True))


@cache
def day(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d.%m.%Y").date()


def is_sound(row: list[str]) -> bool:
    if len(row) != 7 or row[6] != "EUR":
        return False
    try:
        day(row[3])
        money(row[5])
    except ValueError:
        return False
    return True


def money(text: str) -> Decimal:
    whole, _, cents = text.lstrip("-").partition(",")
    first, *groups = whole.split(".")
    if not (first + cents).isdigit() or any(len(group) != 3 or not group.isdigit() for group in groups):
        raise ValueError(text)
    return Decimal(text.replace(".", "").replace(",", "."))


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_and_the_same_account(small: Demo, tmp_path: Path) -> None:
    again = write_demo(tmp_path, customers=300)

    assert digests(tmp_path) == digests(small.folder)
    assert again.deliveries == small.deliveries


def test_another_seed_gives_other_orders(small: Demo, tmp_path: Path) -> None:
    other = digests(write_demo(tmp_path, customers=300, seed=1).folder)
    same = digests(small.folder)

    assert other.keys() == same.keys()
    assert [name for name in other if other[name] == same[name]] == ["reps.csv"]


def test_too_few_customers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^customers must be at least 100 \(got 99\)$"):
        write_demo(tmp_path / "demo", customers=99)
    assert not (tmp_path / "demo").exists()


def test_the_eight_run_dates_are_45_days_apart() -> None:
    assert [str(date) for date in RUN_DATES] == [
        "2025-02-19",
        "2025-04-05",
        "2025-05-20",
        "2025-07-04",
        "2025-08-18",
        "2025-10-02",
        "2025-11-16",
        "2025-12-31",
    ]


def test_the_folder_holds_eight_deliveries_and_the_master_data(demo: Demo) -> None:
    assert sorted(digests(demo.folder)) == [
        "accounts.csv",
        "reps.csv",
        *(f"sales_{date}.csv" for date in RUN_DATES),
        *(f"visits_{date}.csv" for date in RUN_DATES),
    ]
    assert [x.name for x in demo.deliveries] == [f"sales_{date}.csv" for date in RUN_DATES]


def test_files_arrive_on_their_dates_and_are_the_same_in_the_end(small: Demo, tmp_path: Path) -> None:
    post = Post(tmp_path, customers=300)
    for number, date in enumerate(RUN_DATES, start=1):
        post.bring(date)
        there = digests(tmp_path)
        assert len(there) == 2 + 2 * number
        assert max(there) == f"visits_{date}.csv"
    assert there == digests(small.folder)


def test_what_has_arrived_stays_untouched_and_what_comes_later_is_taken_out(tmp_path: Path) -> None:
    post = Post(tmp_path, customers=300)
    post.bring(RUN_DATES[-1])
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    (tmp_path / "sales_2026-02-14.csv").write_text("of the reader's own")
    post.bring(RUN_DATES[0])
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    assert sorted(after) == [
        "accounts.csv",
        "reps.csv",
        "sales_2025-02-19.csv",
        "sales_2026-02-14.csv",
        "visits_2025-02-19.csv",
    ]
    assert all(before[name] == after[name] for name in after if name in before)


def test_a_file_that_somebody_changed_is_delivered_anew(small: Demo, tmp_path: Path) -> None:
    post = Post(tmp_path, customers=300)
    post.bring(RUN_DATES[-1])
    (tmp_path / "accounts.csv").write_text("")
    post.bring(RUN_DATES[-1])
    assert digests(tmp_path) == digests(small.folder)


def test_files_are_cp1252_with_semicolons_and_crlf(demo: Demo) -> None:
    for path in demo.folder.iterdir():
        raw = path.read_bytes()
        assert raw.count(b"\r\n") == raw.count(b"\n"), path.name
        assert raw.endswith(b"\r\n"), path.name
        with pytest.raises(UnicodeDecodeError):
            raw.decode("utf-8")
    sales = (demo.folder / demo.deliveries[0].name).read_bytes()
    assert b";B\xfcro;" in sales
    assert b";Werbemittel bis 5 \x80;" in sales


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("sales_2025-12-31.csv", "Kunde;Auftrag;Position;Datum;Sparte;Umsatz;Waehrung"),
        ("accounts.csv", "Kunde;Name;Vertreter;Region;Kunde seit"),
        ("reps.csv", "Vertreter;Name;Mail"),
        ("visits_2025-12-31.csv", "Kunde;Vertreter;Datum;Ergebnis"),
    ],
)
def test_headers_are_those_that_the_study_maps(small: Demo, name: str, header: str) -> None:
    assert ";".join(records(small.folder / name)[0]) == header


def test_customer_numbers_have_ten_digits_in_some_deliveries_and_none_too_many_in_others(demo: Demo) -> None:
    lengths = [{len(row[0]) for row in records(demo.folder / x.name)[1:] if row[0]} for x in demo.deliveries]
    assert lengths[::2] == [{10}] * 4
    assert all(max(short) == 6 and min(short) < 6 for short in lengths[1::2])


def test_thousands_are_grouped_in_some_deliveries_only(demo: Demo) -> None:
    grouped = []
    for delivery in demo.deliveries:
        rows = [row for row in records(demo.folder / delivery.name)[1:] if is_sound(row)]
        large = [row[5] for row in rows if abs(money(row[5])) >= 1000]
        assert len(large) > 30
        assert len({"." in amount for amount in large}) == 1
        grouped.append("." in large[0])
    assert grouped == [True, True, False, False, True, True, False, False]


@pytest.mark.parametrize("size", ["demo", "small"])
def test_every_count_of_every_delivery_is_found_in_the_files(
    size: str, request: pytest.FixtureRequest
) -> None:
    """The seven steps of the ingest, by plain Python: later deliveries win, so they are read first."""
    made: Demo = request.getfixturevalue(size)
    taken: dict[Key, list[str]] = {}
    for delivery in reversed(made.deliveries):
        counts: Counter[str] = Counter()
        sums = {"loaded": Decimal(0), "cancelled": Decimal(0)}
        own: dict[Key, list[str]] = {}
        for row in records(made.folder / delivery.name)[1:]:
            counts["records"] += 1
            if not is_sound(row):
                counts["quarantined"] += 1
                continue
            key = (row[1], row[2])
            values = [row[0].zfill(10), row[3], row[4], str(money(row[5]))]
            if key in taken:
                counts["duplicates"] += 1
                counts["conflicts"] += taken[key] != values
                continue
            assert key not in own
            own[key] = values
            fate = "no_customer" if not row[0] else "cancelled" if row[1].startswith("C") else "loaded"
            counts[fate] += 1
            if fate in sums:
                sums[fate] += money(row[5])
        taken |= own

        names = ["records", "loaded", "duplicates", "conflicts", "no_customer", "cancelled", "quarantined"]
        assert {n: counts[n] for n in names} == {n: getattr(delivery, n) for n in names}, delivery.name
        assert (sums["loaded"], sums["cancelled"]) == (delivery.amount, delivery.credited), delivery.name


def test_totals_are_the_sums_over_the_deliveries_and_the_equation_holds(demo: Demo) -> None:
    fates = demo.loaded + demo.duplicates + demo.no_customer + demo.cancelled + demo.quarantined
    assert demo.records == fates
    assert 25_000 < demo.records < 40_000
    assert demo.cancelled > 500
    assert demo.no_customer >= 8
    assert demo.credited < 0 < demo.amount
    assert demo.amount == sum(x.amount for x in demo.deliveries)


def test_every_delivery_repeats_ten_days_of_the_previous_and_corrects_some(demo: Demo) -> None:
    for earlier, later in pairwise(demo.deliveries):
        assert (earlier.last_day - later.first_day).days == 9
        assert later.date - earlier.date == dt.timedelta(days=45)
        assert earlier.duplicates > 100
        assert 2 <= earlier.conflicts < 0.05 * earlier.duplicates
    assert (demo.deliveries[-1].duplicates, demo.deliveries[-1].conflicts) == (0, 0)


def test_a_handful_of_records_is_broken_in_each_of_five_ways(demo: Demo) -> None:
    faults: Counter[str] = Counter()
    for delivery in demo.deliveries:
        broken = [row for row in records(demo.folder / delivery.name)[1:] if not is_sound(row)]
        assert len(broken) == delivery.quarantined > 0
        for row in broken:
            faults["field too many" if len(row) == 8 else ""] += 1
            faults.update(text for text in row if text in ("31.02.2025", "12.34,5", "#MULTIVALUE", "USD"))
    del faults[""]
    assert faults == {"31.02.2025": 3, "12.34,5": 3, "#MULTIVALUE": 2, "USD": 3, "field too many": 3}


def test_cancellations_negate_the_lines_of_an_order(small: Demo) -> None:
    amounts: dict[Key, Decimal] = {}
    for delivery in reversed(small.deliveries):
        for row in records(small.folder / delivery.name)[1:]:
            if is_sound(row):
                amounts.setdefault((row[1], row[2]), money(row[5]))
    cancelled = {key: amount for key, amount in amounts.items() if key[0].startswith("C")}
    negated = [key for key, amount in cancelled.items() if amount == -amounts[key[0][1:], key[1]]]

    assert len(cancelled) == small.cancelled
    assert max(cancelled.values()) < 0
    # The rest was corrected after it had been cancelled.
    assert len(negated) >= len(cancelled) - small.conflicts


def test_master_data_hold_every_customer_once_and_twelve_representatives(demo: Demo) -> None:
    accounts = records(demo.folder / "accounts.csv")[1:]
    reps = records(demo.folder / "reps.csv")[1:]
    numbers = [row[0] for row in accounts]
    opened = [day(row[4]) for row in accounts]

    assert (len(accounts), len(set(numbers)), demo.customers) == (3000, 3000, 3000)
    assert {len(number) for number in numbers} == {10}
    assert len({row[1] for row in accounts}) == 3000
    assert sum(row[2] == "" for row in accounts) == demo.customers_without_rep == 3
    assert {row[2] for row in accounts} - {""} == {row[0] for row in reps} == {rep[0] for rep in REPS}
    assert len(reps) == demo.reps == 12
    assert all(row[2].isascii() and row[2].endswith("@nordkontor.example") for row in reps)
    assert min(opened).year == 2012
    assert max(opened).year == 2025


def test_names_are_as_hostile_as_real_ones(demo: Demo) -> None:
    names = {row[1] for row in records(demo.folder / "accounts.csv")[1:]}

    assert set(HOSTILE_NAMES) <= names
    assert {'=HYPERLINK("http://x")', "<script>alert(1)</script> GmbH", "O'Neil & Söhne"} <= names
    assert any(";" in name and '"' in name for name in names)
    assert any("\N{NO-BREAK SPACE}" in name for name in names)
    assert max(map(len, names)) > 250


def test_few_customers_are_fresh_at_every_delivery_too(small: Demo) -> None:
    for delivery in small.deliveries:
        dates = [day(row[3]) for row in records(small.folder / delivery.name)[1:] if is_sound(row)]
        assert delivery.first_day <= min(dates)
        assert delivery.date - dt.timedelta(days=2) <= max(dates) <= delivery.last_day
