"""Joins the conversation view to its reader: what a click in the page does, what the reader's commands are about."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.events import BodiesArrived, Event, FolderChanged
from qtmail.model import AccountKey, Flag, RowId
from qtmail.settings import RemoteImages
from qtmail.ui.conversation.bar import ConversationBar
from qtmail.ui.conversation.conversation import Conversation, Ways
from qtmail.ui.conversation.thread import Thread
from qtmail.ui.conversation.words import Click, Verb
from qtmail.ui.reader.load import Shown
from qtmail.ui.reader.pictures import is_allowed
from qtmail.ui.theme import Theme

if TYPE_CHECKING:
    from qtmail.ui.reader.pane import ReaderPane


class Threads(QObject):
    """The half of a reader that shows conversations."""

    def __init__(self, pane: "ReaderPane", mail: Mail, theme: Theme) -> None:
        super().__init__(pane)
        self._pane, self._mail = pane, mail
        self._wanting: list[Shown] = []
        """Messages whose pictures are still to be fetched, one after the other."""
        self.bar = ConversationBar(theme, pane)
        self.view = Conversation(mail, theme, pane.worker, pane.bodies, pane.look, self)
        self.view.chosen.connect(pane.use)
        self.view.opened.connect(self._opened)
        self.view.reached.connect(pane.displayed)
        self.view.changed.connect(self._tell)
        self.view.clicked.connect(self._clicked)
        self.view.sighted.connect(lambda rows: pane.marking.watch(rows, pane.settings.mark_read_after))
        self.view.failed.connect(pane.board.complain)
        self.bar.order_wanted.connect(lambda: pane.remember.emit("newest_first", not pane.settings.newest_first))
        self.bar.all_wanted.connect(self.turn_all)
        self.bar.single_wanted.connect(lambda: pane.remember.emit("conversation", False))

    @property
    def active(self) -> bool:
        """Whether the reader shows a conversation now."""
        return self.view.active

    def present(self, thread: Thread) -> None:
        """Show it."""
        settings = self._pane.settings
        self._wanting = []
        self.view.present(thread, Ways(settings.newest_first, settings.remote_images is RemoteImages.ASK))
        self._tell()
        self.bar.show()
        for entry in thread.entries:
            if entry.shown is not None:
                self._see_to(entry.shown)

    def leave(self) -> None:
        """Something else is shown."""
        self._wanting = []
        self.view.leave()

    def hear(self, event: Event) -> None:
        """Any event of the engine."""
        match event:
            case FolderChanged():
                self.view.refresh_soon()
            case BodiesArrived(messages=messages):
                for entry in self.view.entries:
                    if entry.shown and not entry.shown.whole and entry.row.message in messages:
                        self.view.read_again(entry.row.id)

    def reachable(self, account: AccountKey) -> None:
        """Its bodies can be asked for."""
        for entry in self.view.entries:
            if entry.shown and entry.shown.message is None and entry.shown.account == account:
                self._pane.arriving.ask(account, entry.row.message)

    def follow(self, url: str) -> bool:
        """-> whether this link was one of the page's own, and is seen to."""
        return self.active and self.view.follow(url)

    def open_part_menu(self, url: str) -> bool:
        """A right click. -> whether it was on an attachment."""
        click = self.view.click_at(url)
        if click is None or click.verb is not Verb.PART:
            return False
        self._with_part(click, menu=True)
        return True

    def turn_all(self) -> None:
        """Open every message; where they are, fold them."""
        (self.view.fold_all if self.view.all_open else self.view.open_all)()

    def pictures_came(self, shown: Shown) -> None:
        """Of this message; then those of the next."""
        self.view.put(shown)
        self._wanting = [one for one in self._wanting if one.row.id != shown.row.id]
        self._fetch_next()

    def fetch_pictures(self, shown: Shown) -> None:
        """The user asked for them, now or once and for all."""
        self._wanting.append(shown)
        if len(self._wanting) == 1:
            self._fetch_next()

    def _fetch_next(self) -> None:
        if self._wanting:
            shown = self._wanting[0]
            self._pane.pictures.fetch(shown, self._pane.look(self.view.frame(), shown.row.id))

    def _opened(self, shown: Shown) -> None:
        self._tell()
        self._see_to(shown)

    def _see_to(self, shown: Shown) -> None:
        """What has to be fetched for an open message: its body, or pictures that are allowed already."""
        if shown.content is None:
            self._pane.arriving.ask(shown.account, shown.row.message)
        elif shown.remote_count > shown.tracker_count and is_allowed(shown, self._pane.settings):
            self.fetch_pictures(shown)

    def _tell(self) -> None:
        entries = self.view.entries
        unread = sum(1 for entry in entries if entry.row.unread and not entry.own)
        oldest = min(entries, key=lambda entry: entry.row.date)
        self.bar.tell(oldest.row.subject, len(entries), unread, newest_first=self._pane.settings.newest_first)

    def _clicked(self, click: Click) -> None:
        pane = self._pane
        match click.verb:
            case Verb.REPLY:
                pane.reply_requested.emit(click.row)
            case Verb.STAR:
                self._turn_star(click.row)
            case Verb.MORE:
                pane.open_more_menu(QCursor.pos())
            case Verb.PRESS:
                pane.board.press(click.what)
            case Verb.UNFOLD:
                pane.unfold(click.row)
            case Verb.PART:
                self._with_part(click, menu=False)

    def _turn_star(self, row: RowId) -> None:
        entry = next(one for one in self.view.entries if one.row.id == row)
        try:
            self._pane.done.emit(self._mail.set_flag((row,), Flag.FLAGGED, not entry.row.starred))
        except MailError as error:
            self._pane.board.complain(error)

    def _with_part(self, click: Click, *, menu: bool) -> None:
        entry = next(one for one in self.view.entries if one.row.id == click.row)
        parts = entry.shown.attachments if entry.shown else ()
        part = next((one for one in parts if str(one.index) == click.what), None)
        if part is None:
            return
        strip = self._pane.strip
        strip.point_at(click.row, parts)
        act = partial(strip.open_menu, part, QCursor.pos()) if menu else partial(strip.look, part)
        act()
