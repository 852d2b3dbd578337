"""The loops that run for as long as the engine does: one an account, one a push connection, one for the outbox.

Each has a Qt-free `run()` that returns after `stop()`; a thread (a QThread in background/) is only its shell.
"""

from typing import Protocol

from qtmail.events import FetchBody
from qtmail.events import Wake as WakeWish


class Loop(Protocol):
    """What runs in one thread. Every method but `run` may be called from any thread."""

    name: str
    """For the thread and the log."""

    def run(self) -> None:
        """Work until `stop()`. Never raises: what cannot be handled is told as a Problem and tried again later."""

    def wake(self, *, check: bool = False) -> None:
        """There is something to do; `check`: also ask the server for news."""

    def set_offline(self, offline: bool) -> None:
        """Close the connection and make none, until it is taken back."""

    def stop(self) -> None:
        """End within a second, also in the middle of a transfer; returns at once."""


__all__ = ["FetchBody", "Loop", "WakeWish"]
