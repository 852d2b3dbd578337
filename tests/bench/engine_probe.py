"""The engine as `qtmail sync` runs it, which says what it took: python -m tests.bench.engine_probe PROFILE PASSWORD.

--passes N: that many passes in a row; times are of the last one, so that start and imports are not in it.
--rows N: also tell when the first folder could show so many rows (seconds since the pass began: login is within).
"""

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path

from qtmail import accounts
from qtmail.engine.passes import AccountReport, sync_once
from qtmail.events import Event
from qtmail.model import Role
from qtmail.paths import Profile
from qtmail.store import lists, read
from qtmail.store.db import Store


class Showing:
    """Looks after each event, as a window does, until there are so many rows."""

    def __init__(self, profile: Profile, rows: int) -> None:
        self._store = Store.open(profile) if rows else None
        self._rows = rows
        self._began = time.perf_counter()
        self.seconds: float | None = None

    def __call__(self, _event: Event) -> None:
        if self._store is not None and self.seconds is None:
            reader = self._store.read()
            inbox = [folder.id for folder in read.folders(reader) if folder.role is Role.INBOX]
            if inbox and len(lists.ids(reader, inbox)) >= self._rows:
                self.seconds = time.perf_counter() - self._began

    def close(self) -> None:
        if self._store is not None:
            self._store.close()


def peak_megabytes() -> float:
    """The most memory this process ever had resident, and the largest of its children (both at once, at worst)."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1000


def _processor() -> float:
    """Seconds of processor time of this process and of its children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("profile", type=Path)
    parser.add_argument("password")
    parser.add_argument("--passes", type=int, default=1)
    parser.add_argument("--rows", type=int, default=0)
    options = parser.parse_args()
    profile = Profile(options.profile)
    known = accounts.load(profile.accounts)
    done: tuple[AccountReport, ...] = ()
    processor = seconds = 0.0
    showing = Showing(profile, options.rows)
    for _ in range(options.passes):
        before, began = _processor(), time.perf_counter()
        done = sync_once(profile, known, showing, passwords=lambda _account, _service: options.password)
        processor, seconds = _processor() - before, time.perf_counter() - began
    showing.close()
    found = {
        "new": sum(one.new for one in done),
        "bodies": sum(one.bodies for one in done),
        "octets": sum(one.bytes for one in done),
        "problems": [problem.what for one in done for problem in one.problems],
        "processor": processor,
        "seconds": seconds,
        "megabytes": peak_megabytes(),
        "rows_after": showing.seconds,
    }
    print(json.dumps(found))
    return 1 if found["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
