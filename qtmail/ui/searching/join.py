"""Joins search box, the strip above the results and the list."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut

from qtmail.ui.message_list.pane import MessageList
from qtmail.ui.searching.box import SearchBox
from qtmail.ui.searching.scope_bar import ScopeBar


class Searching(QObject):
    """What is typed is searched everywhere, or in what is open; the strip says how much was found."""

    def __init__(self, box: SearchBox, scope: ScopeBar, messages: MessageList) -> None:
        super().__init__(messages)
        self._box = box
        self._scope = scope
        self._list = messages
        box.searched.connect(self._searched)
        box.left.connect(messages.setFocus)
        scope.scope_changed.connect(self._scope_changed)
        messages.listed.connect(self._listed)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), messages)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self._end)

    def _end(self) -> None:
        """Esc among the results."""
        if self._list.search_text:
            self._box.leave()

    def _searched(self, text: str) -> None:
        if text:
            self._say("Searching…")
        else:
            self._scope.hide()
        self._list.show_search(text)

    def _scope_changed(self, everywhere: bool) -> None:
        self._list.everywhere = everywhere
        if self._list.search_text:
            self._list.show_search(self._list.search_text)

    def _listed(self, count: int) -> None:
        if self._list.search_text:
            found = "1 message" if count == 1 else f"{count:,} messages"
            self._say(f"{found} for “{self._list.search_text}”")

    def _say(self, words: str) -> None:
        self._scope.say(words, self._list.place.title if self._list.place else "")
