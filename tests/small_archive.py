"""Run folders that hold a few words instead of tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segcore import archive

MARCH, APRIL, JUNE = dt.date(2025, 3, 1), dt.date(2025, 4, 15), dt.date(2025, 6, 1)


def filled(places: archive.Places, date: dt.date, words: str = "customers") -> dict[str, Any]:
    """Stage a run, compared with the published run before it; what its manifest is going to say."""
    folder = archive.stage(places, date)
    (folder / "data" / "customers.parquet").write_text(words)
    (folder / "report" / "report.html").write_text(f"<p>{words}</p>")
    (folder / "timings.json").write_text("{}")
    before = archive.previous_run(places.runs, date)
    return {
        "study": places.study,
        "run_date": date.isoformat(),
        "inputs": [],
        "model": {"from": None},
        "previous": archive.open_run(before).reference if before else None,
    }


def staged(
    places: archive.Places, date: dt.date, words: str = "customers", inputs: Sequence[Any] = ()
) -> archive.Run:
    """A sealed run that is not published yet."""
    facts = filled(places, date, words)
    return archive.seal(places.staging(date), {**facts, "inputs": list(inputs)})


def make(
    places: archive.Places,
    date: dt.date,
    words: str = "customers",
    *,
    replace: bool = False,
    inputs: Sequence[Any] = (),
) -> Path:
    """A published run."""
    return archive.publish(places, staged(places, date, words, inputs), replace=replace).folder


def rewrite(path: Path, text: str) -> None:
    """Alter a published file, as somebody who may would."""
    path.chmod(0o644)
    path.write_text(text)


def kept_input(places: archive.Places, text: str, name: str = "sales.csv") -> dict[str, str]:
    """Put an extract into the store of inputs; what a run records of it."""
    import hashlib

    digest = hashlib.sha256(text.encode()).hexdigest()
    places.inputs.mkdir(parents=True, exist_ok=True)
    (places.inputs / f"{digest}.csv").write_text(text)
    return {"name": name, "sha256": digest}
