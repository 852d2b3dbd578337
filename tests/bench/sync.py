"""Synchronising from Dovecot on loopback, beside mbsync with fsync.

Both sides end durable; ours also parses and indexes.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import tomli_w

from tests.bench.corpus import messages
from tests.servers import PASSWORDS, Dovecot, KeyringDaemon

USER = "alice"
SIZES = ((1_000, 46_000), (10_000, 46_000))


MAILDIR_REST_S = 1.2
"""mbsync waits until a Maildir it reads was quiet for a second; that wait is not part of what it does."""


@dataclass(slots=True)
class Measured:
    """Seconds of each round."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)


def run(rounds: int) -> None:
    """First sync and nothing-new sync of each size, alternating with the peer."""
    if not shutil.which("mbsync"):
        raise SystemExit("bench sync needs mbsync: install isync")
    for count, mean_size in SIZES:
        with (
            tempfile.TemporaryDirectory(prefix="qtmail-bench-") as work,
            Dovecot() as server,
            KeyringDaemon() as keyring,
        ):
            corpus = list(messages(count, mean_size))
            server.fill(USER, corpus)
            octets = sum(map(len, corpus))
            ours, theirs = Measured(), Measured()
            for number in range(rounds):
                _mbsync(server, Path(work) / f"mbsync-{number}", theirs)
                _qtmail(server, keyring, Path(work) / f"qtmail-{number}", count, ours)
            _report(f"first sync, {count:,} messages of {octets / count / 1000:.0f} KB", ours.first, theirs.first)
            _report(f"nothing new, {count:,} messages", ours.again, theirs.again)


def _report(what: str, ours: list[float], theirs: list[float]) -> None:
    mine, peer = statistics.median(ours), statistics.median(theirs)
    print(f"{what}: qtmail {mine:.2f} s, mbsync {peer:.2f} s, ratio {mine / peer:.2f}", flush=True)


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall clock; dirty pages of the round before are written out first."""
    os.sync()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _mbsync(server: Dovecot, folder: Path, measured: Measured) -> None:
    folder.mkdir()
    command = mbsync_command(server.host, server.imap, USER, PASSWORDS[USER], folder)
    for seconds in (measured.first, measured.again):
        seconds.append(timed(lambda: subprocess.run(command, check=True)))


def mbsync_command(
    host: str, port: int, user: str, password: str, folder: Path, *, both_ways: bool = False
) -> list[str]:
    """mbsync on all folders of an account, into `folder`; durable. both_ways: changes here go to the server too."""
    ways = "Sync All\nExpunge Both" if both_ways else "Sync Pull"
    config = folder / "mbsyncrc"
    config.write_text(
        f"""
FSync yes

IMAPAccount bench
Host {host}
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/
Inbox {folder}/Inbox
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns *
Create Near
{ways}
SyncState *
"""
    )
    return ["mbsync", "-q", "-c", str(config), "bench"]


def _qtmail(server: Dovecot, keyring: KeyringDaemon, root: Path, count: int, measured: Measured) -> None:
    root.mkdir()
    definition = root / "account.toml"
    definition.write_text(
        tomli_w.dumps(
            {
                "name": "Bench",
                "address": f"{USER}@example.test",
                "incoming": {
                    "protocol": "imap",
                    "host": server.host,
                    "port": server.imap,
                    "security": "none",
                    "username": USER,
                },
            }
        )
    )
    command = [sys.executable, "-m", "qtmail", "--profile", str(root / "profile")]
    environment = os.environ | keyring.environment
    add = [*command, "account", "add", str(definition), "--password-stdin"]
    subprocess.run(add, check=True, env=environment, input=PASSWORDS[USER], text=True)
    found: list[int] = []

    def sync() -> None:
        done = subprocess.run([*command, "sync", "--json"], check=True, env=environment, capture_output=True, text=True)
        found.append(json.loads(done.stdout)["accounts"][0]["bodies"])

    for seconds in (measured.first, measured.again):
        seconds.append(timed(sync))
    if found != [count, 0]:
        raise SystemExit(f"bench sync: expected {count} bodies, then none; got {found}")
