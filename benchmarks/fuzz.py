"""Mutations of sound files: each is refused with a sentence, or nothing of it is lost.

``python -m benchmarks.fuzz [FILES [SEED]]`` tries so many files with one mutation or more, over all
processors (or FUZZ_PROCESSES of them); what fails is printed with the seed that makes it again.

Of each file that is read the lines are counted once more from its bytes; they must be the records and
what was skipped, and the records must be those that were loaded or told. Where mutations touched single
records of a format without quotes, every other record must be loaded as before.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count
from random import Random

from benchmarks.fuzz_files import FORMS
from benchmarks.fuzz_reading import Found, tried
from segcore.engine import DuckDB

SEED = 20_251_231
FILES = 100_000
AT_ONCE = 100
"""Files that are typed and judged together."""

ALONE = 10
"""Files of a batch that are read one by one, as every tenth batch is."""

_ENGINE: list[DuckDB] = []


def plan(seed: int) -> Iterator[tuple[str, int]]:
    """Formats with seeds, each format as often as its share, without end."""
    names = list(FORMS)
    shares = [form.share for form in FORMS.values()]
    for number in count():
        random = Random(f"{seed} {number}")
        yield random.choices(names, shares)[0], seed + number


def batch(name: str, seed: int) -> Found:
    """One batch, with this process's engine."""
    if not _ENGINE:
        _ENGINE.append(DuckDB(memory_limit="512MB"))
        _ENGINE[0].execute("set threads = 1")
    alone = name == "workbook" or seed % 10 == 0
    files = 2 if name == "workbook" else ALONE if alone else AT_ONCE
    return tried(_ENGINE[0], name, seed, files, alone=alone)


def main() -> None:
    """Try files over all processors until there are enough, and say what was found."""
    wanted, seed = [*map(int, sys.argv[1:3]), *(FILES, SEED)[len(sys.argv) - 1 :]]
    start, batches = time.perf_counter(), plan(seed)
    totals: Counter[str] = Counter()
    workers = int(os.environ.get("FUZZ_PROCESSES") or os.cpu_count() or 1)
    with ProcessPoolExecutor(workers) as pool:
        running: set[Future[Found]] = {pool.submit(batch, *next(batches)) for _ in range(2 * workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for found in (future.result() for future in done):
                totals.update(files=found.files, mutations=found.mutations, refused=found.refused)
                totals.update(failures=len(found.failures))
                for failure in found.failures:
                    print(failure, flush=True)
                if totals["files"] < wanted:
                    running.add(pool.submit(batch, *next(batches)))
    seconds = time.perf_counter() - start
    told = ", ".join(f"{number:,} {what}" for what, number in totals.items())
    print(f"{told}; {seconds:.0f} s, {totals['files'] / seconds:.0f} files a second; seed {seed}")
    sys.exit(totals["failures"] > 0)


if __name__ == "__main__":
    main()
