"""Runs that somebody wants to be told about; kept with the archive, for erasing somebody asks for it too."""

from segcore.archive.promised import FILE, forget, promise, promised

__all__ = ["FILE", "forget", "promise", "promised"]
