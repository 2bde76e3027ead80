"""The command ``segcore``: errors become sentences and exit codes, never tracebacks."""

from __future__ import annotations

import sys
from typing import TextIO, cast


def main() -> None:
    """Run the command line; exits with 0 (done), 1 (a stage failed), 2 (usage) or 4 (locked)."""
    from segcore.cli import app
    from segcore.errors import SegcoreError
    from segcore.printable import Escaping

    # Names, titles and what stands in files come from outside; a terminal obeys some characters.
    sys.stdout, sys.stderr = (cast(TextIO, Escaping(s)) for s in (sys.stdout, sys.stderr))
    try:
        app()
    except SegcoreError as error:
        for problem in error.problems:
            print(f"segcore: {problem}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("segcore: stopped; nothing was published", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
