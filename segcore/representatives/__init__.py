"""A page and a workbook for each representative: the own customers only, in a folder that cannot be guessed.

:mod:`segcore.representatives.secret` names the folders, :mod:`segcore.representatives.own` reads what belongs
to whom, :mod:`segcore.representatives.page` and :mod:`segcore.representatives.book` make the two files, and
:mod:`segcore.representatives.folder` puts them into a folder whose permissions stay what they are.
:mod:`segcore.archive.own_pages` says when.
"""

from __future__ import annotations

from segcore.representatives.making import Made, write
from segcore.representatives.own import TABLES, people
from segcore.representatives.secret import VARIABLE, Secret, needed, secret

__all__ = ["TABLES", "VARIABLE", "Made", "Secret", "needed", "people", "secret", "write"]
