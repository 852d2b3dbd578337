"""The loops that run for as long as the engine does: one an account, one a push connection, one for the outbox.

Each has a Qt-free `run()` that returns after `stop()`; a thread (a QThread in background/) is only its shell.

    AccountWorker:  connecting -> syncing -> idle -(woken, asked, time)-> syncing ...
                        |  unreachable: offline, back-off      |  wrong password: waits for `wake(check=True)`
"""

import logging
import time
from collections.abc import Callable, Iterable

from qtmail.engine import clock
from qtmail.engine.backend import Backend, Desk, Heard
from qtmail.engine.loop import BaseLoop
from qtmail.engine.on_call import OnCall, fetch_in_sight
from qtmail.errors import CertificateRefused, LoginFailed, MailError, NoSecret, ServerClosed, SignInNeeded, Unreachable
from qtmail.model import AccountState, MessageId
from qtmail.store import replay
from qtmail.store.db import Store

log = logging.getLogger(__name__)

SHORT_S = 60.0
SHORT_LIVES = 3
"""A connection for news that ends sooner is of little use; so many of them, and it is left alone for a while."""
LEFT_ALONE_S = 900.0
HELD_S = 60.0
"""An operation that waits for another makes the server be asked ever less often, down to this."""
NO_PUSH_S = 24 * 3600.0
ROOM_S = 1.0
"""So long after other connections were cut for it, the first one is tried again."""


class AccountWorker(BaseLoop):
    """Keeps one account's store and its server equal."""

    def __init__(
        self,
        desk: Desk,
        store: Store,
        backend: Backend,
        rest: Callable[[], object] = lambda: None,
        *,
        check: bool = True,
        on_call: OnCall | None = None,
    ) -> None:
        """`rest`: work for when all is done; it looks itself whether it is time for it. `check`: begin with a pass.
        `on_call`: takes what cannot wait while this loop is busy."""
        super().__init__(f"account {desk.account.key}", desk)
        self._rest = rest
        self._store = store
        self._backend = backend
        self._check = check
        self._on_call = on_call
        self._busy = False
        self._held = 0
        """Turns in a row after which an operation was due that could not be told."""
        if on_call is not None:
            on_call.relieves(desk.control)

    @property
    def busy(self) -> bool:
        """Whether a pass or something else is under way. From any thread."""
        return self._busy

    def wake(self, *, check: bool = False) -> None:
        """See `Loop`."""
        if not check and (other := self._other()):
            other.act()
        else:
            super().wake(check=check)

    def fetch(self, messages: Iterable[MessageId]) -> None:
        """See `Loop`."""
        other = self._other()
        other.fetch(messages) if other else super().fetch(messages)

    def look_at(self, messages: Iterable[MessageId]) -> None:
        """See `Loop`."""
        other = self._other()
        other.look_at(messages) if other else super().look_at(messages)

    def set_metered(self, metered: bool) -> None:
        """See `Loop`."""
        super().set_metered(metered)
        if self._on_call is not None:
            self._on_call.set_metered(metered)

    def _other(self) -> OnCall | None:
        """Who does at once what this loop could do between the parts of its work only."""
        return self._on_call if self._busy and self._on_call is not None and self._on_call.there else None

    def turn(self) -> None:
        """What was asked for at once, then what the user did, then a pass if one is due; then wait."""
        control = self._desk.control
        self._busy = True
        if urgent := control.take_urgent():
            self._backend.fetch(urgent)
        if self._check:
            self._say(AccountState.SYNCING, f"Checking {self._desk.account.name}")
            self._backend.sync()
            self._check = False
            self.well()
        else:
            self._backend.replay()
            fetch_in_sight(self._backend, control, self._store, self._desk.account.key)
        self._busy = False
        if not control.check_wanted:  # else the next pass goes on where this one ended early
            self._say(AccountState.IDLE)
        self._rest()
        self._check = control.wait(self._seconds())
        control.take_cancelled()  # nothing was under way

    def give_up(self) -> None:
        """Close the connection; look at everything when it is back."""
        self._busy = False
        self._check = True
        self._backend.close()

    def cancelled(self) -> None:
        """The rest of the pass comes when the next one is due, or asked for."""
        self._say(AccountState.IDLE)
        self._check = self._desk.control.wait(self._seconds())

    def failed(self, error: MailError) -> None:
        """As in every loop, and the tree shows how the account is."""
        if self._desk.line.every.take_made_room():
            self._desk.control.pause(ROOM_S)
            return
        match error:
            case CertificateRefused():
                self._say(AccountState.CERTIFICATE, str(error))
            case SignInNeeded():
                self._say(AccountState.SIGN_IN, str(error))
            case LoginFailed() | NoSecret():
                self._say(AccountState.WRONG_PASSWORD, str(error))
            case Unreachable():
                self._say(AccountState.OFFLINE, str(error))
            case _:
                self._say(AccountState.PROBLEM, str(error))
        super().failed(error)

    def _seconds(self) -> float | None:
        """Until the next check, or the next operation that may be tried."""
        reader, account, now = self._store.read(), self._desk.account.key, clock.now()
        minutes = self._desk.account.check_minutes
        waits = [minutes * 60.0] if minutes > 0 else []
        if (deferred := replay.next_deferred(reader, account, now=now)) is not None:
            waits.append(max(1.0, float(deferred - now)))
        attempt = replay.next_attempt(reader, account)
        if attempt is not None and replay.due_in(attempt, now=now) == 0:
            # This turn could not tell it: it waits for another, or for a check that finds its message.
            waits.append(min(HELD_S, 2.0 ** min(self._held, 10)))
            self._held += 1
        else:
            self._held = 0
        return min(waits, default=None)


class PushWatcher(BaseLoop):
    """Holds a connection of its own, and wakes the worker when the server tells of news.

    A server that ends it after seconds, again and again, is left alone for a while: its mail comes by asking.
    """

    def __init__(self, desk: Desk, backend: Backend, changed: Heard) -> None:
        super().__init__(f"push {desk.account.key}", desk)
        self._backend = backend
        self._changed = changed
        self._began = 0.0
        self._short_lives = 0

    def turn(self) -> None:
        """Watch until the connection ends."""
        if closed_for := self._desk.line.closed_for:
            self._desk.control.rest(min(NO_PUSH_S, closed_for))
            return
        self._began = time.monotonic()
        if not self._backend.watch(self._changed):
            log.info("%s: the server has no push; it is asked instead", self.name)
            self.give_up()
            self._desk.control.rest(NO_PUSH_S)

    def give_up(self) -> None:
        """Close the connection."""
        self._backend.close()

    def failed(self, error: MailError) -> None:
        """Longer pauses where the connection did not live long; none of it is shown."""
        if self._desk.line.closed_for:
            return
        lived = time.monotonic() - self._began
        self._short_lives = self._short_lives + 1 if isinstance(error, ServerClosed) and lived < SHORT_S else 0
        if self._short_lives > SHORT_LIVES:
            self.tell(error)
            self._desk.control.rest(LEFT_ALONE_S)
            self._short_lives = 0
        else:
            if lived > SHORT_S:
                self.well()
            super().failed(error)

    def tell(self, error: MailError) -> None:
        """Not a word: the account's own loop meets the same trouble, and push is only a convenience."""
        log.info("%s: %s", self.name, error)

    def _say(self, state: AccountState, words: str = "") -> None:
        """The account's own loop says it."""
