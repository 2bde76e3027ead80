"""Mails that are sent while the sender is killed: ``python -m benchmarks.outbox [SHARE]``.

SHARE, by default 1, is how much of the full number of recipients and kills is tried. The mail server is the
one that tests speak to; the sender is another process, whose clock goes six hundred times faster.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.table import Row, print_table
from segcore import stopping
from segcore.mail.outbox import Mail, Outbox
from segcore.mail.rate import Limits
from segcore.mail.sending import Wish, send
from segcore.mail.server import Server
from segcore.mailing.job import Clock

ROOT = Path(__file__).resolve().parents[1]
FASTER = 600
START = dt.datetime(2026, 4, 1, 6, 0, tzinfo=dt.UTC)
RUN = "2026-03-31"


@dataclass(frozen=True)
class Plan:
    """How many recipients there are, and how often the sender is killed, or asked to stop."""

    recipients: int
    kills: int
    seed: int
    stops: int = 3
    size: int = 10_000


@dataclass(frozen=True)
class Found:
    """What came of it."""

    lost: int
    copies: int
    kills: int
    dropped_after_taking: int
    stops: int
    stops_with_copies: int
    seconds: float


class Moody:
    """A server that greylists a fifth of all addresses and drops some connections, by chance."""

    def __init__(self, seed: int, *, drops_after_taking: bool) -> None:
        from small_mail import DROP, TAKE_AND_DROP

        self.chance = random.Random(seed)
        self.knows: set[str] = set()
        self.dropped_after_taking = 0
        self.says = {"drop": DROP, "take and drop": TAKE_AND_DROP}
        self.late = 0.005 if drops_after_taking else 0.0

    def rcpt(self, address: str) -> str | None:
        """What it says to a recipient."""
        if address not in self.knows:
            self.knows.add(address)
            if self.chance.random() < 0.2:
                return "450 4.7.1 greylisted, come again"
        return self.says["drop"] if self.chance.random() < 0.01 else None

    def data(self, address: str) -> str | None:
        """What it says to a mail."""
        if self.chance.random() < 0.01:
            return self.says["drop"]
        if self.chance.random() < self.late:
            self.dropped_after_taking += 1
            return self.says["take and drop"]
        return None


def queue(path: Path, recipients: int, size: int) -> None:
    chance = random.Random(recipients)

    def mails() -> Iterator[Mail]:
        for number in range(recipients):
            address, body = f"r{number}@acme.example", chance.randbytes(size // 2).hex().encode()
            lines = b"\r\n".join(body[start : start + 76] for start in range(0, len(body), 76))
            raw = f"Subject: x\r\nTo: {address}\r\n\r\n".encode() + lines + b"\r\n"
            facts = ("report", address, "", None, "x", "en", f"<{number}@acme.example>", ())
            yield Mail(RUN, "0" * 64, 1, *facts, frozenset(str(number + one) for one in range(20)), raw)

    with Outbox.open(path, make=True) as outbox:
        outbox.add(mails(), (), START)


class FastClock:
    """A clock that goes on while nobody looks at it, and faster than others."""

    def __init__(self, since: float) -> None:
        self.since = since

    def now(self) -> dt.datetime:
        """The moment."""
        return START + dt.timedelta(seconds=(time.time() - self.since) * FASTER)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds / FASTER)


def sender(path: Path, port: int, since: float) -> None:
    """Another process: send until nothing waits; say that it begins, and what time and memory it took."""
    stopping.listen()
    server = Server("127.0.0.1", port, "none", "segments@acme.example")
    clock = FastClock(since) if since else Clock(dt.timedelta(0))
    with Outbox.open(path) as outbox:
        say("begins")
        began = time.perf_counter()
        outcome = send(outbox, server, Limits(None), clock, Wish(lambda sentence: None, wait=1e7))
        assert outcome.next_at is None, outcome
        say(f"{time.perf_counter() - began} {peak()}")


def say(line: str) -> None:
    """Print a line in one piece: others print on the same pipe."""
    os.write(1, f"{line}\n".encode())


def peak() -> int:
    """The most memory that this process had, in bytes."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(text.split("VmHWM:")[1].split()[0])


@contextmanager
def child(*words: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.outbox", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        env=environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def forking() -> None:
    """Another process: send in a fork for every line that comes, which begins at once; say how it ended."""
    for line in sys.stdin:
        path, port, since = line.split()
        number = os.fork()
        if number == 0:
            try:
                sender(Path(path), int(port), float(since))
            except BaseException:
                os._exit(1)
            os._exit(0)
        say(f"{number}")
        say(f"ended {os.waitpid(number, 0)[1]}")


def until_sent(path: Path, port: int, number: int, at: Iterator[tuple[Callable[[], bool], float]]) -> int:
    """Send until nothing waits, with a signal at every moment that comes; gives how often one was given."""
    since, given = time.time(), 0
    with child("fork") as forks:
        assert forks.stdin is not None and forks.stdout is not None
        while True:
            print(path, port, since, file=forks.stdin, flush=True)
            first = {forks.stdout.readline().strip() for _ in range(2)}
            assert "begins" in first, first
            process = int((first - {"begins"}).pop())
            reached, later = next(at, (None, 0.0))
            if reached is not None:
                while not reached() and _signalled(process, 0):
                    time.sleep(0.0005)
                time.sleep(later)
                given += _signalled(process, number)
            if _ended(forks.stdout) == "ended 0":
                return given


def _signalled(process: int, number: int) -> bool:
    """Whether a process was there to get a signal."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    return True


def _ended(lines: IO[str]) -> str:
    """What is said last of a process."""
    return next(line.strip() for line in lines if line.startswith("ended"))


def tried(folder: Path, plan: Plan) -> Found:
    began = time.perf_counter()
    copies, lost, given, dropped = _phase(folder / "killed.sqlite", plan, signal.SIGKILL, plan.kills)
    after_stops, lost_by_stops, stops, _ = _phase(folder / "stopped.sqlite", plan, signal.SIGTERM, plan.stops)
    seconds = time.perf_counter() - began
    return Found(lost + lost_by_stops, copies, given, dropped, stops, after_stops, seconds)


def _phase(path: Path, plan: Plan, number: int, times: int) -> tuple[int, int, int, int]:
    """Copies, mails that are lost, signals given, and connections dropped after a mail was taken."""
    from small_mail import Script, served

    chance, moody = random.Random(plan.seed), Moody(plan.seed, drops_after_taking=number == signal.SIGKILL)
    queue(path, plan.recipients, plan.size)
    with served(Script(rcpt=moody.rcpt, data=moody.data, keeps=False)) as running:
        marks = sorted(chance.sample(range(int(plan.recipients * 0.95)), times))

        def moments() -> Iterator[tuple[Callable[[], bool], float]]:
            for mark in marks:
                # A few while it starts, the others while it sends.
                reached = (
                    (lambda: True) if chance.random() < 0.1 else lambda mark=mark: len(running.got) > mark
                )
                # Half of them as soon as the server has a mail, before the sender can know.
                yield reached, chance.choice((0.0, chance.uniform(0, 0.02)))

        given = until_sent(path, running.port, number, moments())
        got = running.addresses
    with Outbox.open(path) as outbox:
        sent = {entry.address for entry in outbox.log() if entry.state == "sent"}
    lost = plan.recipients - len(sent & set(got))
    return len(got) - len(set(got)), lost, given, moody.dropped_after_taking


def unthrottled(folder: Path, recipients: int, size: int) -> tuple[float, int, int]:
    """Mails a second to a server that takes all, and the most memory that queuing and sending took."""
    from small_mail import Script, served

    path = folder / f"{recipients}.sqlite"
    with child("queue", path, recipients, size) as process:
        assert process.stdout is not None
        queuing = int(process.stdout.read())
    with served(Script(keeps=False)) as running, child("send", path, running.port, 0) as process:
        assert process.stdout is not None
        seconds, sending = process.stdout.read().split()[1:]
        assert len(running.got) == recipients
    return recipients / float(seconds), queuing, int(sending)


def rows(share: float = 1.0) -> Iterator[Row]:
    sys.path.insert(0, str(ROOT / "tests"))  # where the mail server is
    with tempfile.TemporaryDirectory(prefix="outbox-") as name:
        folder = Path(name)
        few, many = int(1_000 * share), int(10_000 * share)
        _, queuing_few, sending_few = unthrottled(folder, few, 30_000)
        speed, queuing, sending = unthrottled(folder, many, 30_000)
        yield Row(f"{many:,} mails of 30 kB to a local server", f"{speed:.0f} a second", "100", speed >= 100)
        for what, less, more in (("queuing", queuing_few, queuing), ("sending", sending_few, sending)):
            ratio = more / less
            told = f"{more / 1e6:.0f} MB against {less / 1e6:.0f}"
            yield Row(f"most memory, {what} {many:,} against {few:,}", told, "1.1 times", ratio < 1.1)
        kills = max(1, int(100 * share))
        found = tried(folder, Plan(many, kills, seed=20_260_401, stops=max(1, kills // 5)))
    yield Row(f"lost of {many:,} mails, {found.kills} kills", f"{found.lost}", "0", found.lost == 0)
    told = f"{found.copies}, also of {found.dropped_after_taking} connections dropped after a mail was taken"
    yield Row("copies", told, f"{found.kills}: one for each kill", found.copies <= found.kills)
    yield Row(
        f"copies after {found.stops} clean stops",
        f"{found.stops_with_copies}",
        "0",
        not found.stops_with_copies,
    )
    yield Row("it took", f"{found.seconds:.0f} s", "", True)


def main() -> None:
    if sys.argv[1:2] == ["send"]:
        sender(Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    elif sys.argv[1:2] == ["fork"]:
        forking()
    elif sys.argv[1:2] == ["queue"]:
        queue(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
        print(peak())
    else:
        told = list(rows(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
        print_table(told)
        sys.exit(not all(row.ok for row in told))


if __name__ == "__main__":
    main()
