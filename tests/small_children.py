"""What a reader may do to its own process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pyarrow as pa

from segcore.sources.formats import Delivery
from segcore.sources.formats.batches import batches


def crash(_: Delivery) -> Iterator[pa.RecordBatch]:
    yield from batches([(["1"], None)])
    os.abort()


def killed(_: Delivery) -> Iterator[pa.RecordBatch]:
    os.kill(os.getpid(), signal.SIGKILL)
    yield from ()


def eat(_: Delivery) -> Iterator[pa.RecordBatch]:
    eaten = [bytearray(1 << 20) for _ in range(10_000)]
    yield from batches([([str(len(eaten))], None)])


def spin(_: Delivery) -> Iterator[pa.RecordBatch]:
    while True:
        pass
    yield


def sleep(_: Delivery) -> Iterator[pa.RecordBatch]:
    time.sleep(600)
    yield


def chatter(_: Delivery) -> Iterator[pa.RecordBatch]:
    print("what a library prints is no batch")
    yield from batches([(["1"], None)])
