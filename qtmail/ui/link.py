"""What the window asks of its link to the engine, so that widgets need not know how that link is made."""

from typing import Protocol

from PySide6.QtCore import SignalInstance

from qtmail.events import Wish


class Link(Protocol):
    """`heard` carries values of qtmail.events, on the window's thread, after the change is in the store."""

    @property
    def heard(self) -> SignalInstance:
        """Signal(object). (Not `event`: that would hide QObject.event.)"""

    def wish(self, wish: Wish) -> None:
        """Ask the engine for something; nothing happens while there is no engine."""
