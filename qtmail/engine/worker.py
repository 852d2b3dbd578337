"""The loops that run for as long as the engine does: one an account, one a push connection, one for the outbox.

Each has a Qt-free `run()` that returns after `stop()`; a thread (a QThread in background/) is only its shell.

    AccountWorker:  connecting -> syncing -> idle -(woken, asked, time)-> syncing ...
                        |  unreachable: offline, back-off      |  wrong password: waits for `wake(check=True)`
"""

import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from qtmail.engine import clock
from qtmail.engine.backend import Backend, Desk, Heard
from qtmail.engine.backoff import FIRST_S, LONGEST_S, pause
from qtmail.engine.context import Stopped
from qtmail.errors import LoginFailed, MailError, NoSecret, ServerClosed, Unreachable
from qtmail.events import Problem, StateChanged
from qtmail.model import AccountState, MessageId
from qtmail.store import keeping, replay
from qtmail.store.db import Store

log = logging.getLogger(__name__)

SOME = 10
"""Bodies on the screen that are fetched in one go: what is opened meanwhile does not wait long."""
SHORT_S = 60.0
SHORT_LIVES = 3
"""A connection for news that ends sooner is of little use; so many of them, and it is left alone for a while."""
LEFT_ALONE_S = 900.0
NO_PUSH_S = 24 * 3600.0


class Loop(Protocol):
    """What runs in one thread. Every method but `run` may be called from any thread."""

    name: str
    """For the thread and the log."""

    def run(self) -> None:
        """Work until `stop()`, once. Never raises: what goes wrong is told as a Problem and tried again later."""

    def wake(self, *, check: bool = False) -> None:
        """There is something to do; `check`: also ask the server for news."""

    def fetch(self, messages: Iterable[MessageId]) -> None:
        """The user looks at these: get their bodies before anything else."""

    def look_at(self, messages: Iterable[MessageId]) -> None:
        """These are on the screen, and none of those before: their bodies come next, where they are to be kept."""

    def set_metered(self, metered: bool) -> None:
        """Fetch bodies only when they are asked for, or all again."""

    def cancel_pass(self) -> None:
        """End what is under way; it is done when it is due again."""

    def set_offline(self, offline: bool) -> None:
        """Close the connection and make none, until it is taken back."""

    def stop(self) -> None:
        """End within a second, also in the middle of a transfer; returns at once."""


class BaseLoop:
    """What all loops have: the signals, and the outermost place where faults end. A subclass does `turn`."""

    def __init__(self, name: str, desk: Desk) -> None:
        self.name = name
        self._desk = desk
        self._failures = 0
        self._told = ""
        self._said: StateChanged | None = None

    def run(self) -> None:
        """See `Loop`."""
        control = self._desk.control
        while not control.stopping:
            if control.offline:
                self.give_up()
                self._say(AccountState.OFFLINE, "Offline")
                control.wait_online()
                continue
            try:
                self.turn()
            except Stopped:
                self.give_up()
                if control.take_cancelled():
                    self.cancelled()
            except MailError as error:
                self.give_up()
                self.failed(error)
            except Exception:
                log.exception("a bug in %s; it goes on in a minute", self.name)
                self.give_up()
                self.failed(MailError("Something went wrong here.", hint="Help > Logs tells more.", retry=True))
        self.give_up()
        self._desk.announcer.flush()
        control.close()

    def wake(self, *, check: bool = False) -> None:
        """See `Loop`."""
        self._desk.control.wake(check=check)

    def fetch(self, messages: Iterable[MessageId]) -> None:
        """See `Loop`."""
        self._desk.control.fetch(messages)

    def look_at(self, messages: Iterable[MessageId]) -> None:
        """See `Loop`."""
        self._desk.control.look_at(messages)

    def set_metered(self, metered: bool) -> None:
        """See `Loop`."""
        control = self._desk.control
        before, control.metered = control.metered, metered
        if before and not metered:
            control.wake(check=True)

    def cancel_pass(self) -> None:
        """See `Loop`."""
        self._desk.control.cancel()

    def set_offline(self, offline: bool) -> None:
        """See `Loop`."""
        self._desk.control.set_offline(offline)

    def stop(self) -> None:
        """See `Loop`."""
        self._desk.control.stop()

    def turn(self) -> None:
        """One round of work and the wait after it. Raises MailError, Stopped."""
        raise AssertionError("a loop without work")

    def give_up(self) -> None:
        """Let go of the connection; the next turn makes a new one. Never raises."""

    def cancelled(self) -> None:
        """The user ended what was under way."""

    def failed(self, error: MailError) -> None:
        """Say it (once), then wait: a while where it may pass, for the user where it will not."""
        self._failures += 1
        self.tell(error)
        self._desk.announcer.flush()
        first = FIRST_S if error.retry else LONGEST_S
        self._desk.control.pause(None if _needs_user(error) else pause(self._failures, first=first))

    def tell(self, error: MailError) -> None:
        """One Problem for one trouble, however often it comes back before things go well again."""
        if str(error) != self._told:
            self._told = str(error)
            hint, words = error.hint, error.server_words
            self._desk.announcer.say([Problem(self._desk.account.key, str(error), hint, words, error.retry)])

    def well(self) -> None:
        """Things go well."""
        self._failures = 0
        self._told = ""

    def _say(self, state: AccountState, words: str = "") -> None:
        now = StateChanged(self._desk.account.key, state, words)
        if now != self._said:
            self._said = now
            self._desk.announcer.say([now])
        self._desk.announcer.flush()


def _needs_user(error: MailError) -> bool:
    """Trying again with the same password would only get the account locked."""
    return isinstance(error, LoginFailed | NoSecret) and not error.retry


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
    ) -> None:
        """`rest`: work for when all is done; it looks itself whether it is time for it. `check`: begin with a pass."""
        super().__init__(f"account {desk.account.key}", desk)
        self._rest = rest
        self._store = store
        self._backend = backend
        self._check = check

    def turn(self) -> None:
        """What was asked for at once, then what the user did, then a pass if one is due; then wait."""
        control = self._desk.control
        if urgent := control.take_urgent():
            self._backend.fetch(urgent)
        if self._check:
            self._say(AccountState.SYNCING, f"Checking {self._desk.account.name}")
            self._backend.sync()
            self._check = False
            self.well()
        else:
            self._backend.replay()
            self._fetch_in_sight()
        self._say(AccountState.IDLE)
        self._rest()
        self._check = control.wait(self._seconds())
        control.take_cancelled()  # nothing was under way

    def _fetch_in_sight(self) -> None:
        control = self._desk.control
        while in_sight := control.take_in_sight(SOME):
            wanted = (
                () if control.metered else keeping.of_interest(self._store.read(), self._desk.account.key, in_sight)
            )
            if wanted:
                self._backend.fetch(wanted)
            if urgent := control.take_urgent():
                self._backend.fetch(urgent)

    def give_up(self) -> None:
        """Close the connection; look at everything when it is back."""
        self._check = True
        self._backend.close()

    def cancelled(self) -> None:
        """The rest of the pass comes when the next one is due, or asked for."""
        self._say(AccountState.IDLE)
        self._check = self._desk.control.wait(self._seconds())

    def failed(self, error: MailError) -> None:
        """As in every loop, and the tree shows how the account is."""
        match error:
            case LoginFailed() | NoSecret():
                self._say(AccountState.WRONG_PASSWORD, str(error))
            case Unreachable():
                self._say(AccountState.OFFLINE, str(error))
            case _:
                self._say(AccountState.PROBLEM, str(error))
        super().failed(error)

    def _seconds(self) -> float | None:
        """Until the next check, or the next operation that may be tried."""
        minutes = self._desk.account.check_minutes
        check = minutes * 60.0 if minutes > 0 else None
        attempt = replay.next_attempt(self._store.read(), self._desk.account.key)
        if attempt is None:
            return check
        wait = max(1.0, float(attempt - clock.now()))
        return wait if check is None else min(check, wait)


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
