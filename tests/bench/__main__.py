"""`python -m tests.bench [NAME ...]`: run these measurements (all by default) and print them as ratios."""

import argparse
import sys

from tests.bench import sync, window

BENCHES = {"sync": sync.run, "window": window.run}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs; the median counts")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench called {unknown[0]}; there are: {', '.join(BENCHES)}")
    for name in options.names or BENCHES:
        print(f"== {name}", flush=True)
        BENCHES[name](options.rounds)
    return 0


sys.exit(main())
