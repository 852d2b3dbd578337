"""Reading: from the key press to the mail on screen, huge mails, and a key held down over 500 mails.

Peer in the same run: a bare QWebEngineView that is given the same documents (nothing that draws with Qt WebEngine can
be quicker). Desktop clients cannot be driven without a screen of their own; where one can, its figure is printed too.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

BUDGETS = {"first": 300.0, "next": 50.0, "text": 20.0, "stall": 50.0}
"""Milliseconds."""


def run(rounds: int) -> None:
    """Prints milliseconds, the budget of each, and the ratio to the bare view."""
    every: list[dict[str, float]] = []
    bare: list[dict[str, float]] = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="qtmail-bench-") as work:
            every.append(_probe("reading_probe", work))
        bare.append(_probe("bare_view"))
    mine = {name: statistics.median(one[name] for one in every) for name in every[0]}
    peer = {name: statistics.median(one[name] for one in bare) for name in bare[0]}
    for name, words in (("first", "first HTML mail"), ("next", "next newsletter of 100 KB, p95")):
        ratio = mine[name] / peer[name]
        print(f"{words}: {mine[name]:.0f} ms (budget {BUDGETS[name]:.0f}), bare view {peer[name]:.0f} ms, {ratio:.2f}")
    print(f"text mail, p95: {mine['text']:.1f} ms (budget {BUDGETS['text']:.0f})")
    for name, words in (("html", "HTML of 10 MB"), ("parts", "mail of 2,000 parts")):
        print(f"{words}: there after {mine[name]:.0f} ms, longest stall {mine[name + '_stall']:.0f} ms (budget 50)")
    print(f"thread of 20: whole conversation after {mine['talk']:.0f} ms, longest stall {mine['talk_stall']:.0f} ms")
    print(
        f"down key held over 500 mails: {mine['held']:.0f} ms after its release the last one is there, "
        f"longest stall {mine['held_stall']:.0f} ms"
    )
    print(f"memory with an HTML mail shown: {mine['megabytes']:.0f} MB")


def _probe(name: str, *arguments: str) -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", *arguments],
        check=True,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=300,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures
