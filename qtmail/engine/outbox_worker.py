"""The loop that empties one account's outbox."""

from collections.abc import Callable

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.loop import BaseLoop
from qtmail.engine.sending import Sender
from qtmail.model import AccountState, OutboxId
from qtmail.store import outbox
from qtmail.store.db import Store

LONGEST_WAIT_S = 60.0
"""The clock may leap, and the machine sleep: what is to go at a time is looked at that often."""


class OutboxWorker(BaseLoop):
    """One an account, so that a server that hangs holds nobody else's mail. Wakes when something is queued or due."""

    def __init__(self, desk: Desk, store: Store, sender: Sender, filed: Callable[[], None]) -> None:
        """`filed`: called when a copy waits in Sent for the account's own loop to tell the server."""
        super().__init__(f"outbox {desk.account.key}", desk)
        self._store = store
        self._sender = sender
        self._filed = filed
        self._hurry = True

    def wake(self, *, check: bool = False) -> None:
        """See `Loop`; `check`: also try again what waits for a better moment."""
        self._hurry = self._hurry or check
        super().wake(check=check)

    def cancel(self, item: OutboxId) -> None:
        """From any thread: stop sending this one, if its end has not left."""
        self._sender.cancel(item)

    def turn(self) -> None:
        """Send what is due, then wait for more."""
        hurry, self._hurry = self._hurry, False
        filed = self._sender.flush(hurry=hurry)
        self.well()
        self._desk.announcer.flush()
        if filed:
            self._filed()
        reader = self._store.read()
        paused = outbox.paused(reader)
        at = None if paused else outbox.next_attempt(reader, self._desk.account.key, now=clock.now())
        self._desk.control.wait(LONGEST_WAIT_S if at is None else min(max(0.2, at - clock.now()), LONGEST_WAIT_S))

    def give_up(self) -> None:
        """Close the connections; what waited for a network is due when there is one again."""
        self._sender.close()
        self._hurry = self._hurry or self._desk.control.offline

    def _say(self, state: AccountState, words: str = "") -> None:
        """The account's own loop says how the account is."""
