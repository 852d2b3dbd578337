"""Pictures from the web: whose are shown without asking, and fetching those of the message shown."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from qtmail.engine.mail import Mail
from qtmail.engine.picture_cache import PictureCache
from qtmail.errors import MailError
from qtmail.mime.html import REMOTE_PREFIX
from qtmail.settings import RemoteImages, Settings
from qtmail.ui.parts.banner import Kind
from qtmail.ui.reader.load import Look, Shown, load_with_pictures
from qtmail.ui.reader.notices import Notice
from qtmail.ui.worker import Worker

if TYPE_CHECKING:
    from qtmail.ui.reader.pane import ReaderPane


def domain_entry(address: str) -> str:
    """The entry of the list that means everybody there: "@example.org"; empty for no address."""
    _, at, domain = address.lower().rpartition("@")
    return f"@{domain}" if at and domain else ""


def is_allowed(shown: Shown, settings: Settings) -> bool:
    """Whether this author's pictures are shown without asking. Never those of Junk, or of a forged sender."""
    address = shown.author.address.lower()
    listed = address in settings.pictures_from or domain_entry(address) in settings.pictures_from
    return bool(address) and listed and settings.remote_images is RemoteImages.ASK and shown.trustworthy


def always_menu(address: str, choose: Callable[[str], None], parent: QWidget) -> QMenu:
    """Whose pictures shall come without asking: this author's, or everybody's there. `choose` gets the entry."""
    menu = QMenu(parent)
    for entry, words in ((address, address), (domain_entry(address), f"everybody at {domain_entry(address)[1:]}")):
        if entry:
            menu.addAction(f"From {words}", partial(choose, entry))
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


class RemotePictures(QObject):
    """The one thing of the reader that reaches into the network, and only on the user's word."""

    came = Signal(object)
    """Shown, with its pictures; or the MailError that kept it."""

    def __init__(self, mail: Mail, parent: QObject) -> None:
        super().__init__(parent)
        self._mail = mail
        self._worker = Worker(self)
        """Apart from the reader's: the next message need not wait for a slow web server."""
        self._stop = threading.Event()
        self._ticket = 0
        self._cache: PictureCache | None = None
        self._shared: RemotePictures | None = None
        self.private_allowed = False
        """For tests: pictures from loopback may be fetched."""

    def keep_in(self, folder: Path | None) -> None:
        """Keep what is fetched there; None: nowhere."""
        self._cache = PictureCache(folder) if folder is not None else None

    @property
    def cache(self) -> PictureCache | None:
        """Where they are kept; None: nowhere."""
        return self._shared.cache if self._shared is not None else self._cache

    def share(self, other: "RemotePictures") -> None:
        """Keep them where that one does, now and later."""
        self._shared = other

    def fetch(self, shown: Shown, look: Look) -> None:
        """Get them; `came` follows, unless `leave` is called before."""
        self.leave()
        self._stop = stop = threading.Event()
        ticket, private = self._ticket, self.private_allowed
        self._worker.run(
            lambda: load_with_pictures(self._mail, shown, look, stop, cache=self.cache, private_allowed=private),
            lambda answer: self._tell(ticket, answer),
        )

    def leave(self) -> None:
        """Another message is looked at: stop fetching."""
        self._ticket += 1
        self._stop.set()

    def shut(self) -> None:
        """The program ends."""
        self.leave()
        self._worker.stop()

    def _tell(self, ticket: int, answer: Shown | MailError) -> None:
        if ticket == self._ticket:
            self.came.emit(answer)


class Pictures(RemotePictures):
    """The same joined to its reader: what its buttons do, and where what came is shown."""

    def __init__(self, pane: "ReaderPane", mail: Mail) -> None:
        super().__init__(mail, pane)
        self._pane = pane
        self.came.connect(self._show_what_came)

    def show(self, shown: Shown) -> None:
        """The user wants those of this message."""
        if self._pane.threads.active:
            self._pane.threads.fetch_pictures(shown)
            return
        self._pane.banner.say("Fetching the pictures …", icon="download", closable=False)
        self.fetch(shown, self._pane.look())

    def offer_always(self, shown: Shown) -> None:
        """Whose pictures shall come without asking: this author's, or everybody's there."""
        menu = always_menu(shown.author.address.lower(), partial(self._always_from, shown), self._pane)
        if self._pane.threads.active:
            menu.popup(QCursor.pos())
            return
        button = self._pane.banner.button("pictures-always")
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _always_from(self, shown: Shown, entry: str) -> None:
        known = self._pane.settings.pictures_from
        self._pane.remember.emit("pictures_from", tuple(sorted({*known, entry})))
        if self._pane.shown is shown:
            self.show(shown)

    def _show_what_came(self, answer: Shown | MailError) -> None:
        pane = self._pane
        if isinstance(answer, MailError):
            pane.board.complain(answer)
        elif pane.threads.active:
            pane.threads.pictures_came(answer)
        else:
            pane.board.drop("pictures")
            fetched = answer.content is not None and any(
                one.startswith(REMOTE_PREFIX) for one in answer.content.pictures
            )
            if not fetched:
                pane.board.add(Notice("none", "None of the pictures could be fetched.", Kind.WARNING))
            pane.replace_body(answer)
