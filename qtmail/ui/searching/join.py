"""Joins search box, the strip above the results and the list."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from qtmail import events
from qtmail.engine.reading import Covered
from qtmail.model import Protocol
from qtmail.ui.searching.saved import SavedSearches
from qtmail.ui.searching.server import ServerSearch

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow

LANE = "coverage"
LATE_MS = 1000
"""While mail comes in, what the search covers is counted that often."""


class Searching(QObject):
    """What is typed is searched everywhere, or in what is open; the strip says how much was found, and in how much."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._box, self._scope, self._list = window.search, window.scope, window.list
        self.saved = SavedSearches(window)
        self.server = ServerSearch(window, self._say_coverage)
        self._covered = Covered()
        self._late = QTimer(self, interval=LATE_MS, singleShot=True)
        self._late.timeout.connect(self._count)
        self._box.searched.connect(self._searched)
        self._box.left.connect(self._list.setFocus)
        self._scope.scope_changed.connect(self._scope_changed)
        self._scope.order_changed.connect(self._order_changed)
        self._scope.save_wanted.connect(lambda: self.saved.ask_name(self._list.searching))
        self._scope.server_wanted.connect(lambda: self.server.start(self._list.search_text))
        self._list.listed.connect(self._listed)
        self._list.failed.connect(self._refused)
        window.link.heard.connect(self._hear)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self._list)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._end)

    def edit(self, text: str) -> None:
        """Put this into the box and show what it finds."""
        self._box.setText(text)
        self._box.start()
        self._box.tell()

    def _end(self) -> None:
        """Esc among the results."""
        if self._list.search_text:
            self._box.leave()

    def _searched(self, text: str) -> None:
        self.server.forget()
        if text:
            self._say("Searching…")
            self._count()
        else:
            self._scope.hide()
        self._list.show_search(text)

    def _scope_changed(self, everywhere: bool) -> None:
        self._list.everywhere = everywhere
        self._again()
        self._count()

    def _order_changed(self, best: bool) -> None:
        self._list.best_first = best
        self._again()

    def _again(self) -> None:
        if self._list.search_text:
            self._list.show_search(self._list.search_text)

    def _listed(self, count: int) -> None:
        self._window.reader.marks = self._list.listing.marks
        if self._list.search_text:
            found = "1 message" if count == 1 else f"{count:,} messages"
            self._say(f"{found} for “{self._list.search_text}”")

    def _refused(self, why: str) -> None:
        """What was found before is still shown."""
        if self._list.search_text:
            self._scope.say(why, self._here(), wrong=True)

    def _say(self, words: str) -> None:
        self._scope.say(words, self._here())

    def _here(self) -> str:
        return self._list.place.title if self._list.place else ""

    # What the search covers

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.BodiesArrived | events.AttachmentsRead | events.FolderChanged):
            if self._list.search_text and not self._late.isActive():
                self._late.start()
            if isinstance(event, events.AttachmentsRead) and self._list.searching:
                self._list.refresh()

    def _count(self) -> None:
        place = self._list.place
        folders = () if self._list.everywhere or place is None else place.folders
        mail = self._window.mail
        self._window.reading.ask(LANE, lambda: mail.search_covers(folders), self._counted)

    def _counted(self, covered: Covered) -> None:
        self._covered = covered
        self._say_coverage()

    def _say_coverage(self) -> None:
        imap = any(one.protocol is Protocol.IMAP and one.enabled for one in self._window.accounts)
        told = self.server.words
        words = f"{self._covered.words} {told}".strip()
        self._scope.say_coverage(words, server=imap and self._covered.bodies_missing > 0 and not self.server.running)
