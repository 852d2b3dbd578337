"""Shows a thread in the body of a reader: opens and folds messages, jumps between them, tells which are in sight."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.model import RowId
from qtmail.ui.conversation.textpage import TextPage
from qtmail.ui.conversation.thread import Entry, Thread, list_thread
from qtmail.ui.conversation.webpage import WebPage
from qtmail.ui.conversation.words import ALL, Click, Verb, name, read, row_of
from qtmail.ui.reader.bodies import Bodies
from qtmail.ui.reader.content import BodyKind, Content
from qtmail.ui.reader.load import Frame, Look, Shown, load
from qtmail.ui.theme import Theme
from qtmail.ui.worker import Worker

_SOON_MS = 200
"""Events come in crowds: one look at the store serves them all."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How a conversation is shown."""

    newest_first: bool = False
    offered: bool = True
    """Remote pictures can be asked for."""


class Conversation(QObject):
    """One for each reader; `active` while it shows a thread."""

    chosen = Signal(object)
    """Shown: the message that commands are about from now on."""
    clicked = Signal(object)
    """Click: on a button that is for the reader to answer; its message is chosen already."""
    opened = Signal(object)
    """Shown: a message was opened, or read anew."""
    reached = Signal(object)
    """RowId: `go_to` got there."""
    changed = Signal()
    """Messages came or went, or their flags are others."""
    sighted = Signal(object)
    """tuple of RowId: the unread messages in sight."""
    failed = Signal(object)
    """MailError."""

    def __init__(
        self,
        mail: Mail,
        theme: Theme,
        worker: Worker,
        bodies: Bodies,
        look: Callable[[Frame, RowId | None], Look],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._mail, self._theme, self._worker, self._bodies, self._look = mail, theme, worker, bodies, look
        self._entries: dict[RowId, Entry] = {}
        """In the order shown."""
        self._boxes: dict[RowId, str] = {}
        self._current: RowId | None = None
        self._ways = Ways()
        self._ticket = 0
        self.content: Content | None = None
        bodies.scrolled.connect(self.look_around)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._read_anew)

    # What is shown

    @property
    def active(self) -> bool:
        return bool(self._entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """In the order shown."""
        return tuple(self._entries.values())

    @property
    def current(self) -> Shown | None:
        """The message that commands are about."""
        entry = self._entries.get(self._current) if self._current is not None else None
        return entry.shown if entry else None

    def holds(self, row: RowId) -> bool:
        return row in self._entries

    def frame(self) -> Frame:
        """What bodies are to be made for; loads Qt WebEngine where that is wanted."""
        return Frame.SHADOW if self._bodies.draws_html else Frame.PARAGRAPHS

    def present(self, thread: Thread, ways: Ways) -> None:
        """Show this one."""
        self._ticket += 1
        self._ways = ways
        self._current = thread.current
        self._take(thread.entries)
        self._boxes = {row: self._draw(entry) for row, entry in self._entries.items()}
        self.content = self._made()
        self._bodies.show_content(self.content)

    def leave(self) -> None:
        """Something else is shown."""
        self._ticket += 1
        self._soon.stop()
        self._entries, self._boxes, self._current, self.content = {}, {}, None, None

    def arrived(self) -> None:
        """The page is on screen: go to the message it was opened for, if that is not at its top."""
        if self._current is not None and next(iter(self._entries), None) != self._current:
            self._bodies.current.go_to(name(self._current))
        self.look_around()

    # What the user does

    def follow(self, url: str) -> bool:
        """-> whether this link was one of the page's own."""
        click = read(url)
        if click is None or not self.holds(click.row):
            return click is not None
        if click.verb is Verb.TOGGLE:
            self.toggle(click.row)
            return True
        self._choose(click.row)
        if click.verb is Verb.UNFOLD:
            self.read_again(click.row)
        self.clicked.emit(click)
        return True

    def click_at(self, url: str) -> Click | None:
        """What a link under the mouse stands for."""
        return read(url) if self.active else None

    def toggle(self, row: RowId) -> None:
        """Open it, or fold it to a line."""
        if self._entries[row].shown is None:
            self._open(row)
        else:
            self._put({row: replace(self._entries[row], shown=None)})

    def jump(self, step: int) -> None:
        """To the next (1) or the one before (-1), as they stand; it is opened."""
        rows = list(self._entries)
        if not rows:
            return
        here = rows.index(self._current) if self._current in rows else -step
        self.go_to(rows[min(max(here + step, 0), len(rows) - 1)])

    def go_to(self, row: RowId) -> None:
        """Choose this message and have it in sight."""
        if self._entries[row].shown is None:
            self._open(row, then=lambda: self._reach(row))
            return
        self._choose(row)
        self._reach(row)

    def _reach(self, row: RowId) -> None:
        self._bodies.current.go_to(name(row))
        self.reached.emit(row)

    def open_all(self) -> None:
        """Every message."""
        for row, entry in self._entries.items():
            if entry.shown is None:
                self._open(row, choose=False)

    def fold_all(self) -> None:
        """All but the one that commands are about."""
        folded = {row: replace(one, shown=None) for row, one in self._entries.items() if row != self._current}
        self._put(folded)

    @property
    def all_open(self) -> bool:
        return all(entry.shown is not None for entry in self._entries.values())

    # What changes

    def put(self, shown: Shown) -> None:
        """This message is to be shown so: its pictures came."""
        if entry := self._entries.get(shown.row.id):
            self._put({shown.row.id: replace(entry, row=shown.row, shown=shown)})

    def read_again(self, row: RowId) -> None:
        """Its body came, or is to be seen in another way."""
        if self._entries[row].shown is not None:
            self._open(row, choose=False)

    def refresh_soon(self) -> None:
        """Something changed in the store; perhaps it concerns this conversation."""
        if self.active:
            self._soon.start()

    def look_around(self) -> None:
        """Tell which unread messages are in sight."""
        unread = [name(row) for row, one in self._entries.items() if one.shown and one.shown.whole and one.row.unread]
        ticket = self._ticket
        self._bodies.current.in_sight(unread, lambda names: self._seen(ticket, names)) if unread else self._seen(
            ticket, ()
        )

    def _seen(self, ticket: int, names: Iterable[str]) -> None:
        if ticket == self._ticket and self.active:
            self.sighted.emit(tuple(row_of(one) for one in names))

    # How

    def _take(self, entries: Iterable[Entry]) -> None:
        found = list(entries)
        ordered = reversed(found) if self._ways.newest_first else found
        self._entries = {entry.row.id: entry for entry in ordered}

    def _open(self, row: RowId, *, choose: bool = True, then: Callable[[], None] = lambda: None) -> None:
        ticket, look = self._ticket, self._look(self.frame(), row)

        def opened(answer: Shown | MailError) -> None:
            if ticket != self._ticket or not self.holds(row):
                return
            if isinstance(answer, MailError):
                self.failed.emit(answer)
                return
            self._put({row: replace(self._entries[row], row=answer.row, shown=answer)})
            if choose:
                self._choose(row)
            self.opened.emit(answer)
            then()

        self._worker.run(lambda: load(self._mail, row, look), opened)

    def _choose(self, row: RowId) -> None:
        self._current = row
        if self.current is not None:
            self.chosen.emit(self.current)

    def _read_anew(self) -> None:
        current = self._current
        if current is not None:
            self._worker.run(lambda: list_thread(self._mail, current), partial(self._refreshed, self._ticket))

    def _refreshed(self, ticket: int, answer: tuple[Entry, ...] | MailError) -> None:
        """Flags changed, messages came or went: what is open stays open, and a new message opens."""
        if ticket != self._ticket or isinstance(answer, MailError) or not answer:
            return
        before, known = self._boxes, self._entries
        self._take(_kept_open(entry, known.get(entry.row.id)) for entry in answer)
        self._boxes = {row: self._draw(entry) for row, entry in self._entries.items()}
        if set(before) != set(self._boxes):
            self._amend({ALL: self._page().together(self._boxes)})
        elif changed := {row: box for row, box in self._boxes.items() if before[row] != box}:
            self._amend({name(row): box for row, box in changed.items()})
        for row, entry in self._entries.items():
            if row not in before and entry.row.unread:
                self._open(row, choose=False)
        self.changed.emit()

    def _put(self, entries: dict[RowId, Entry]) -> None:
        self._entries |= entries
        boxes = {row: self._draw(entry) for row, entry in entries.items()}
        self._boxes |= boxes
        self._amend({name(row): box for row, box in boxes.items()})

    def _amend(self, pieces: dict[str, str]) -> None:
        self.content = self._made()
        self._bodies.amend(self.content, pieces)

    def _page(self) -> WebPage | TextPage:
        return WebPage(self._theme) if self._bodies.draws_html else TextPage(self._theme)

    def _draw(self, entry: Entry) -> str:
        return self._page().entry(entry, offered=self._ways.offered)

    def _made(self) -> Content:
        page = self._page()
        kind = BodyKind.HTML if isinstance(page, WebPage) else BodyKind.TEXT
        contents = [entry.shown.content for entry in self._entries.values() if entry.shown and entry.shown.content]
        pictures = {url: picture for content in contents for url, picture in content.pictures.items()}
        return Content(kind, page.document(self._boxes), pictures, dark=self._theme.dark, fluid=True)


def _kept_open(entry: Entry, known: Entry | None) -> Entry:
    """As it is in the store now, and as open as it was."""
    if known is None or known.shown is None:
        return entry
    return replace(entry, shown=replace(known.shown, row=entry.row))
