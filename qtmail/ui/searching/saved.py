"""Saved searches in the sidebar: kept, shown with how much is unread in them, renamed, changed, deleted."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QInputDialog, QMenu

from qtmail import events
from qtmail.engine.mail import Done, Mail
from qtmail.errors import BadInput
from qtmail.operations import SavedSearch
from qtmail.ui.sidebar.entries import Entry, KeptSearch

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow

LANE = "saved searches"
SOON_MS = 500
"""How soon unread messages are counted again."""


class SavedSearches(QObject):
    """Counts are made on the reading thread when something changed, and twice a second at most."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._kept: tuple[KeptSearch, ...] = ()
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._count)
        sidebar = window.sidebar
        sidebar.search_renamed.connect(self.rename)
        sidebar.search_delete_wanted.connect(self.delete)
        sidebar.menu_wanted.connect(self._show_menu)
        window.link.heard.connect(self._hear)
        window.acts.done.connect(self._done_elsewhere)
        self._read()

    def ask_name(self, query: str) -> None:
        """Ask what to call it and keep it."""
        name, ok = QInputDialog.getText(self._window, "Save as folder", "Name of the saved search:", text=query[:40])
        if ok:
            self.save(name, query)

    def save(self, name: str, query: str) -> None:
        self._do(lambda: self._window.mail.save_search(name, query))

    def rename(self, search: SavedSearch, name: str) -> None:
        self._do(lambda: self._window.mail.change_search(search, name=name))

    def change(self, search: SavedSearch, query: str) -> None:
        """Other words under the same name."""
        self._do(lambda: self._window.mail.change_search(search, query=query))

    def delete(self, search: SavedSearch) -> None:
        """No question: undo brings it back, and mail is not touched."""
        self._do(lambda: self._window.mail.delete_search(search))

    def menu(self, entry: Entry) -> QMenu:
        """What can be done with a line of the sidebar that is a saved search."""
        menu = QMenu(self._window)
        search = entry.search
        assert search is not None
        self._add(menu, "Edit search…", "search", lambda: self._ask_query(search))
        self._add(menu, "Rename", "pencil", lambda: self._window.sidebar.edit_line(entry.key))
        self._add(menu, "Delete search", "trash", lambda: self.delete(search))
        return menu

    def _show_menu(self, entry: Entry, where: QPoint) -> None:
        if entry.search is not None:
            menu = self.menu(entry)
            menu.exec(where)
            menu.deleteLater()

    def _ask_query(self, search: SavedSearch) -> None:
        title = f"Edit search “{search.name}”"
        query, ok = QInputDialog.getText(self._window, title, "What it looks for:", text=search.query)
        if ok:
            self.change(search, query)

    def _do(self, act: Callable[[], Done]) -> None:
        self._window.doing.do(act, self._did, lambda error: self._window.complain(error.sentence()))

    def _did(self, done: Done) -> None:
        self._window.apply(done)
        self._window.acts.tell(done)
        self._read()

    def _done_elsewhere(self, done: Done) -> None:
        """Undo among others."""
        if events.SearchesChanged() in done.events:
            self._read()
        elif self._kept:
            self._count_soon()

    def _hear(self, event: events.Event) -> None:
        match event:
            case events.SearchesChanged():
                self._read()
            case events.FolderChanged() | events.BodiesArrived() | events.AttachmentsRead():
                self._count_soon()

    def _read(self) -> None:
        """Names at once, counts as they were; those are made anew soon."""
        counts = {kept.search.id: kept.unread for kept in self._kept}
        self._show(tuple(KeptSearch(one, counts.get(one.id, 0)) for one in self._window.mail.saved_searches()))
        self._window.going.follow_search()
        self._count_soon()

    def _count_soon(self) -> None:
        if self._kept and not self._soon.isActive():
            self._soon.start()

    def _count(self) -> None:
        mail, searches = self._window.mail, tuple(kept.search for kept in self._kept)
        self._window.reading.ask(LANE, lambda: _counted(mail, searches), self._show)

    def _show(self, kept: tuple[KeptSearch, ...]) -> None:
        self._kept = kept
        self._window.sidebar.show_searches(kept)

    def _add(self, menu: QMenu, text: str, icon: str, run: Callable[[], object]) -> None:
        action = menu.addAction(self._window.theme.icon(icon), text)
        action.triggered.connect(lambda _checked=False: run())


def _counted(mail: Mail, searches: tuple[SavedSearch, ...]) -> tuple[KeptSearch, ...]:
    """A search that cannot be understood any more (an account went) counts nothing."""
    found = []
    for one in searches:
        try:
            found.append(KeptSearch(one, mail.search_count(one.query)[1]))
        except BadInput:
            found.append(KeptSearch(one))
    return tuple(found)
