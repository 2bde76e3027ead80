"""What several test modules share.

A test that reads published runs of real notebooks takes ``small_demo``: three runs of 300 customers, made
once for all tests and never changed. One that changes them takes a copy, ``copied(small_demo, tmp_path)``.
Another project that takes longer than a second is a fixture that calls ``made_once`` of
``shared_projects.py`` in the same way; a test for which a dozen customers will do takes ``Project`` of
``small_project.py``, whose notebooks are a few words.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcore.grammars import without_grammars

without_grammars()  # before anything imports nbformat
# As in the kernels of a run, and before anything imports numpy: its threads wait for work by turning around,
# on small matrices twenty times as long as they work, on processors that other tests want.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import order_of_tests  # noqa: E402
import pytest  # noqa: E402
import shared_projects  # noqa: E402
import small_project  # noqa: E402

from segcore.drawer import Drawer  # noqa: E402
from segcore.forking import Parent  # noqa: E402
from segcore.kernels import Kernels  # noqa: E402

if TYPE_CHECKING:
    from small_mailing import Post

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets: $SEGCORE_DATA_DIR, else ../shared/data.

    Without it tests fail in CI; elsewhere they are skipped with the same sentence.
    """
    folder = Path(os.environ.get("SEGCORE_DATA_DIR") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        message = (
            f"the public data sets must be in {folder} (no such folder): put them there, "
            "or set SEGCORE_DATA_DIR to where they are"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    return folder.resolve()


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the demo's study, 300 customers and three published runs; nobody changes it."""
    return shared_projects.made_once(tmp_path_factory, "small-demo", shared_projects.run_small_demo)


@pytest.fixture(scope="session")
def german_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with two runs and a study in German; nobody changes it."""
    return shared_projects.made_once(tmp_path_factory, "german-demo", shared_projects.run_german_demo)


@pytest.fixture(autouse=True, scope="session")
def no_secret_and_browser_of_the_user() -> Iterator[None]:
    """What a user has set must not change what a test finds, nor what a project of many tests holds."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("SEGCORE_REPS_SECRET", "SEGCORE_CHROMIUM"):
            patched.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def one_process_that_forks_kernels() -> Iterator[None]:
    """Runs in this process share it, as those of a backfill do: each new one imports for seconds."""

    class Shared(Kernels):
        def __init__(self, folder: Path, *, parent: Parent | None = None, **options: Any) -> None:
            super().__init__(folder, parent=parent or small_project.parent(), **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("segcore.runner.ready.Kernels", Shared)
        patched.setattr("segcore.review.repeating.Kernels", Shared)
        yield


@pytest.fixture(autouse=True, scope="session")
def one_process_that_draws() -> Iterator[None]:
    """The same for the process that draws charts, which each run would start anew."""
    with Drawer() as drawer, pytest.MonkeyPatch.context() as patched:
        patched.setattr("segcore.runner.ready.Drawer", lambda: nullcontext(drawer))
        yield


@pytest.fixture(autouse=True)
def no_data_folder_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a user keeps data must not change what a test finds; ``shared_data`` has looked already."""
    monkeypatch.delenv("SEGCORE_DATA_DIR", raising=False)


@pytest.hookimpl(trylast=True)
@pytest.fixture
def acme(tmp_path: Path) -> Iterator[Post]:
    """A study with a published run, and a server that takes mails about it."""
    from small_mailing import post

    with post(tmp_path) as made:
        yield made


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests first, in every worker."""
    items[:] = order_of_tests.dealt(items, getattr(config, "workerinput", {}).get("workercount", 1))


def pytest_collection_finish() -> None:
    """What thousands of tests consist of stays to the end: it is no garbage to be looked through again."""
    gc.collect()
    gc.freeze()
