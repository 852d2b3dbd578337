"""When a backup was made and what came of it; whether it is time for the next one."""

import msgspec

from qtmail.model import LOCAL
from qtmail.settings import BackupEvery
from qtmail.store import facts
from qtmail.store.db import Store

LAST = "backup"
IDENTITY = "profile_identity"
DAY = 24 * 3600
AGAIN_S = 3600
"""After one that failed (the disk is not plugged in) it is tried again so much later."""
_SECONDS = {BackupEvery.DAY: DAY, BackupEvery.WEEK: 7 * DAY}


class Last(msgspec.Struct, frozen=True):
    """The last backup that was complete, and what went wrong since, if anything did."""

    at: int = 0
    """Seconds since the epoch; 0: there was none."""
    folder: str = ""
    messages: int = 0
    new: int = 0
    missing: int = 0
    problem: str = ""
    problem_at: int = 0


def last(store: Store) -> Last:
    """What is remembered."""
    text = facts.get(store.read(), LOCAL, LAST)
    return msgspec.json.decode(text, type=Last) if text else Last()


def remember(store: Store, what: Last) -> None:
    """For the next time, and for the window."""
    with store.transaction("backup done") as tx:
        facts.put(tx, LOCAL, LAST, msgspec.json.encode(what).decode())


def is_due(every: BackupEvery, folder: str, known: Last, now: int) -> bool:
    """Whether a backup is to be made now. A clock that was set back makes it due."""
    if every is BackupEvery.NEVER or not folder:
        return False
    if known.problem and 0 <= now - known.problem_at < AGAIN_S:
        return False
    if known.folder != folder:
        return True
    return not 0 <= now - known.at < _SECONDS[every]
