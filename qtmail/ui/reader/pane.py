"""The reader pane: asks the worker for a message, shows what comes back, and does what its buttons say."""

from functools import partial

from PySide6.QtCore import QPoint, QTimer, Signal, SignalInstance
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from qtmail.engine.mail import Mail
from qtmail.engine.searching import Marks
from qtmail.errors import MailError
from qtmail.events import BodiesArrived, Event, OutboxChanged
from qtmail.model import AccountKey, RowId
from qtmail.settings import Settings
from qtmail.ui.conversation.joined import Threads
from qtmail.ui.conversation.thread import Thread, read_thread
from qtmail.ui.link import Link
from qtmail.ui.parts.banner import Banner
from qtmail.ui.parts.empty import EmptyState
from qtmail.ui.reader.arriving import Arriving
from qtmail.ui.reader.board import NoticeBoard
from qtmail.ui.reader.bodies import Bodies
from qtmail.ui.reader.cards.beyond import BeyondText
from qtmail.ui.reader.content import Content
from qtmail.ui.reader.findbar import FindBar
from qtmail.ui.reader.header import HeaderCard
from qtmail.ui.reader.links import Links
from qtmail.ui.reader.load import Frame, Look, Shown, load
from qtmail.ui.reader.looks import look_of, remade
from qtmail.ui.reader.marking import Marking
from qtmail.ui.reader.menus import more_menu, open_body_menu, open_thread_menu
from qtmail.ui.reader.papers import Papers
from qtmail.ui.reader.pictures import Pictures, is_allowed
from qtmail.ui.reader.printing import Printing
from qtmail.ui.reader.strip import AttachmentStrip
from qtmail.ui.reader.textdoc import UNFOLD
from qtmail.ui.reader.viewmenu import ViewMenu
from qtmail.ui.reader.windows import Windows
from qtmail.ui.theme import Size, Space, Theme, mark
from qtmail.ui.worker import Worker

SLOW_MS = 200
"""A message that takes longer to open is announced by a sentence."""
_ZOOM_STEP = 10
_LEAST_PERCENT, _MOST_PERCENT = 30, 400


class ReaderPane(QWidget):
    """Shows the message of one row, or says calmly why there is none."""

    reply_requested = Signal(object)
    """RowId, as of the next four."""
    reply_all_requested = Signal(object)
    forward_requested = Signal(object)
    edit_requested = Signal(object)
    """A row of Drafts or of the Outbox: open `mail.edit(row)` in a composer."""
    done = Signal(object)
    """engine.mail.Done of an act made here (marked read): apply its events and wake the engine; no toast for it."""
    acted = Signal(object)
    """engine.mail.Done of an act the user made here (attachments removed): as `done`, with a toast."""
    mailto_requested = Signal(str)
    """A mailto: URL was clicked: give it to composer.draft_of_mailto and open that."""
    status = Signal(str)
    """A word for the status line (the target of the link under the mouse); empty: nothing any more."""
    remember = Signal(str, object)
    """(field of Settings, new value): keep it."""
    displayed = Signal(object)
    """RowId: its body is on screen."""

    def __init__(self, mail: Mail, link: Link, theme: Theme, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="surface")
        self.setAccessibleName("Message")
        self._mail, self._link, self._theme, self.settings = mail, link, theme, settings
        self._row: RowId | None = None
        self.marks: Marks | None = None
        """What the search looked for whose results are read."""
        self._whole = False
        """All of its conversation is shown."""
        self._entered = False
        """It was asked for as a whole: what is unread comes first."""
        self._ticket = 0
        self._shown: Shown | None = None
        self._zoom = 0
        self._unfolded: set[RowId | None] = set()
        """Rows whose quotes the user wants to see."""
        self.worker = Worker(self)
        self.pictures = Pictures(self, mail)
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._slow.timeout.connect(self._announce_slow)
        self.marking = Marking(mail, self)
        self.marking.done.connect(self.done)
        self.arriving = Arriving(mail, link, lambda: self.settings.offline, self)
        self.arriving.turned.connect(self._reachable)
        self.links = Links(self, lambda: self._shown, lambda: self.settings.clean_links)
        self.windows = Windows(mail, theme, self.worker, self)
        self.papers = Papers(self, mail, theme)
        self.view_menu = ViewMenu(theme, lambda: self._shown, self)
        self._make_widgets()
        self._lay_out()
        link.heard.connect(self.hear)
        theme.changed.connect(self._recoloured)
        self.apply_settings(settings)
        self.show_row(None)

    def _make_widgets(self) -> None:
        theme = self._theme
        self.empty = EmptyState(theme, self)
        self.header = HeaderCard(theme, more_menu(self, theme), self)
        self.banner = Banner(theme, self)
        self.board = NoticeBoard(self._mail, self._link, self.banner, lambda: self._shown)
        self.bodies = Bodies(theme, simple=self.settings.low_memory, parent=self)
        self.header.thread_wanted.connect(lambda: self.remember.emit("conversation", True))
        self.find_bar = FindBar(theme, lambda: self.bodies.current, self)
        self.strip = AttachmentStrip(self._mail, theme, self)
        self.strip.folder = self.settings.save_folder
        self.threads = Threads(self, self._mail, theme)
        self.beyond = BeyondText(self, self._mail, theme)
        self.header.reply.connect(lambda: self.ask(self.reply_requested))
        self.header.reply_all.connect(lambda: self.ask(self.reply_all_requested))
        self.header.forward.connect(lambda: self.ask(self.forward_requested))
        self.board.pressed.connect(self._pressed)
        self.board.outdated.connect(self.reload)
        self.marking.failed.connect(self.board.complain)
        self.find_bar.closed.connect(self.bodies.setFocus)
        self.bodies.shown.connect(self._body_shown)
        self.bodies.link_clicked.connect(self._follow)
        self.bodies.link_hovered.connect(self.links.hover)
        self.links.mailto.connect(self.mailto_requested)
        self.links.said.connect(self.status)
        self.links.unfold.connect(lambda: self.unfold(self._row))
        self.windows.failed.connect(self.board.complain)
        self.printing = Printing(self, lambda: self.bodies.current)
        self.printing.printed.connect(lambda: self.status.emit("Printed"))
        self.printing.failed.connect(self.board.complain)
        self.view_menu.chosen.connect(self._choose)
        self.bodies.menu_wanted.connect(partial(open_body_menu, self))
        self.strip.problem.connect(self.board.complain)
        self.strip.said.connect(self.status)
        self.strip.window_made.connect(self.windows.open)
        self.strip.removal_wanted.connect(self._remove_parts)
        self.strip.remember_folder.connect(lambda folder: self.remember.emit("save_folder", folder))

    def _lay_out(self) -> None:
        self._page = page = QWidget(self)
        place = QHBoxLayout()
        place.setContentsMargins(Space.L, 0, Space.L, Space.S)
        place.addWidget(self.banner)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.threads.bar)
        column.addWidget(self.header)
        column.addLayout(place)
        column.addWidget(self.beyond)
        column.addWidget(self.find_bar)
        # In a low window the body gives way, not the header: it scrolls.
        self.bodies.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.setMinimumHeight(Size.SIDEBAR)
        column.addWidget(self.bodies, 1)
        column.addWidget(self.strip)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)

    # What to show

    @property
    def row(self) -> RowId | None:
        """What is shown."""
        return self._row

    def show_row(self, row: RowId | None, *, conversation: bool = False) -> None:
        """Show this message; None: nothing is selected. Returns at once, the body follows.

        conversation: with all of its thread, whatever the settings say.
        """
        whole = conversation or self.settings.conversation
        if row is not None and whole and self.threads.active and self.threads.view.holds(row):
            self.threads.view.go_to(row)
            return
        self._leave()
        self._row, self._whole, self._entered = row, whole, conversation
        if row is None:
            self._say_instead("No message selected", "mail")
            return
        self._slow.start()
        self._load(row)

    def show_selection(self, count: int) -> None:
        """Several rows are selected: a calm summary."""
        self._leave()
        self._say_instead(f"{count:,} messages selected", "stack-2")

    def _leave(self) -> None:
        self._ticket += 1
        self.pictures.leave()
        self.threads.leave()
        self._row = None
        self._slow.stop()
        self.marking.stop()

    def _say_instead(self, text: str, icon: str) -> None:
        self._shown = None
        self.status.emit("")
        self.empty.say(text, icon)
        self.bodies.clear()
        self.strip.show_parts(None, ())
        self._stack.setCurrentWidget(self.empty)

    def reload(self) -> None:
        """Read the shown message again."""
        if self._row is None:
            return
        if self.threads.active:
            self.threads.view.read_again(self._row)
            return
        self._ticket += 1
        self._load(self._row)

    def _load(self, row: RowId) -> None:
        ticket, look = self._ticket, self.look()
        within = self.look(self.threads.view.frame()) if self._whole else None
        unread_first = self._entered and not self.settings.newest_first

        def work() -> Shown | Thread | None:
            if ticket != self._ticket:
                return None  # whoever runs down a list with the arrow key leaves many behind
            thread = read_thread(self._mail, row, within, unread_first=unread_first) if within else None
            return thread or load(self._mail, row, look)

        self.worker.run(work, partial(self._loaded, ticket))

    def look(self, frame: Frame = Frame.PAGE, row: RowId | None = None) -> Look:
        """How documents are made, of this row (the shown one where none is named)."""
        return look_of(
            self._theme, self.settings, fold=(row or self._row) not in self._unfolded, frame=frame, marks=self.marks
        )

    def _loaded(self, ticket: int, answer: Shown | Thread | MailError | None) -> None:
        if ticket != self._ticket or answer is None:
            return
        self._slow.stop()
        if isinstance(answer, MailError):
            self._say_instead(answer.sentence(), "mail-off")
            return
        self._stack.setCurrentWidget(self._page)
        if isinstance(answer, Thread):
            self._present_thread(answer)
        else:
            self._present(answer)

    def _present_thread(self, thread: Thread) -> None:
        self.find_bar.hide()
        self.header.hide()
        self.strip.show_parts(None, ())
        self.board.put(())
        chosen = next(entry.shown for entry in thread.entries if entry.row.id == thread.current)
        if chosen is not None:
            self.use(chosen)
        self.threads.present(thread)

    def use(self, shown: Shown) -> None:
        """Commands are about this message of the conversation now."""
        self._row, self._shown = shown.row.id, shown
        self.beyond.show_message(shown)
        self.strip.point_at(shown.row.id, shown.attachments)

    def replace_body(self, shown: Shown) -> None:
        """The same message with another body."""
        self._shown = shown
        if shown.content is not None:
            self.bodies.show_content(shown.content)

    @property
    def shown(self) -> Shown | None:
        """What commands are about."""
        return self._shown

    def _present(self, shown: Shown) -> None:
        fresh = self._shown is None or self._shown.row.id != shown.row.id
        self._shown = shown
        if fresh:
            self.status.emit("")
            self.find_bar.hide()
        self.threads.leave()
        self.threads.bar.hide()
        self.header.show()
        self.header.show_message(shown)
        self.board.put(self.beyond.notices(shown))
        self.beyond.show_message(shown)
        self.strip.show_parts(shown.row.id, shown.attachments)
        if shown.content is not None:
            self.bodies.show_content(shown.content)
            if shown.remote_count > shown.tracker_count and is_allowed(shown, self.settings):
                self.pictures.show(shown)
        else:
            self._ask_for_body(shown)

    def _announce_slow(self) -> None:
        (self.empty if self._shown is None else self.bodies).say("Opening …", "mail-opened")

    def _body_shown(self, content: Content) -> None:
        shown = self._shown
        if shown is None:
            return
        if content is self.threads.view.content:
            self.threads.view.arrived()
            self.displayed.emit(self._row)
            return
        if content is not shown.content:
            return
        self.displayed.emit(shown.row.id)
        if shown.row.unread:
            self.marking.watch((shown.row.id,), self.settings.mark_read_after)

    # How it is shown

    def unfold(self, row: RowId | None) -> None:
        """Its quotes are to be seen."""
        self._unfolded.add(row)
        self.reload()

    def _follow(self, url: str) -> None:
        if not self.threads.follow(url):
            self.links.follow(url)

    def _choose(self, what: str, value: str) -> None:
        """The user's word on how this one message is to be seen."""
        if self._row is None:
            return
        try:
            self._mail.choose(self._row, what, value)
            self.reload()
        except MailError as error:
            self.board.complain(error)

    def _remove_parts(self, indexes: tuple[int, ...]) -> None:
        if self._row is None:
            return
        try:
            self.acted.emit(self._mail.remove_parts(self._row, indexes))
        except MailError as error:
            self.board.complain(error)

    # Bodies that are not here yet

    def _ask_for_body(self, shown: Shown) -> None:
        self.bodies.say(*self.arriving.ask(shown.account, shown.row.message))

    def _reachable(self, account: AccountKey) -> None:
        self.threads.reachable(account)
        if self._shown and self._shown.message is None and self._shown.account == account:
            self._ask_for_body(self._shown)

    def hear(self, event: Event) -> None:
        """What changed, by whomever."""
        self.arriving.hear(event)
        self.threads.hear(event)
        shown = self._shown
        if shown is None or self.threads.active:
            return
        match event:
            case BodiesArrived(messages=messages) if not shown.whole and shown.row.message in messages:
                self.reload()
            case OutboxChanged(item=item) if shown.outbox is not None and shown.outbox.id == item:
                self.reload()

    def _pressed(self, button: str) -> None:
        shown = self._shown
        if shown is None:
            return
        match button:
            case "edit":
                self.edit_requested.emit(shown.row.id)
            case "pictures":
                self.pictures.show(shown)
            case "pictures-always":
                self.pictures.offer_always(shown)

    # Acts

    def ask(self, signal: SignalInstance) -> None:
        """Emit one of our signals for the message shown."""
        if self._row is not None:
            signal.emit(self._row)

    def apply_settings(self, settings: Settings) -> None:
        """The user changed the settings."""
        before, self.settings = self.settings, settings
        self._set_percent()
        if (before.conversation, before.newest_first) != (settings.conversation, settings.newest_first):
            self._begin_anew()
        elif remade(before, settings):
            self._made_anew()

    def _set_percent(self) -> None:
        percent = self.settings.text_percent + self._zoom * _ZOOM_STEP
        self.bodies.set_percent(min(max(percent, _LEAST_PERCENT), _MOST_PERCENT))

    def _recoloured(self) -> None:
        """Documents are in the theme's colours, or as their authors coloured them on a light card: made anew."""
        if self._shown is not None and self._shown.content is not None:
            self._made_anew()

    def _made_anew(self) -> None:
        """All documents are other ones now."""
        if self.threads.active:
            self._begin_anew()
        else:
            self.reload()

    def _begin_anew(self) -> None:
        """Leave what is shown, and show it."""
        row, self._row = self._row, None
        self.threads.leave()
        if row is not None:
            self.show_row(row)

    # Commands of the window

    def scroll_page(self) -> bool:
        """Space: one page down. -> False when the end was already in sight (then go to the next unread)."""
        return self._shown is not None and self._shown.content is not None and self.bodies.current.page_down()

    def find_text(self) -> None:
        """Open the find bar."""
        if self._shown is not None:
            folded = self._shown.content is not None and UNFOLD in self._shown.content.document
            if folded and not self.threads.active:
                self.unfold(self._row)
            self.find_bar.open(self.bodies.current.selected_text())

    def copy(self) -> None:
        """What is selected in the body."""
        self.bodies.current.copy()

    def select_all(self) -> None:
        self.bodies.current.select_all()

    def zoom(self, steps: int) -> None:
        """Larger (1), smaller (-1), or back to 100 % (0)."""
        self._zoom = self._zoom + steps if steps else 0
        self._set_percent()

    def save_attachments(self) -> None:
        """Save all attachments into a folder the user chooses."""
        self.strip.save_all()

    def view_source(self) -> None:
        """A window with the message as it came."""
        if self._shown is not None:
            self.windows.source(self._shown.row)

    def show_parts(self) -> None:
        """A window with the MIME tree: each part to be looked at, opened, saved."""
        if self._shown is not None:
            self.windows.parts(self._shown.row, self.strip)

    def show_story(self) -> None:
        """A dialog with everything that happened to the message."""
        if self._shown is not None:
            self.windows.story(self._shown.row)

    def print_(self) -> None:
        """The print dialog; nothing is loaded for it."""
        self.papers.print_()

    def print_to(self, printer: QPrinter) -> None:
        """Print the message, its header above it, on this printer (or into its file)."""
        self.printing.print_to(self._shown, printer)

    def open_more_menu(self, where: QPoint) -> None:
        """The dots of a message in a conversation."""
        open_thread_menu(self, self._theme, where)

    def close_windows(self) -> None:
        """Orderly end: stop what runs, close source windows, remove temporary copies."""
        self._leave()
        self.worker.stop()
        self.pictures.shut()
        self.beyond.shut()
        self.windows.shut()
        self.bodies.shut()
        self.strip.shut()

    def focusInEvent(self, event: QFocusEvent) -> None:
        # Not a focus proxy: Tab would go past the header to it.
        self.bodies.setFocus(event.reason())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.strip.set_low(self.height() < 2 * Size.SIDEBAR)
