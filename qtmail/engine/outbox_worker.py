"""The loop that empties one account's outbox."""

from collections.abc import Callable

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.sending import Sender
from qtmail.engine.worker import BaseLoop
from qtmail.model import AccountState
from qtmail.store import outbox
from qtmail.store.db import Store


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

    def turn(self) -> None:
        """Send what is due, then wait for more."""
        hurry, self._hurry = self._hurry, False
        filed = self._sender.flush(hurry=hurry)
        self.well()
        self._desk.announcer.flush()
        if filed:
            self._filed()
        at = outbox.next_attempt(self._store.read(), self._desk.account.key)
        self._desk.control.wait(None if at is None else max(0.2, float(at - clock.now())))

    def give_up(self) -> None:
        """Close the connections."""
        self._sender.close()

    def _say(self, state: AccountState, words: str = "") -> None:
        """The account's own loop says how the account is."""
