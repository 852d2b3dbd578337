"""Both programs on one Dovecot, and what each of their rounds took."""

import atexit
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from qtmail import accounts
from qtmail.engine.mail import Mail
from qtmail.model import Account, AccountKey, Protocol, Security, Server
from qtmail.paths import Profile
from tests.bench.sync import mbsync_command, timed
from tests.bench.wire import TurnCounter, octets
from tests.servers import DelayingProxy, Dovecot
from tests.servers.dovecot import SPARE_PASSWORD


@dataclass(slots=True)
class Side:
    """What each round took, of one program."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    """Seconds of the pass itself, without the start of its process; only ours knows."""
    octets: int = 0
    turns: int = 0

    @property
    def wall(self) -> float:
        return statistics.median(self.seconds)


@dataclass(slots=True)
class Peers:
    """Both programs on one mailbox of `user`, in directories of their own."""

    server: Dovecot
    work: Path
    port: int = 0
    both_ways: bool = False

    def mbsync(self, name: str, user: str) -> list[str]:
        """Its command; the directory is made where it is not there."""
        folder = self.work / f"mbsync-{name}"
        folder.mkdir(exist_ok=True)
        port = self.port or self.server.imap
        return mbsync_command(self.server.host, port, user, SPARE_PASSWORD, folder, both_ways=self.both_ways)

    def qtmail(self, name: str, user: str) -> "Engine":
        server = Server(self.server.host, self.port or self.server.imap, Security.NONE, user)
        profile = Profile(self.work / f"qtmail-{name}").create()
        known = {account.key: account for account in accounts.load(profile.accounts)}
        account = known.get(AccountKey("bench"))
        if account is None or account.incoming != server:
            address = f"{user}@example.test"
            new = Account(AccountKey("bench"), "Bench", address, "", Protocol.IMAP, server, None)
            accounts.put(profile.accounts, new)
        return Engine(profile)


@dataclass(slots=True)
class Engine:
    """Our side: one profile, synchronised by a process of its own."""

    profile: Profile
    told: dict[str, Any] = field(default_factory=dict)
    most_megabytes: float = 0.0

    def sync(self, *more: str) -> dict[str, Any]:
        """A pass in a new process. -> what the probe tells of it."""
        command = [sys.executable, "-m", "tests.bench.engine_probe", str(self.profile.root), SPARE_PASSWORD, *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_as_installed())
        if done.returncode:
            raise SystemExit(f"bench imap: the engine failed:\n{done.stdout}{done.stderr}")
        self.told = json.loads(done.stdout)
        self.most_megabytes = max(self.most_megabytes, self.told["megabytes"])
        return self.told

    @contextmanager
    def mail(self) -> Iterator[Mail]:
        opened = Mail(self.profile)
        try:
            yield opened
        finally:
            opened.close()


@cache
def _as_installed() -> dict[str, str]:
    """An environment in which all modules are compiled, as installers leave them."""
    kept = tempfile.mkdtemp(prefix="qtmail-bytecode-")
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = kept
    command = [sys.executable, "-c", "import tests.bench.engine_probe, qtmail.engine.preparing_process"]
    subprocess.run(command, check=True, env=environment)
    return environment


@contextmanager
def client(server: Dovecot, user: str) -> Iterator[IMAPClient]:
    """Another client of this user, logged in."""
    connected = IMAPClient(server.host, server.imap, ssl=False)
    connected.login(user, SPARE_PASSWORD)
    try:
        yield connected
    finally:
        connected.logout()


@contextmanager
def place() -> Iterator[tuple[Dovecot, Path]]:
    """A Dovecot and a directory, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="qtmail-bench-") as work, Dovecot() as server:
        yield server, Path(work)


@contextmanager
def line_to(server: Dovecot, one_way: float) -> Iterator[int]:
    """The port of a line that takes so long each way."""
    if not one_way:
        yield server.imap
        return
    with DelayingProxy(server.imap, one_way) as proxy:
        yield proxy.port


def fill(server: Dovecot, user: str, corpus: Iterator[bytes], path: str = "INBOX") -> int:
    """-> octets. One message in memory at a time."""
    total = 0

    def counted() -> Iterator[bytes]:
        nonlocal total
        for raw in corpus:
            total += len(raw)
            yield raw

    server.fill(user, counted(), path)
    return total


def measure(side: Side, server: Dovecot, work: Callable[[], object], line: TurnCounter | None = None) -> None:
    """Wall clock, processor time, octets and round trips of a child process."""
    logged, turns, before = len(server.log), line.turns if line else 0, _children()
    side.seconds.append(timed(work))
    side.processor.append(_children() - before)
    side.octets = octets(server, logged)
    side.turns = line.turns - turns if line else 0


def _children() -> float:
    """Seconds of processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_quietly(command: Sequence[str]) -> None:
    """To its good end."""
    subprocess.run(command, check=True, capture_output=True)


def compare(what: str, ours: Side, theirs: Side, target: float | None) -> None:
    """Print both medians and their ratio, and whether it is within its target where there is one."""
    ratio = ours.wall / theirs.wall
    words = f"{what}: qtmail {ours.wall:.2f} s, mbsync {theirs.wall:.2f} s, ratio {ratio:.2f}"
    print(words if target is None else f"{words} (at most {target}: {_kept(ratio, target)})", flush=True)


def judge(what: str, found: float, most: float, unit: str) -> None:
    """Print a number and whether it is within its limit."""
    print(f"{what} {found:.3g} {unit} (at most {most:.3g}: {_kept(found, most)})", flush=True)


def _kept(found: float, most: float) -> str:
    return "kept" if found <= most else "MISSED"


def expect(holds: bool, what: str) -> None:
    """A measurement of something that did not happen counts for nothing."""
    if not holds:
        raise SystemExit(f"bench imap: expected {what}")
