"""Where nobody can ask today's source of representatives, whoever sends learns that nothing was compared."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_mailing import EACH, post
from small_representatives import SECRET

SAYS = (
    "warning: acme 2025-03-01: mails to representatives go to the addresses of the run, for what the reps "
    "source says today is not known ("
)
COLUMNS = "columns: {rep: rep, name: name, email: email}}\nvariables:"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("files: [reps.csv]", "the folder does not exist"),
        ("query: select 1, connection: REPS_DATABASE", "it is a query, which only runs ask)"),
    ],
)
def test_it_is_told_and_the_mails_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    monkeypatch.setenv("SEGCORE_REPS_SECRET", SECRET)
    with post(tmp_path) as acme:
        path = acme.study.path
        path.write_text(path.read_text().replace("variables:", f"  reps: {{{source}, {COLUMNS}"))
        [told] = acme.send().queued[0].told
        assert told.startswith(SAYS) and why in told
        assert acme.got == EACH
