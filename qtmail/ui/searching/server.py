"""Going on with a search on the servers, for the messages whose text is not here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from qtmail import events

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow


class ServerSearch(QObject):
    """One search at a time; what the servers find joins the results."""

    def __init__(self, window: "MainWindow", changed: Callable[[], None]) -> None:
        """`changed`: `words` or `running` did."""
        super().__init__(window)
        self._window = window
        self._changed = changed
        self._number = 0
        self.running = False
        self.words = ""
        """How far it is, or what came of it."""
        window.link.heard.connect(self._hear)

    def start(self, query: str) -> None:
        """Ask the servers; offline it says so."""
        self.forget()
        if self._window.settings.offline:
            self.words = "You are working offline: go online to search the server."
        else:
            self.running = True
            self.words = "Asking the server…"
            self._window.link.wish(events.SearchServers(self._number, query))
        self._changed()

    def forget(self) -> None:
        """Another search is shown now: what comes for the last one is of no interest."""
        self._number += 1
        self.running = False
        self.words = ""
        self._window.list.add_found(())

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.ServersSearched) and event.number == self._number:
            self.running = False
            self.words = event.words
            self._window.list.add_found(event.rows)
            self._changed()
