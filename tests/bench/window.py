"""The window: opening a folder of 100,000, start to a usable list, and its frames while the engine syncs.

Peers in the same run: for opening and starting, a bare PySide6 table over the same SQLite file (nothing that shows a
list of mail can be quicker); for the frames, the same window with an idle engine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import sync
from tests.bench.corpus import messages
from tests.bench.filled import fill
from tests.servers import PASSWORDS, Dovecot

ROWS = 100_000
SYNCED = 3_000
USUAL = {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": ""}
"""Compiled modules are kept, as they are of an installed program."""


def run(rounds: int) -> None:
    """Prints seconds, milliseconds, ratios and memory."""
    with tempfile.TemporaryDirectory(prefix="qtmail-bench-") as work:
        profile = fill(Path(work) / "profile", ROWS)
        _open_folder(profile.root, rounds)
        _start(profile.root, rounds)
    _frames()


def probe(name: str, *arguments: str, environment: dict[str, str] | None = None) -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", *arguments],
        check=True,
        env=os.environ | USUAL | (environment or {}),
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _open_folder(profile: Path, rounds: int) -> None:
    ours, floor = [], []
    for _ in range(rounds):
        figures = probe("open_probe", str(profile))
        ours.append(figures["facade"])
        floor.append(figures["sqlite"])
    mine, peer = statistics.median(ours) * 1000, statistics.median(floor) * 1000
    print(
        f"open a folder of {ROWS:,}, first 60 rows: {mine:.1f} ms, bare SQLite {peer:.1f} ms, ratio {mine / peer:.2f}"
    )


def _start(profile: Path, rounds: int) -> None:
    ours, bare, memory = [], [], 0.0
    for _ in range(rounds):
        figures = probe("start_probe", str(profile))
        ours.append(figures["seconds"])
        memory = figures["megabytes"]
        bare.append(probe("bare_table", str(profile))["seconds"])
    mine, peer = statistics.median(ours), statistics.median(bare)
    print(
        f"start to a list of {ROWS:,}: {mine:.2f} s ({memory:.0f} MB), bare table {peer:.2f} s, ratio {mine / peer:.2f}"
    )


def _frames() -> None:
    with tempfile.TemporaryDirectory(prefix="qtmail-bench-") as work, Dovecot() as server:
        server.fill(sync.USER, messages(SYNCED, 46_000))
        arguments = (str(Path(work) / "profile"), server.host, str(server.imap), sync.USER, PASSWORDS[sync.USER])
        busy = probe("frame_probe", *arguments, str(SYNCED))
    for what in ("idle", "syncing"):
        print(f"frames while {what}: longest {busy[what + '_longest']:.0f} ms, p99 {busy[what + '_p99']:.1f} ms")
    print(f"frames, syncing beside idle: p99 ratio {busy['syncing_p99'] / busy['idle_p99']:.2f}")
