"""What comes from outside never reaches a terminal as something that it obeys."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from segcore.printable import LAYOUT, Escaping, escaped, unprintable


@pytest.mark.parametrize(
    "character",
    [
        "\0",
        "\a",
        "\t",
        "\r",
        "\x1b",
        "\x7f",
        "\x85",
        "\x9b",
        "\u2028",
        "\u202e",
        "\u2066",
        "\udce9",
        "\uffff",
    ],
)
def test_a_character_that_terminals_obey_is_found_and_shown(character: str) -> None:
    name = f"U+{ord(character):04X}"
    assert unprintable(f"a{character}b") == name
    assert escaped(f"a{character}b\n") == f"a\\u{name[2:].lower()}b\n"


@pytest.mark.parametrize("text", ["", "Zürich ₂ → €", "שלום", "👩\u200d🔬", "1\u00a0234", "a\nb"])
def test_other_text_is_shown_as_it_is(text: str) -> None:
    assert escaped(text) == text
    assert unprintable(text, but=LAYOUT) == ""


def test_json_is_read_back_as_it_was() -> None:
    told = {"name": "a\x1b[31m\x9b2J\udce9\\", "title": "Zürich"}
    out = io.StringIO()
    print(json.dumps(told, ensure_ascii=False), file=Escaping(_Encoded(out)))
    assert out.getvalue().rstrip("\n").isprintable()
    assert json.loads(out.getvalue()) == told


class _Encoded(io.TextIOBase):
    """A stream in an encoding that strings in memory have none of."""

    def __init__(self, to: io.StringIO, encoding: str = "utf-8") -> None:
        self._to, self._encoding = to, encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def write(self, text: str) -> int:
        text.encode(self._encoding)
        return self._to.write(text)


def test_what_an_encoding_lacks_is_escaped_too() -> None:
    out = io.StringIO()
    print("a → b", file=Escaping(_Encoded(out, "ascii")))
    assert out.getvalue() == "a \\u2192 b\n"


def segcore(*words: str | bytes, at: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "segcore", *words]
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)


class TestTheCommand:
    """Real processes: what they print on both streams."""

    EVIL = "\x1b]0;owned\x07\x9b31m"
    SHOWN = "\\u001b]0;owned\\u0007\\u009b31m"

    def test_a_problem_shows_what_was_typed_and_what_a_file_holds(self, tmp_path: Path) -> None:
        (tmp_path / "params").mkdir()
        (tmp_path / "params" / f"a{self.EVIL}.yaml").write_text("")
        told = segcore("rules", "check", f"x{self.EVIL}", at=tmp_path)
        assert told.returncode == 2
        assert told.stderr.startswith(
            "segcore: 'x\\x1b]0;owned\\x07\\x9b31m' must be a study of this project"
        )
        assert f"(there are a{self.SHOWN})" in told.stderr

    def test_a_name_that_no_encoding_has_is_no_traceback(self, tmp_path: Path) -> None:
        (tmp_path / "params").mkdir()
        told = segcore("rules", "check", b"caf\xe9.yaml", at=tmp_path)
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr.startswith("segcore: caf\\udce9.yaml: there must be a study in this file")

    def test_a_project_whose_path_no_text_can_hold_is_refused_before_any_work(self, tmp_path: Path) -> None:
        folder = Path(str(tmp_path) + "/a\x1bb")
        (folder / "params").mkdir(parents=True)
        told = segcore("list", at=folder)
        assert (told.returncode, told.stderr) == (
            2,
            f"segcore: '{tmp_path}/a\\x1bb': the path of a project must have no control characters "
            "(it holds U+001B); rename the folder\n",
        )
