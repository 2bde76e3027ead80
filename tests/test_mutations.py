"""The planted mistakes still apply; whether they are found is what ``make mutate`` says."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.drawn import EQUIVALENT, MODULES, drawn, possible  # noqa: E402
from benchmarks.mutate import TESTS  # noqa: E402
from benchmarks.mutations import BY_HAND, Mutation  # noqa: E402


@pytest.mark.slow
def test_the_notebooks_in_one_process_show_what_is_kept(tmp_path):
    """With which planted mistakes are judged; it must find none where there is none."""
    code = (
        "from pathlib import Path; from benchmarks.in_process import differences; "
        f"print(differences(Path({str(ROOT)!r}), Path({str(tmp_path / 'scratch')!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


@pytest.mark.parametrize("mutation", BY_HAND, ids=lambda m: m.what)
def test_a_mistake_can_still_be_planted(mutation):
    right = (ROOT / mutation.file).read_text(encoding="utf-8")
    wrong = mutation.planted(right)
    assert wrong != right
    ast.parse(wrong)


@pytest.mark.parametrize("module", MODULES)
def test_mistakes_are_drawn_from_modules_that_there_are(module):
    assert list(ROOT.glob(module))


@pytest.mark.parametrize(("start", "names"), TESTS.items())
def test_what_is_said_to_concern_a_module_is_there(start, names):
    assert list(ROOT.glob(f"{start}*"))
    assert all(list((ROOT / "tests").glob(f"test_{name}*.py")) for name in names)


def test_a_mistake_that_does_not_apply_once_is_refused(tmp_path):
    mutation = Mutation("", "a.py", "1", "2")
    for text, times in (("", 0), ("11", 2)):
        with pytest.raises(ValueError) as caught:
            mutation.planted(text)
        assert str(caught.value) == f"a.py must hold '1' once (got {times} times)"
    with pytest.raises(ValueError) as caught:
        Mutation("", "a.py", "1", "2", at=1).planted("12")
    assert str(caught.value) == "a.py must hold '1' at 1 (it does not)"


def test_the_same_seed_draws_the_same_mistakes_and_another_others():
    assert drawn(ROOT, 12, seed=1) == drawn(ROOT, 12, seed=1)
    assert drawn(ROOT, 12, seed=1) != drawn(ROOT, 12, seed=2)


@pytest.mark.parametrize("line", sorted(line for line, _ in EQUIVALENT))
def test_a_line_in_which_nothing_can_be_noticed_is_still_there_once(line):
    texts = [path.read_text(encoding="utf-8") for module in MODULES for path in ROOT.glob(module)]
    assert sum(line in text for text in texts) == 1


def test_every_kind_of_mistake_is_drawn_from_the_syntax_tree(tmp_path):
    (tmp_path / "a.py").write_text(
        '"""Not this: where x < 1."""\n'
        "def f(x: int = 3) -> int | None:\n"
        '    """Nor this: max(x)."""\n'
        "    if x < 4 and not x in ():\n"
        "        raise ValueError('where x < 1')\n"
        "    return f'select max({x < y}) from t where ö < {x}'\n",
        encoding="utf-8",
    )
    found = [(m.old, m.new) for m in possible(tmp_path / "a.py", tmp_path)]
    assert found == [
        ("3", "4"),
        ("3", "2"),
        ("and", "or"),
        ("<", "<="),
        ("4", "5"),
        ("4", "3"),
        ("not ", ""),
        ("in", "not in"),
        ("f'select max({x < y}) from t where ö < {x}'", "None"),
        ("<", "<="),
        ("max", "min"),
    ]
