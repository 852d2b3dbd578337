"""What is done once a day, when there is nothing else to do."""

import logging

from qtmail.engine import clock
from qtmail.model import LOCAL
from qtmail.store import facts, grace, search
from qtmail.store.db import Store

log = logging.getLogger(__name__)

DAY = 24 * 3600
LONG = 7 * DAY
"""After longer than this the clock may just have leapt: nothing is dropped before it says the same a day later."""
DONE_AT = "housekeeping_at"


def daily(store: Store, grace_days: int) -> bool:
    """Drop what was removed longer ago than `grace_days`, and tidy the index, unless that was done today. -> whether
    it was done now. Raises StoreError."""
    now = clock.now()
    before = int(facts.get(store.read(), LOCAL, DONE_AT, "0"))
    if clock.lately(before, DAY):
        return False
    with store.transaction("housekeeping") as tx:
        facts.put(tx, LOCAL, DONE_AT, str(now))
    if before and not clock.lately(before, LONG):
        return True
    collected = grace.collect(store, now=now, days=grace_days)
    with store.transaction("tidy index") as tx:
        search.tidy(tx)
    log.info("dropped %d rows, %d messages, %d contents", collected.rows, collected.messages, collected.contents)
    return True
