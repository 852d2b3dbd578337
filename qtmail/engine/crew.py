"""All loops of one engine process, and the window's wishes handed to the right ones."""

from collections.abc import Callable
from typing import Protocol

from qtmail import secrets
from qtmail.engine.context import Passwords
from qtmail.events import Event, Wish
from qtmail.paths import Profile


class Thread(Protocol):
    """Something that runs and can be waited for."""

    def join(self, timeout: float) -> bool:
        """Wait at most so many seconds. -> True when it has ended."""


StartThread = Callable[[str, Callable[[], None]], Thread]
"""(name, run) -> a started thread."""


class Crew:
    """The engine of one profile. `start`, `handle` and `stop` belong to one thread (the process's main one)."""

    def __init__(
        self,
        profile: Profile,
        emit: Callable[[Event], None],
        start_thread: StartThread,
        *,
        passwords: Passwords = secrets.password_for,
    ) -> None:
        """`emit` is called from every thread of the crew, with events in the order each of them wrote."""
        raise NotImplementedError

    def start(self) -> None:
        """Take the profile's lock, open the store, start a loop for each enabled account, its push connection and
        the outbox, and emit EngineReady. Raises AlreadyRunning, StoreError, BadInput (accounts.toml is damaged)."""
        raise NotImplementedError

    def handle(self, wish: Wish) -> None:
        """Wake, FetchBody, Reload, Unlock, GoOffline; Stop does what `stop` does."""
        raise NotImplementedError

    def stop(self) -> None:
        """End every loop within about a second, close the store, give the lock back. May be called twice."""
        raise NotImplementedError
