"""What cannot wait, while an account's loop is in the middle of a long pass: on a connection of its own.

opened, on the screen, moved ... --> [AccountWorker is busy] --> OnCall --> a minute of rest --> closed
                                                                    | refused, or it cannot: back to the worker
"""

import logging
import math

from qtmail.engine import clock
from qtmail.engine.backend import Backend, Desk
from qtmail.engine.context import Control
from qtmail.engine.loop import BaseLoop
from qtmail.errors import MailError
from qtmail.model import AccountKey, AccountState, MessageId
from qtmail.store import keeping, replay
from qtmail.store.db import Store

log = logging.getLogger(__name__)

REST_S = 60.0
"""A connection that was of use once is often so again soon."""
SOME = 10
"""Bodies on the screen that are fetched in one go: what is opened meanwhile does not wait long."""


def fetch_in_sight(backend: Backend, control: Control, store: Store, account: AccountKey) -> None:
    """What is on the screen and to be kept, and before each part of it what was opened."""
    while in_sight := control.take_in_sight(SOME):
        wanted = () if control.metered else keeping.of_interest(store.read(), account, in_sight)
        if wanted:
            backend.fetch(wanted)
        if urgent := control.take_urgent():
            backend.fetch(urgent)


class OnCall(BaseLoop):
    """See the module. Says nothing to the user: what it cannot do the worker does, and tells."""

    def __init__(self, desk: Desk, store: Store, backend: Backend) -> None:
        super().__init__(f"on call {desk.account.key}", desk)
        self._store = store
        self._backend = backend
        self._worker: Control | None = None
        self._doing: tuple[MessageId, ...] = ()
        self._connected = False

    def relieves(self, worker: Control) -> None:
        """Whose work it takes, and gives back."""
        self._worker = worker

    @property
    def there(self) -> bool:
        """Whether it may be asked now."""
        control = self._desk.control
        return not (self._desk.line.closed_for or control.stopping or control.offline)

    def act(self) -> None:
        """The user did something that the server is to be told. From any thread."""
        self._desk.control.wake()

    def wake(self, *, check: bool = False) -> None:
        """The worker decides what is for whom."""

    def set_metered(self, metered: bool) -> None:
        """See `Loop`; what was left out meanwhile is the worker's."""
        self._desk.control.metered = metered

    def turn(self) -> None:
        """Wait to be asked; then do it."""
        control, account = self._desk.control, self._desk.account.key
        self._desk.announcer.flush()
        rest = REST_S if self._connected else None
        again = self._deferred_for()
        soon = again is not None and (rest is None or again < rest)
        if control.wait(again if soon else rest):
            if soon and self._worker is not None:
                self._worker.wake()
            else:
                self._close()
            return
        self._connected = True
        if opened := control.take_urgent():
            self._doing = opened
            self._backend.fetch(opened)
            self._doing = ()
        fetch_in_sight(self._backend, control, self._store, account)
        if replay.open_operations(self._store.read(), account, now=clock.now()):
            with self._desk.line.every.acting_now() as free:
                if free:
                    self._backend.replay()
                elif self._worker is not None:
                    self._worker.wake()

    def _deferred_for(self) -> float | None:
        """Seconds until what was put off here may be tried: the worker, in its long pass, may not know of it."""
        account, now = self._desk.account.key, clock.now()
        at = replay.next_deferred(self._store.read(), account, now=now)
        return None if at is None else max(1.0, float(at - now))

    def give_up(self) -> None:
        """Close the connection, and give back what is not done."""
        self._close()
        waiting = (*self._doing, *self._desk.control.take_urgent())
        in_sight = self._desk.control.take_in_sight(SOME)
        self._doing = ()
        if self._worker is not None and not self._desk.control.stopping:
            self._worker.fetch(waiting)
            if in_sight:
                self._worker.look_at(in_sight)
            self._worker.wake()

    def failed(self, error: MailError) -> None:
        """The worker tries it next; nothing is waited for here."""
        closed_for = self._desk.line.closed_for
        log.info("%s: %s%s", self.name, error, "" if math.isclose(closed_for, 0) else "; left alone for a while")

    def _close(self) -> None:
        self._connected = False
        self._backend.close()

    def _say(self, state: AccountState, words: str = "") -> None:
        """The account's own loop says it."""
