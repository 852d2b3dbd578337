"""The message list: shows a place or a search, stays true while mail comes and goes, says what is selected."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QTemporaryDir, QTimer, Signal
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.model import FolderId, MessageId, Protocol, Role, Row, RowId, SortKey
from qtmail.ui.message_list.conversing import Conversing, unread_after
from qtmail.ui.message_list.drag import RowsMime
from qtmail.ui.message_list.header import ListHeader
from qtmail.ui.message_list.listing import Listing, Query
from qtmail.ui.message_list.model import MessageListModel
from qtmail.ui.message_list.quick import Filter
from qtmail.ui.message_list.quickbar import QuickBar
from qtmail.ui.message_list.typeahead import Jumping
from qtmail.ui.message_list.view import MessageView
from qtmail.ui.parts.empty import EmptyState
from qtmail.ui.places import Place
from qtmail.ui.reading import Reading
from qtmail.ui.theme import Theme

SKELETON_MS = 200
SOON_MS, LATE_MS = 40, 10_000
"""How soon a changed list is read again: five times what it took, but no sooner and no later. (A million by date: 1 s;
by correspondent: 10 s.)"""
LANE = "list"
KEPT = 50
"""Selected messages that a quick filter leaves in sight though they do not match any more."""
SEARCH_KEY = ""
"""Where the quick filter of search results is remembered; a place has its own key."""

_EMPTY: dict[Role, tuple[str, str]] = {
    Role.INBOX: ("You are all caught up.", "inbox"),
    Role.OUTBOX: ("Nothing is waiting to be sent.", "outbound"),
    Role.DRAFTS: ("No drafts. What you begin to write is kept here.", "pencil"),
    Role.TRASH: ("Trash is empty.", "trash"),
    Role.JUNK: ("No junk here.", "ban"),
}


class MessageList(QWidget):
    """Ids are read on the reading thread; rows come from the model's small cache."""

    selection_changed = Signal()
    opened = Signal(object)
    """RowId."""
    act_wanted = Signal(object, object)
    """(Act, RowId)."""
    listed = Signal(int)
    """A list arrived: how many messages."""
    empty_pressed = Signal()
    """The button of the empty state."""
    failed = Signal(str)
    """A search that cannot be understood: why."""
    columns_changed = Signal()
    menu_wanted = Signal(object)
    """QPoint, global: a context menu for what is selected."""
    filtering = Signal(bool)
    """The quick filter is open, or not any more."""

    def __init__(self, mail: Mail, reading: Reading, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mail = mail
        self._reading = reading
        self._model = MessageListModel(mail)
        self.place: Place | None = None
        self.search_text = ""
        self.everywhere = True
        self.grouped = True
        """By date, under headings; see `set_grouped`."""
        self._filters: dict[str, Filter] = {}
        """The quick filters that are open, by place."""
        self._found: tuple[RowId, ...] = ()
        self.best_first = False
        """Of a search: the best first, not the newest."""
        self.folder_names: Callable[[FolderId], str] = lambda folder: ""
        self._select_when_listed: RowId | None = None
        self._last_open: dict[str, RowId] = {}
        self._files: QTemporaryDir | None = None
        self.view = MessageView(self._model, theme, self)
        self.view.drag_data = self._drag_data
        self.header = ListHeader(theme, self.view)
        self.view.setHorizontalHeader(self.header)
        self.header.adopt()
        self.conversing = Conversing(mail, self.view, lambda: self._model.listing)
        self.empty = EmptyState(theme, self)
        self.quick = QuickBar(theme, self)
        Jumping(mail, reading, self.view, self._model)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.quick)
        column.addLayout(self._stack, 1)
        self.setFocusProxy(self.view)
        self._skeleton = QTimer(self, interval=SKELETON_MS, singleShot=True)
        self._skeleton.timeout.connect(self._show_skeleton)
        self._asked_at: float | None = None
        """When the read under way was asked for."""
        self._fresh = False
        """It is of another place or order than what is shown."""
        self._again = QTimer(self, interval=SOON_MS, singleShot=True)
        self._again.timeout.connect(self._reread)
        self._connect()

    def _connect(self) -> None:
        self.view.selection_changed.connect(self._selected)
        self.view.opened.connect(self.opened)
        self.view.act_wanted.connect(self.act_wanted)
        self.view.form_changed.connect(self._form_changed)
        self.view.menu_wanted.connect(self.menu_wanted)
        self.header.sort_wanted.connect(self._sort)
        self.header.geometriesChanged.connect(self.header.share_out)
        self.header.columns_changed.connect(self.columns_changed)
        self.empty.pressed.connect(self._empty_pressed)
        self.quick.changed.connect(self._filtered)
        self.quick.closed.connect(self._filter_closed)
        self.quick.left.connect(self.setFocus)
        self.quick.tags_here = self._ask_tags
        self._form_changed()

    @property
    def model(self) -> MessageListModel:
        """The lines and their rows."""
        return self._model

    # What is shown

    def show_place(self, place: Place) -> None:
        """Open a folder (or several as one); what was selected there last is selected again."""
        self.place, self.search_text = place, ""
        self._restore_filter()
        self._select_when_listed = self._last_open.get(place.key)
        self._load(fresh=True)

    def show_search(self, text: str) -> None:
        """Show what matches, everywhere or in the place that is open; an empty text returns to the place."""
        if not text.strip():
            if self.search_text and self.place is not None:
                self.show_place(self.place)
            return
        began = not self.search_text
        self.search_text = text.strip()
        if began:
            self._restore_filter()
        self._select_when_listed = None
        self._load(fresh=True)

    def add_found(self, rows: Sequence[RowId]) -> None:
        """These were found elsewhere (on the server) and belong to the search that is shown."""
        if tuple(rows) != self._found:
            self._found = tuple(rows)
            if self.search_text:
                self.refresh()

    def names_folder(self, folder: FolderId) -> bool:
        """Whether rows of this folder need its name: in search results, and below a conversation of other folders."""
        query = self._model.listing.query
        return bool(self.searching) or (query.conversations and folder not in query.folders)

    def refresh(self, folder: FolderId | None = None) -> None:
        """Rows of this folder (or of any) came, went or changed: read again, without a jump, soon."""
        if folder is None or self.searching or (self.place and folder in self.place.folders):
            self._model.forget()
            if not self._again.isActive():  # a timer that is set back by every event never fires during a sync
                self._again.start()

    def refresh_messages(self, messages: Sequence[MessageId]) -> None:
        """These messages have their content now: previews and paper clips may have come."""
        wanted = set(messages)
        first, last = self.view.visible_lines()
        rows = [self._model.row(line) for line in range(first, last + 1)]
        if any(row is not None and row.message in wanted for row in rows):
            self._model.forget()
            self.view.viewport().update()

    def set_sort(self, sort: SortKey, descending: bool) -> None:
        """Order the list; the header shows it."""
        self.header.set_sort(sort, descending)
        self._sort(sort, descending)

    def set_grouped(self, grouped: bool) -> None:
        """Put a list by date under headings, or not."""
        if grouped != self.grouped:
            self.grouped = grouped
            self._load(fresh=False)

    def turn_conversations(self) -> None:
        """Show the place that is open as conversations, or as messages again; remembered for each place."""
        if self.place is not None:
            self.conversing.places ^= {self.place.key}
            chosen = self.selected()
            self._select_when_listed = chosen[0] if len(chosen) == 1 else None
            self._load(fresh=True)
            self.columns_changed.emit()

    @property
    def shows_conversations(self) -> bool:
        """Whether the place that is open is a list of conversations, or will be without search and filter."""
        return self.place is not None and self.place.key in self.conversing.places

    def turn_quick_filter(self) -> None:
        """Open the quick filter, go into it, or close it from there."""
        focus = QApplication.focusWidget()
        if self.quick.isVisible() and focus is not None and self.quick.isAncestorOf(focus):
            self.quick.shut()
            return
        self._filters.setdefault(self._filter_key(), self.quick.filter)
        self.quick.open()
        self.filtering.emit(True)

    def select(self, row: RowId | None) -> None:
        """Select this message, now if it is listed, else when the next list comes."""
        hidden = row is not None and self._model.listing.line_of(row) < 0
        if row is not None and (self._fresh or (hidden and not self.conversing.reveal(row))):
            self._select_when_listed = row
            return
        self.view.select(row)

    def drop_rows(self, rows: Sequence[RowId], then: RowId | None) -> None:
        """Take rows off the list at once and select `then`: the store was changed already, the new list will agree."""
        gone = set(rows)
        self.view.show_listing(self._model.listing.without(gone), keep_place=True, gone=gone)
        self.view.select(then)
        if then is None:
            self._selected()
        self._show_state()

    def repaint_rows(self, rows: Sequence[RowId]) -> None:
        """Flags of these changed."""
        self._model.forget(rows)
        self.view.viewport().update()

    # What is there

    @property
    def searching(self) -> str:
        """What is looked for in what is shown: typed, or kept as a folder; empty in a folder."""
        kept = self.place.query if self.place else ""
        if self.search_text and kept and not self.everywhere:
            return f"({kept}) {self.search_text}"
        return self.search_text or kept

    @property
    def count(self) -> int:
        return len(self._model.listing.ids)

    @property
    def listing(self) -> Listing:
        return self._model.listing

    @property
    def busy(self) -> bool:
        """What is shown is being read, or will be at once."""
        return self._asked_at is not None or self._again.isActive()

    def ids(self) -> Sequence[int]:
        """Every message listed, in order."""
        return self._model.listing.ids

    def selected(self) -> list[RowId]:
        return self.view.selected_ids()

    def acted(self) -> list[RowId]:
        """The selected rows, and all of the conversations that a selected line stands for."""
        return self.conversing.acting_on(self.selected())

    def selected_count(self) -> int:
        return self.view.selected_count()

    def row(self, row: RowId) -> Row | None:
        return self._model.known(row)

    def neighbour(self, rows: Sequence[RowId]) -> RowId | None:
        return self.view.neighbour(set(rows))

    def find_unread(self, then: Callable[[RowId | None], None]) -> None:
        """Look for the first unread message below the current one, else from the top; `then` gets it."""
        ids, current = self._model.listing.ids, self.view.current_id()
        start = ids.index(current) + 1 if current is not None and current in ids else 0
        query = self._model.listing.query
        if query.conversations:
            self._reading.ask("unread", partial(unread_after, self._mail, self._model.listing, start), then)
            return
        folders = () if query.text else query.folders
        self._reading.ask("unread", lambda: self._mail.next_unread(ids, start, folders), then)

    # Reading

    def _query(self) -> Query:
        folders = self.place.folders if self.place else ()
        descending, narrow, grouped = self.header.descending, self.quick.filter.said, self.grouped
        if self.searching:
            return Query(
                () if self.everywhere else folders, self.searching, SortKey.DATE, descending, narrow,
                grouped=grouped, best=self.best_first, found=self._found,
            )  # fmt: skip
        kept = self._kept() if narrow else ()
        query = Query(folders, "", self.header.sort, descending, narrow, kept, grouped)
        return self.conversing.query(query, self.place.key if self.place else "")

    def _kept(self) -> tuple[RowId, ...]:
        """What is selected under this very filter: it does not vanish because it was read."""
        same = self._model.listing.query.narrow == self.quick.filter.said and not self._fresh
        return tuple(self.selected()) if same and self.selected_count() <= KEPT else ()

    def _load(self, *, fresh: bool) -> None:
        self._fresh = self._fresh or fresh
        query = self._query()
        if fresh:
            self._again.stop()
            if query.folders != self._model.listing.query.folders or query.text != self._model.listing.query.text:
                self._skeleton.start()  # in another order, the list stays until the new one is there
        self._ask(query, self.conversing.reader(query, fresh=fresh), fresh)

    def _ask(self, query: Query, how: Callable[[Mail, Query, datetime], Listing], fresh: bool) -> None:
        self._asked_at = time.monotonic()
        then = partial(self._arrived, fresh)
        work = partial(how, self._mail, query, datetime.now())
        self._reading.ask(LANE, work, then, self._refused, stoppable=True)

    def _reread(self) -> None:
        if self._asked_at is not None:
            self._again.start()  # the answer under way is shown first: a newer question would discard it
            return
        self._load(fresh=False)

    def _answered(self) -> None:
        """Long lists are read anew less often, so that a sync at full speed leaves the window free."""
        took = time.monotonic() - self._asked_at if self._asked_at is not None else 0.0
        self._asked_at, self._fresh = None, False
        self._again.setInterval(min(max(SOON_MS, round(took * 5000)), LATE_MS))
        self._skeleton.stop()
        self.view.loading = False

    def _arrived(self, fresh: bool, listing: Listing) -> None:
        self._answered()
        several = listing.query.text or listing.query.conversations or len(listing.query.folders) > 1
        self.view.place_names = self._place_name if several else None
        if fresh or not self._model.listing.same(listing):
            self.view.show_listing(listing, keep_place=not fresh)
        else:
            self.view.viewport().update()
        whole, wanted = listing.whole, self._select_when_listed
        wanted = self.conversing.line_for(wanted) if wanted is not None else None
        if wanted is not None and (whole or listing.line_of(wanted) >= 0):
            self._select_when_listed = None
            self.view.select(wanted)
        self._show_state()
        self.quick.say(self._left_words() if whole else "")
        self.listed.emit(len(listing.ids))
        if not whole:
            self._ask(listing.query, self.conversing.reader(listing.query, fresh=False), fresh=False)

    def _refused(self, error: MailError) -> None:
        """What was found before stays: half a query is often wrong for as long as it is typed."""
        self._answered()
        if self._model.listing.ids:
            self._show_state()
        else:
            self.empty.say(error.sentence(), "alert-circle", "")
            self._stack.setCurrentWidget(self.empty)
        self.failed.emit(error.sentence())

    def _show_state(self) -> None:
        if self._model.listing.ids:
            focus = QApplication.focusWidget()
            had_focus = focus is not None and self.empty.isAncestorOf(focus)
            self._stack.setCurrentWidget(self.view)
            if had_focus:
                self.view.setFocus()
            return
        if not self.quick.filter.empty:
            self.empty.say("The quick filter hides every message here.", "filter", "Clear the filter")
        elif self.search_text:
            narrow = not self.everywhere
            self.empty.say(
                f"Nothing matches “{self.search_text}”.",
                "search",
                "Search everywhere" if narrow else "Clear the search",
            )
        else:
            role = self.place.role if self.place else Role.NONE
            text, icon = _EMPTY.get(role, ("No messages here.", "folder"))
            if role is Role.INBOX and self._never_checked():
                text = "No mail was fetched here yet."
            self.empty.say(text, icon, "Check for mail" if role is Role.INBOX else "")
        self._stack.setCurrentWidget(self.empty)

    def _never_checked(self) -> bool:
        """Nobody can say that all is read before the server was asked."""
        imap = {account.key for account in self._mail.accounts() if account.protocol is Protocol.IMAP}
        shown = self.place.folders if self.place else ()
        return any(one.verified_at is None and one.account in imap for one in self._mail.folders() if one.id in shown)

    def _show_skeleton(self) -> None:
        self.view.loading = True
        self._stack.setCurrentWidget(self.view)
        self.view.viewport().update()

    # The quick filter

    def _filter_key(self) -> str:
        return SEARCH_KEY if self.search_text or self.place is None else self.place.key

    def _restore_filter(self) -> None:
        """What was wanted of this place last; closed where nothing was."""
        remembered = self._filters.get(self._filter_key())
        self.quick.use(remembered or Filter())
        self.quick.setVisible(remembered is not None)
        self.filtering.emit(remembered is not None)

    def _filtered(self) -> None:
        self._filters[self._filter_key()] = self.quick.filter
        chosen = self.selected() if self.selected_count() == 1 else []
        self._select_when_listed = chosen[0] if chosen else None
        self._load(fresh=True)

    def _filter_closed(self) -> None:
        self._filters.pop(self._filter_key(), None)
        self.filtering.emit(False)

    def _left_words(self) -> str:
        if self.quick.filter.empty:
            return ""
        left = self.count
        return "1 message" if left == 1 else f"{left:,} messages"

    def _ask_tags(self, then: Callable[[Sequence[str]], None]) -> None:
        folders = self.place.folders if self.place else ()
        self._reading.ask("tags", lambda: self._mail.tags(folders), then)

    def _empty_pressed(self) -> None:
        if self.quick.filter.empty:
            self.empty_pressed.emit()
        else:
            self.quick.clear()
            self.setFocus()

    def _place_name(self, row: Row) -> str:
        query = self._model.listing.query
        folder, inside = self.folder_names(row.folder), self._model.listing.inside
        if query.conversations and len(query.folders) == 1:
            folder = "" if row.folder in query.folders else folder.partition(" › ")[2]
        return f"in {inside[row.id] or 'an attachment'}" if row.id in inside else folder

    def _sort(self, _sort: SortKey, _descending: bool) -> None:
        chosen = self.selected()
        self._select_when_listed = chosen[0] if len(chosen) == 1 else None
        self._load(fresh=True)
        self.columns_changed.emit()

    def _selected(self) -> None:
        if self.place is not None and self.selected_count() == 1 and not self.search_text:
            self._last_open[self.place.key] = self.selected()[0]
        self.selection_changed.emit()

    def _form_changed(self) -> None:
        self.header.setVisible(not self.view.cards)

    def _drag_data(self, rows: Sequence[RowId]) -> QMimeData:
        if self._files is None:
            self._files = QTemporaryDir()
        directory = Path(self._files.path())
        return RowsMime(self._mail, self.conversing.acting_on(rows), lambda: directory)
