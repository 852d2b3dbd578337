"""`python -m tests.bench [NAME ...]`: run these measurements (all by default) and print them as ratios."""

import argparse
import sys
from collections.abc import Callable

from tests.bench import imap, pop3, sync, window

BENCHES: dict[str, Callable[[int, bool], None]] = {
    "sync": lambda rounds, _quick: sync.run(rounds),
    "window": lambda rounds, _quick: window.run(rounds),
    "imap": lambda rounds, quick: imap.run(rounds, quick=quick),
    "pop3": lambda rounds, quick: pop3.run(rounds, quick=quick),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs; the median counts")
    parser.add_argument("--quick", action="store_true", help="imap, pop3: a tenth of the messages and folders")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench called {unknown[0]}; there are: {', '.join(BENCHES)}")
    for name in options.names or BENCHES:
        print(f"== {name}", flush=True)
        BENCHES[name](options.rounds, options.quick)
    return 0


sys.exit(main())
