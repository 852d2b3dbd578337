"""Whether a server's IDLE tells of new mail: what came while somebody listened, and was only found by a check later.

The connection for news notes since when it listens and when it was told last; the worker, after a check, looks at what
arrived in the inbox. Once may be chance; after MISSES times within days of each other IDLE is not relied on any more.
"""

from qtmail.engine.server_details import Evidence, remembered
from qtmail.model import AccountKey, FolderId
from qtmail.store import facts, lately
from qtmail.store.db import Store

FACT = "listening"
WHAT = "New mail came that IDLE did not tell of."
DOING = "The inbox is checked at the account's interval all the same."
LATE_S = 180
"""What is told later than this after it came was not told."""
SETTLED_S = 60
DAY = 24 * 3600
MISSES = 3


def listens(store: Store, account: AccountKey, now: int | None) -> None:
    """From now on somebody waits for news; None: nobody does."""
    last = facts.get(store.read(), account, FACT).partition(" ")[2] or "0"
    with store.transaction("listening") as tx:
        facts.put(tx, account, FACT, "" if now is None else f"{now} {last}")


def told(store: Store, account: AccountKey, now: int) -> None:
    """The server told of something."""
    since = facts.get(store.read(), account, FACT).partition(" ")[0]
    if since:
        with store.transaction("told") as tx:
            facts.put(tx, account, FACT, f"{since} {now}")


def check(store: Store, account: AccountKey, inbox: FolderId, evidence: Evidence, *, began: int, now: int) -> None:
    """After a pass that began then, and not one after the computer slept: note what should have been told of."""
    since, _, last = facts.get(store.read(), account, FACT).partition(" ")
    if not since or now - int(last) < LATE_S:
        return
    came = lately.arrived(store.read(), inbox, added_from=began, after=int(since) + SETTLED_S, before=now - LATE_S)
    if not came:
        return
    honesty = remembered(store.read(), account).honesty
    before = sum(one.times for one in honesty if one.what == WHAT and now - one.at < DAY)
    if before + 1 >= MISSES:
        evidence.distrust("IDLE", WHAT)
    else:
        evidence.catch("IDLE", WHAT, DOING)
