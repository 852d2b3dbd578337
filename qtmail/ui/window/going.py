"""Going from place to place: opening folders, following one that is renamed, leaving one that is gone."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from qtmail.errors import BadInput
from qtmail.model import FolderId, RowId
from qtmail.ui.places import UNIFIED, Place, place_of, place_of_search

if TYPE_CHECKING:
    from qtmail.ui.main_window import MainWindow


class Going(QObject):
    """One window's way through the folders."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._left = ""
        """The key of an open place that an act of the user's removed."""

    def open(self, place: Place) -> None:
        """Show it; its line in the sidebar is chosen where it is in sight."""
        if not self._window.sidebar.open_place(place.key):
            self.show(place)

    def open_folder(self, folder: FolderId) -> None:
        """Show the folder of this id, if it is (still) there."""
        for known in self._window.folders:
            if known.id == folder:
                self.open(place_of(known))

    def open_new(self, folder: FolderId, row: RowId) -> None:
        """A notification was clicked."""
        messages = self._window.list
        if messages.place is None or folder not in messages.place.folders or messages.search_text:
            self.open_folder(folder)
        messages.select(row)

    def open_nth(self, number: int) -> None:
        """Ctrl+1 to Ctrl+9; counted from 0, in the order of the sidebar."""
        places = self._window.sidebar.places()
        if number < len(places):
            self.open(places[number])

    def open_first(self) -> None:
        """Where the user was last; else the inbox."""
        sidebar = self._window.sidebar
        wanted = [self._window.arrangement.state.place, UNIFIED, *(place.key for place in sidebar.places())]
        next((key for key in wanted if key and sidebar.open_place(key)), None)

    def show(self, place: Place) -> None:
        """The list shows this now; a search ends."""
        window = self._window
        window.search.put_away()
        window.scope.hide()
        window.list.show_place(place)
        self._entitle(place)
        window.update_actions()

    def follow(self) -> None:
        """What is open was renamed, grew (a second inbox) or is gone; or nothing is open yet."""
        window = self._window
        before = window.list.place
        if before is None:
            self.open_first()
            return
        place = window.sidebar.follow(before)
        if place is not None and place != before:
            window.list.place = place
            self._entitle(place)
            if (place.folders, place.query) != (before.folders, before.query):
                window.list.refresh()
        elif before.query:
            if before.key not in {place_of_search(one).key for one in window.mail.saved_searches()}:
                self._leave(before)  # or else its heading is folded
        elif not {folder.id for folder in window.folders}.intersection(before.folders):
            self._leave(before)

    def follow_search(self) -> None:
        """Saved searches changed: the one that is open may have been renamed, changed or deleted."""
        place = self._window.list.place
        if place is not None and place.query:
            self.follow()

    def notice_own_act(self) -> None:
        """The user did something: if that removed the folder that is open, there is nothing to explain."""
        place = self._window.list.place
        if place is None or len(place.folders) != 1:
            return
        try:
            self._window.mail.folder(place.folders[0])
        except BadInput:
            self._left = place.key

    def _leave(self, place: Place) -> None:
        """Show another one; say why, where the user did not do it and the account is still there."""
        ours, self._left = self._left == place.key, ""
        self.open_first()
        if not ours and any(account.key == place.account for account in self._window.accounts):
            self._window.complain(
                f"The folder “{place.title}” was deleted or renamed on the server, by another program or device. "
                "If that was a mistake, make it there again or ask your provider; it comes back here by itself."
            )

    def _entitle(self, place: Place) -> None:
        self._window.setWindowTitle(f"{place.title} – qtmail")
