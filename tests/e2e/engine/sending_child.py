"""A process that empties one account's outbox and is killed at a point: python -m ... PROFILE POINT (or "never")."""

import os
import signal
import sys
from pathlib import Path

from qtmail import accounts
from qtmail.engine import sending
from qtmail.engine.passes import flush_outbox
from qtmail.paths import Profile
from tests.servers import PASSWORDS


def main() -> None:
    profile, wanted = Profile(Path(sys.argv[1])), sys.argv[2]

    def die(point: sending.Point) -> None:
        if point.value == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    sending.reached = die
    flush_outbox(profile, accounts.load(profile.accounts), passwords=lambda account, _: PASSWORDS[account.lower()])


if __name__ == "__main__":
    main()
