"""The command ``segcore``: errors become sentences and exit codes, never tracebacks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TextIO, cast


def main() -> None:
    """Run the command line; the exit codes stand in :mod:`segcore.errors`."""
    from segcore import stopping
    from segcore.cli import app
    from segcore.disk import told
    from segcore.errors import SegcoreError
    from segcore.printable import Escaping

    stopping.listen()
    # Names, titles and what stands in files come from outside; a terminal obeys some characters.
    sys.stdout, sys.stderr = (cast(TextIO, Escaping(s)) for s in (sys.stdout, sys.stderr))
    try:
        app()
    except SegcoreError as error:
        for problem in error.problems:
            print(f"segcore: {problem}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt as stop:
        print("segcore: stopped", file=sys.stderr)
        sys.exit(143 if stop.args == ("SIGTERM",) else 130)
    except OSError as error:
        print(f"segcore: {told(error, Path())}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
