"""Two runs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segcore import archive
from segcore.engine import ENGINES
from segcore.errors import ArchiveError
from segcore.review.diffing.notebooks import NotebookDiff, notebook_diff
from segcore.review.diffing.parts import WENT_IN, Change
from segcore.review.diffing.tables import CustomerCell, TableDiff, customer_cells, table_diff

SCHEMA = 1
CUSTOMERS = "data/customers.parquet"


@dataclass(frozen=True)
class RunDiff:
    """In what two runs differ.

    Parameters
    ----------
    old, new
        The runs.
    parts
        Part of what went in → its changes; parts that are the same have none.
    customers
        Customers by the segments they left and entered.
    tables
        The tables whose rows differ.
    notebooks
        The notebooks whose source or text put out differs.
    files
        Other files whose bytes differ; a notebook, if nothing but its pictures does.
    """

    old: archive.Run
    new: archive.Run
    parts: Mapping[str, Sequence[Change]]
    customers: Sequence[CustomerCell]
    tables: Sequence[TableDiff]
    notebooks: Sequence[NotebookDiff]
    files: Sequence[str]

    @property
    def same(self) -> bool:
        """Whether nothing went in and nothing came out that differs."""
        return not (any(self.parts.values()) or self.tables or self.notebooks or self.files)

    def as_json(self) -> dict[str, Any]:
        """The differences for machines."""
        return {
            "schema": SCHEMA,
            "runs": [
                {
                    "study": run.manifest["study"],
                    "run_date": run.manifest["run_date"],
                    "folder": run.folder.as_posix(),
                    "manifest_sha256": run.sha256,
                }
                for run in (self.old, self.new)
            ],
            "same": self.same,
            "parts": {name: [asdict(change) for change in found] for name, found in self.parts.items()},
            "customers": [asdict(cell) for cell in self.customers],
            "tables": [asdict(table) for table in self.tables],
            "notebooks": [asdict(notebook) for notebook in self.notebooks],
            "files": list(self.files),
        }


def compare(first: Path, second: Path) -> RunDiff:
    """Compare two sealed runs.

    Parameters
    ----------
    first, second
        Their folders.

    Raises
    ------
    ArchiveError
        If one of them is no sealed run, or is not as it was sealed.
    """
    old, new = archive.open_run(first), archive.open_run(second)
    problems = [told for run in (old, new) for told in archive.differences(run, run.outputs)]
    if problems:
        raise ArchiveError(*problems)
    differing = [
        name
        for name in sorted({*old.outputs, *new.outputs})
        if old.outputs.get(name, {}).get("sha256") != new.outputs.get(name, {}).get("sha256")
    ]
    tables = [name for name in differing if name.endswith(".parquet")]
    notebooks = [name for name in differing if name.endswith(".ipynb")]
    notebooks = [name for name in notebooks if name in old.outputs and name in new.outputs]
    with ENGINES["duckdb"](folders=[first, second]) as engine:
        moved = CUSTOMERS in old.outputs and CUSTOMERS in new.outputs
        cells = customer_cells(engine, first / CUSTOMERS, second / CUSTOMERS) if moved else []
        rows = [table_diff(engine, Path(n).stem, _path(old, n), _path(new, n)) for n in tables]
    sources = [notebook_diff(first / name, second / name) for name in notebooks]
    told = [found for found in sources if found.lines or found.outputs]
    return RunDiff(
        old=old,
        new=new,
        parts={name: changes(old, new) for name, changes in WENT_IN.items()},
        customers=cells,
        tables=[table for table in rows if not table.same],
        notebooks=told,
        files=[
            name for name in differing if name not in {*tables, *(f"notebooks/{n.name}.ipynb" for n in told)}
        ],
    )


def _path(run: archive.Run, name: str) -> Path | None:
    return run.folder / name if name in run.outputs else None
