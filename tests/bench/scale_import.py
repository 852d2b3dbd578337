"""An mbox taken in by the command: stored, threaded and indexed."""

import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

from tests.bench.scale_corpus import messages
from tests.bench.scale_figures import Figure, at_least
from tests.bench.scale_store import Corpus, make_profile

MOST = 100_000
RATE = 4_000


def mbox(corpus: Corpus, _rounds: int) -> Iterator[Figure]:
    """A fresh profile, the program's start included."""
    count = min(corpus.count, MOST)
    path = corpus.work / "all.mbox"
    write_mbox(corpus, path, count)
    profile = make_profile(corpus.work / "imported")
    command = [sys.executable, "-m", "qtmail", "--profile", str(profile.root)]
    began = time.perf_counter()
    subprocess.run(
        [*command, "import", str(path), "--into", "Scale/Archive"], check=True, capture_output=True, timeout=3600
    )
    rate = count / (time.perf_counter() - began)
    yield Figure(f"import of an mbox of {count:,}", f"{rate:,.0f} messages/s", f"{RATE:,}/s", at_least(RATE, rate))


def write_mbox(corpus: Corpus, path: Path, count: int) -> None:
    """The first `count` messages, as mboxrd."""
    with path.open("wb") as file:
        for made in messages(corpus.words, corpus.count):
            if not count:
                return
            count -= 1
            lines = made.raw.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
            stamp = formatdate(made.date, usegmt=True)
            file.write(b"From bench@scale.example " + stamp.encode() + b"\n" + lines + b"\n")
