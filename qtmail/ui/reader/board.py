"""What is said above a body, one sentence at a time, and what its buttons do to the message."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from qtmail.engine.mail import Mail
from qtmail.errors import MailError
from qtmail.events import FetchBody, Wake
from qtmail.model import OutboxItem
from qtmail.ui.link import Link
from qtmail.ui.parts.banner import Banner, Kind
from qtmail.ui.reader.load import Shown
from qtmail.ui.reader.notices import Notice


class NoticeBoard(QObject):
    """Fills the banner of a reader."""

    pressed = Signal(str)
    """A button that is for others to answer: "edit", "pictures", "pictures-always"."""
    outdated = Signal()
    """A button changed how the message stands: read it again."""

    def __init__(self, mail: Mail, link: Link, banner: Banner, shown: Callable[[], Shown | None]) -> None:
        super().__init__(banner)
        self._mail, self._link, self._banner, self._shown = mail, link, banner, shown
        self._notices: list[Notice] = []
        banner.pressed.connect(self.press)
        banner.closed.connect(self._next)

    def put(self, notices: Iterable[Notice]) -> None:
        """All there is to say, most important first."""
        self._notices = list(notices)
        self._show()

    def add(self, notice: Notice) -> None:
        """One more, after the others."""
        self._notices.append(notice)
        self._show()

    def drop(self, key: str) -> None:
        """This one holds no longer."""
        self._notices = [notice for notice in self._notices if notice.key != key]
        self._show()

    def complain(self, error: MailError) -> None:
        """Before all others: why something could not be."""
        others = [notice for notice in self._notices if notice.key != "problem"]
        self.put([Notice("problem", error.sentence(), Kind.DANGER), *others])

    def _show(self) -> None:
        if not self._notices:
            self._banner.clear()
            return
        first = self._notices[0]
        self._banner.say(first.text, first.kind, first.buttons, icon=first.icon, closable=first.closable)

    def _next(self) -> None:
        del self._notices[:1]
        self._show()

    def press(self, button: str) -> None:
        """A button of this id was pressed, for the message shown."""
        shown = self._shown()
        if shown is None:
            return
        match button:
            case "rest":
                self._download_rest(shown)
            case "again" if shown.outbox is not None:
                self._settle(shown.outbox, sent=False)
            case "arrived" if shown.outbox is not None:
                self._settle(shown.outbox, sent=True)
            case _:
                self.pressed.emit(button)

    def _download_rest(self, shown: Shown) -> None:
        try:
            self._mail.download_rest((shown.row.id,))
        except MailError as error:
            self.complain(error)
            return
        self._link.wish(FetchBody((shown.row.message,)))
        self.outdated.emit()

    def _settle(self, item: OutboxItem, *, sent: bool) -> None:
        try:
            (self._mail.settle_as_sent if sent else self._mail.retry_now)(item.id)
        except MailError as error:
            self.complain(error)
            return
        self._link.wish(Wake((item.account,)))
        self.outdated.emit()
