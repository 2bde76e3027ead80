"""Every error that segcore raises on purpose.

::

    SegcoreError                 exit code
    ├── UsageError                   2      can be mended before any work is done
    │   ├── ParamsError              2      a study file says something impossible
    │   ├── RulesError               2      a rule table does
    │   ├── InputError               2      an extract is not what the study says
    │   ├── BreaksError              2      a variable cannot be cut into its classes
    │   ├── ModelError               2      a model does not belong to the study
    │   ├── ArchiveError             2      a run is missing, sealed, altered or published already
    │   └── MailError                2      a mail cannot be made, queued or sent as it is asked for
    ├── StageError                   1      a notebook or the disk failed; it says what is published
    ├── PartlySentError              3      some mails wait, are in doubt or were refused
    ├── LockedError                  4      another run is under way, or the memory is taken
    └── StoppedError           130, 143     Ctrl-C, or SIGTERM

A message is for the person who must act: what it is about, what must hold, what was found,
what to do. An error carries all problems of its kind at once, one sentence each.
"""

from __future__ import annotations


class SegcoreError(Exception):
    """Base of all errors of segcore.

    Parameters
    ----------
    *problems
        One sentence for each problem, in the order in which they should be read.
    """

    exit_code = 1

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UsageError(SegcoreError):
    """Something the user gave cannot be used as it is."""

    exit_code = 2


class ParamsError(UsageError):
    """A study file is wrong."""


class RulesError(UsageError):
    """A rule table is wrong."""


class InputError(UsageError):
    """An extract cannot be read as the study says."""


class BreaksError(UsageError):
    """A variable cannot be cut into the classes that were asked for."""


class ModelError(UsageError):
    """A model does not belong to the study."""


class ArchiveError(UsageError):
    """A run is missing, sealed, altered or published already."""


class MailError(UsageError):
    """A mail cannot be made, queued or sent as it is asked for; nothing was queued."""


class PartlySentError(SegcoreError):
    """Some mails wait for another attempt, are in doubt, or were refused; the others are sent."""

    exit_code = 3


class StageError(SegcoreError):
    """A notebook failed, or the disk did; the message says what is published.

    ``cell`` says where a notebook failed, for who must be told and may not see what it says.
    """

    cell: tuple[str, int] | None = None

    @classmethod
    def at(cls, notebook: str, cell: int, *problems: str) -> StageError:
        """What to raise when a cell of a notebook failed."""
        made = cls(*problems)
        made.cell = (notebook, cell)
        return made


class LockedError(SegcoreError):
    """Another run of the study is under way, or others hold the machine's memory."""

    exit_code = 4


class StoppedError(SegcoreError):
    """A run was stopped by Ctrl-C (exit code 130) or SIGTERM (143)."""

    def __init__(self, *problems: str, exit_code: int = 130) -> None:
        super().__init__(*problems)
        self.exit_code = exit_code

    @classmethod
    def of(cls, stop: KeyboardInterrupt, *problems: str) -> StoppedError:
        """What to raise in the place of Python's own, which says SIGTERM if it was that."""
        return cls(*problems, exit_code=143 if stop.args == ("SIGTERM",) else 130)
