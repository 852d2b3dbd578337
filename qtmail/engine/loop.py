"""What every loop of the engine is: signals from any thread, and one outermost place where faults end."""

import logging
from collections.abc import Iterable
from typing import Protocol

from qtmail.engine.backend import Desk
from qtmail.engine.backoff import FIRST_S, LONGEST_S, pause
from qtmail.engine.context import Stopped
from qtmail.errors import LoginFailed, MailError, NoSecret
from qtmail.events import Problem, StateChanged
from qtmail.model import AccountState, MessageId

log = logging.getLogger(__name__)


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
