"""Puts in force what an account and its folders say about what is kept on this computer."""

import logging

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.context import chunks, committed
from qtmail.store import keeping
from qtmail.store.db import Store

log = logging.getLogger(__name__)

ROWS = 200


def apply_policy(store: Store, desk: Desk) -> None:
    """Where a rule changed, or the day: bodies that are now left out are not wanted any more, and the other way round.

    Nothing that is here is deleted. In small steps; ended anywhere it goes on with the next pass. Raises Stopped.
    """
    account = desk.account
    for change in keeping.due(store.read(), account.key, account.keep, account.largest_mb, now=clock.now()):
        with committed(store, desk.announcer, "keep rule") as tx:
            keeping.put_in_force(tx, change)
        rows = keeping.out_of_line(store.read(), change)
        log.info("folder %s: %d bodies are wanted or left out from now on", change.folder, len(rows))
        for part in chunks(rows, ROWS):
            desk.control.check()
            with committed(store, desk.announcer, "keep") as tx:
                keeping.bring_in_line(tx, change.folder, part)
        with committed(store, desk.announcer, "keep done") as tx:
            keeping.done(tx, change.folder)
