"""`python -m tests.bench [NAME ...]`: run these measurements (all by default) and print them as ratios."""

import argparse
import sys
from collections.abc import Callable

from tests.bench import imap, pop3, reading, scale, sync, window

BENCHES: dict[str, Callable[[int, str], None]] = {
    "sync": lambda rounds, _size: sync.run(rounds),
    "window": lambda rounds, _size: window.run(rounds),
    "reading": lambda rounds, _size: reading.run(rounds),
    "imap": lambda rounds, size: imap.run(rounds, quick=size == "quick"),
    "pop3": lambda rounds, size: pop3.run(rounds, quick=size == "quick"),
    "scale": lambda rounds, size: scale.run(rounds, size=size),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs; the median counts")
    sizes = parser.add_mutually_exclusive_group()
    quick = "imap, pop3, scale: a tenth of the messages and folders"
    sizes.add_argument("--quick", dest="size", action="store_const", const="quick", default="usual", help=quick)
    million = "scale: 1,000,000 messages (8 GB on the disk while it runs)"
    sizes.add_argument("--million", dest="size", action="store_const", const="million", help=million)
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench called {unknown[0]}; there are: {', '.join(BENCHES)}")
    for name in options.names or BENCHES:
        print(f"== {name}", flush=True)
        BENCHES[name](options.rounds, options.size)
    return 0


sys.exit(main())
