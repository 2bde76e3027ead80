"""The command line as a user meets it: real processes (but for long runs), their output and exit codes."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shared_projects import Told, copied, keep_to_tables, told_by, write_small_demo
from small_command import run_here

from segcore.demo import RUN_DATES

ROOT = Path(__file__).resolve().parents[1]


def segcore(*words: str, at: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    environment = {k: v for k, v in os.environ.items() if k != "SEGCORE_DATA_DIR"}
    command = [sys.executable, "-m", "segcore", *words]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)


def here(*words: str, at: Path) -> Told:
    """The same in this process and without charts, for runs in which no process of their own is looked at."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code = run_here(at, words, out, err)
    return Told(code, *(text.buffer.getvalue().decode() for text in (out, err)))


@pytest.fixture(scope="module")
def demo(small_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small company with three published runs."""
    return copied(small_demo, tmp_path_factory.mktemp("demo"))


LAST = RUN_DATES[-1].isoformat()
SEGMENTS = ["Champions", "Loyal", "Needs attention", "At risk", "Lost"]


@pytest.mark.slow
class TestPublished:
    """What a user does with runs that are there."""

    def test_a_backfill_tells_every_stage_of_every_run_and_the_list_of_runs(self, small_demo: Path) -> None:
        told = told_by(small_demo)
        assert told.err.splitlines() == [
            f"{date} {stage}"
            for date in RUN_DATES[-3:]
            for stage in ("ingest", "segment", "transitions", "report", "page")
        ]
        assert (told.code, told.out.splitlines()[-1]) == (0, "reports/index.html")

    def test_the_same_run_again_is_no_work_and_says_where_the_report_is(self, demo: Path) -> None:
        told = segcore("run", "params/demo.yaml", "--date", LAST, at=demo)
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout.splitlines()[-1] == f"reports/demo/{LAST}/report.html"
        assert (demo / told.stdout.splitlines()[-1]).exists()

    def test_the_summary_for_machines_adds_up(self, demo: Path) -> None:
        told = json.loads(segcore("run", "params/demo.yaml", "--date", LAST, "--json", at=demo).stdout)
        assert told["status"] == "unchanged"
        text = json.dumps(told)
        assert all(segment in text for segment in SEGMENTS)

    def test_list_names_every_run_once_and_none_is_stale(self, demo: Path) -> None:
        listed = json.loads(segcore("list", "--json", at=demo).stdout)
        assert [entry["run_date"] for entry in listed] == [d.isoformat() for d in RUN_DATES[-3:]]
        assert [entry["stale"] for entry in listed] == ["", "", ""]

    def test_verify_finds_nothing_altered(self, demo: Path) -> None:
        told = segcore("verify", at=demo)
        assert (told.returncode, len(told.stdout.splitlines())) == (0, 3)

    def test_rules_check_speaks_of_days_and_orders_where_a_run_is_published(self, demo: Path) -> None:
        lines = segcore("rules", "check", "demo", at=demo).stdout.splitlines()
        assert lines[-9].startswith("params/demo.rules.csv: line 3: Loyal if last order up to ")
        assert lines[-1].startswith(
            "params/demo.rules.csv: 9 rules cover every combination of classes, told in "
        )

    def test_a_model_is_read_out_compared_and_printed_for_another_database(self, demo: Path) -> None:
        run, before = (f"demo/{date}" for date in (RUN_DATES[-1], RUN_DATES[-2]))
        shown = segcore("model", "show", run, at=demo).stdout.splitlines()
        assert shown[0].startswith("demo: breaks of 20") and shown[0].endswith("lies in 95 of 100 fits")
        same = segcore("model", "diff", before, run, at=demo)
        assert same.stdout == "nothing differs: both runs use the same model\n"
        assert "WHEN `recency` <=" in segcore("model", "sql", run, "--dialect", "spark", at=demo).stdout
        wrong = segcore("model", "sql", run, "--dialect", "sprak", at=demo)
        assert wrong.returncode == 2
        assert wrong.stderr.endswith("(got 'sprak'); did you mean spark?\n")

    def test_the_same_table_moves_nobody(self, demo: Path) -> None:
        told = segcore("rules", "preview", "params/demo.rules.csv", at=demo)
        assert told.returncode == 0
        assert told.stdout.splitlines()[-1].startswith("0 of ")

    def test_why_prints_a_card_and_the_same_for_machines(self, demo: Path) -> None:
        listed = (demo / "reports" / "demo" / LAST / "call_list.csv").read_text(encoding="utf-8-sig")
        with_zeros = listed.splitlines()[1].split(",")[2]
        told = segcore("why", "demo", with_zeros.lstrip("0"), at=demo)
        assert told.returncode == 0, told.stderr
        assert f"({with_zeros}), demo on 31 December 2025" in told.stdout.splitlines()[0]
        card = json.loads(segcore("why", "demo", with_zeros, "--json", at=demo).stdout)
        assert (card["customer_id"], card["call"]["position"]) == (with_zeros, 1)

    def test_why_of_nobody_known_is_one_sentence(self, demo: Path) -> None:
        told = segcore("why", "demo", "no such", "--date", LAST, at=demo)
        assert told.returncode == 2
        assert told.stderr == (
            f"segcore: CUSTOMER must be the number of a customer whom demo/{LAST} knows (got 'no such'); its "
            "customers.parquet has them all\n"
        )

    def test_a_preview_tells_from_where_to_where_before_anything_is_saved(self, demo: Path) -> None:
        text = (demo / "params" / "demo.rules.csv").read_text()
        edited = demo / "demo-draft.csv"
        edited.write_text(text.replace("Champions,>=4,>=3", "Champions,5,5"))
        told = json.loads(segcore("rules", "preview", str(edited), "--json", at=demo).stdout)
        assert told["moved"] == sum(move["customers"] for move in told["moves"]) > 0
        assert {move["from_segment"] for move in told["moves"]} == {"Champions"}

    def test_changed_rules_need_force_and_it_says_what_differs(self, demo: Path, tmp_path: Path) -> None:
        copy = copied(demo, tmp_path / "copy")
        path = copy / "params" / "demo.rules.csv"
        path.write_text(path.read_text().replace("Champions,>=4,>=3", "Champions,5,5"))
        told = segcore("run", "params/demo.yaml", "--date", LAST, at=copy)
        assert told.returncode == 2
        assert "rules" in told.stderr
        assert "--force" in told.stderr
        assert "Traceback" not in told.stderr
        forced = here("run", "params/demo.yaml", "--date", LAST, "--force", at=copy)
        assert forced.code == 0, forced.err
        assert forced.out.splitlines()[-2] == (
            "warning: Rules, breaks or population changed. The segments of 16 November 2025 were made with "
            "other rules or breaks, or of another population or other exclusions, so part of the moves is "
            "not the customers’ doing; “Why they moved” tells which. Runs that are made again lose their "
            "hold-outs, and with them what these say of the effect of following up. To compare like with "
            "like, make the earlier runs again: "
            "segcore backfill demo --from 2025-10-02 --to 2025-11-16 --force"
        )

    def test_runs_in_any_order_give_the_same_bytes(self, demo: Path, tmp_path: Path) -> None:
        other = write_small_demo(tmp_path / "descending")
        keep_to_tables(other / "notebooks")
        for date in reversed(RUN_DATES[-2:]):
            told = here("run", "params/demo.yaml", "--date", date.isoformat(), at=other)
            assert told.code == 0, told.err
        for date in RUN_DATES[-2:]:
            for name in ("model.json", "data/customers.parquet"):
                ours = other / "runs" / "demo" / date.isoformat() / name
                theirs = demo / "runs" / "demo" / date.isoformat() / name
                assert ours.read_bytes() == theirs.read_bytes(), (date, name)


MISTAKES = {
    "no study": (
        ["run", "params/acme.yaml", "--date", "2025-12-31"],
        "segcore: params/acme.yaml: there must be a study in this file (no such file; "
        "params holds adventureworks.yaml, demo.yaml, online_retail.yaml)\n",
    ),
    "odd date": (
        ["run", "params/demo.yaml", "--date", "31.12.2025"],
        "segcore: --date must be a day written as YYYY-MM-DD, like 2025-12-31 (got '31.12.2025')\n",
    ),
    "no colon": (
        ["run", "params/demo.yaml", "--date", "2025-12-31", "-P", "region"],
        "segcore: -P must be NAME:VALUE, like -P region:north (got 'region')\n",
    ),
    "why before a run": (
        ["why", "demo", "4711"],
        "segcore: runs/demo: there must be a published run (there is none); make one with "
        "segcore run demo --date YYYY-MM-DD\n",
    ),
    "preview of nothing known": (
        ["rules", "preview", "other.csv"],
        "segcore: other.csv: must be named after a study (there are adventureworks, demo, online_retail); "
        "rename it, or say --study NAME\n",
    ),
    "preview before a run": (
        ["rules", "preview", "params/demo.rules.csv"],
        "segcore: runs/demo: there must be a published run (there is none); make one with "
        "segcore run demo --date YYYY-MM-DD\n",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_sentence_and_exit_code_2(mistake: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    words, message = MISTAKES[mistake]
    told = segcore(*words, at=tmp_path)
    assert (told.returncode, told.stdout, told.stderr) == (2, "", message)


def test_an_empty_archive_says_how_to_start(tmp_path: Path) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "notes").mkdir()
    told = segcore("list", at=tmp_path / "notes")
    assert told.stdout == "no run is published yet; start with: segcore run NAME --date YYYY-MM-DD\n"


@pytest.mark.parametrize("words", [["list"], ["init", "acme", "sales.csv"], ["run", "demo", "--date", LAST]])
def test_outside_of_a_project_it_is_said_how_to_make_one(words: list[str], tmp_path: Path) -> None:
    told = segcore(*words, at=tmp_path)
    assert (told.returncode, told.stderr) == (
        2,
        f"segcore: {tmp_path}: must lie in a project, a folder with params/ in it (there is none from here "
        "upwards); go there, or make one with: segcore new .\n",
    )


def test_an_unknown_study_is_answered_with_those_there_are(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    told = segcore("run", "dmeo", "--date", "2025-12-31", at=tmp_path)
    assert (told.returncode, told.stderr) == (
        2,
        "segcore: 'dmeo' must be a study of this project (there are adventureworks, demo, online_retail), "
        "or the path of a study's file\n",
    )


def test_rules_check_explains_every_rule(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "params", tmp_path / "params")
    told = segcore("rules", "check", "params/demo.yaml", at=tmp_path)
    assert told.returncode == 0
    lines = told.stdout.splitlines()
    assert lines[0] == (
        "params/demo.rules.csv: line 2: Champions if recency is class 4 or 5, "
        "frequency in 12 months is class 3 or better and products in 12 months is class 2"
    )
    assert lines[-1] == "params/demo.rules.csv: 9 rules cover every combination of classes"


@pytest.mark.slow
def test_a_run_date_before_the_first_order_is_refused(tmp_path: Path) -> None:
    folder = write_small_demo(tmp_path / "p", customers=100)
    early = dt.date(2020, 1, 1).isoformat()
    told = segcore("run", "params/demo.yaml", "--date", early, at=folder)
    assert told.returncode in (1, 2)
    assert "must not lie before the first order" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (folder / "runs" / "demo" / early).exists()


def broken(root: Path) -> Path:
    """The demo's project with every second amount of one delivery beyond reading."""
    folder = write_small_demo(root, customers=100)
    path = sorted((folder / "data" / "demo").glob("sales_*.csv"))[0]
    head, *lines = path.read_text("cp1252").splitlines()
    bad = [";".join([*text.split(";")[:5], "?", text.split(";")[-1]]) for text in lines[::2]]
    path.write_text("\n".join([head, *bad, *lines[1::2], ""]), "cp1252")
    return folder


@pytest.mark.slow
def test_a_check_says_what_stops_and_a_run_is_told_why_it_may_go_on(tmp_path: Path) -> None:
    folder = broken(tmp_path / "p")
    told = segcore("check", "demo", "--date", LAST, "--xlsx", "refused.xlsx", at=folder)
    assert told.returncode == 1
    assert "stops: transactions: every record must be readable" in told.stdout
    assert told.stderr.startswith("refused.xlsx: ")
    assert (folder / "refused.xlsx").stat().st_size > 1000
    stopped = here("run", "demo", "--date", LAST, "--quiet", at=folder)
    assert stopped.code == 1
    assert "or pass it once with --accept transactions.quarantine --because TEXT" in stopped.err
    words = ["--accept", "quarantine", "--because", "the old system"]
    keep_to_tables(folder / "notebooks")
    accepted = here("run", "demo", "--date", LAST, "--quiet", *words, at=folder)
    assert accepted.code == 0, accepted.err
    warned = [text for text in accepted.out.splitlines() if text.startswith("warning: Passed once")]
    assert len(warned) == 1
    assert warned[0].endswith("Accepted because: the old system.")
