"""Signing in at the provider's page: the engine listens, the user's own browser shows the page, a secret comes back."""

import itertools

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from qtmail import events
from qtmail.model import Server
from qtmail.ui.link import Link
from qtmail.ui.theme import Space, mark

_numbers = itertools.count(2_000_000)
"""Apart from those of the other dialogs, which hear the same link."""


class SignIns(QObject):
    """One sign-in at a time. `opened`: its page is in the browser; then `done` or `failed`."""

    opened = Signal(str)
    """The provider's name."""
    done = Signal(str)
    """What goes into the keyring in the place of a password."""
    failed = Signal(str)

    def __init__(self, link: Link, parent: QObject) -> None:
        super().__init__(parent)
        self._link = link
        self._number = 0
        self._url = ""
        link.heard.connect(self._hear)

    @property
    def under_way(self) -> bool:
        return bool(self._number)

    def begin(self, server: Server, address: str) -> None:
        """Ask the engine for the page of this server's provider."""
        self._number, self._url = next(_numbers), ""
        self._link.wish(events.SignIn(self._number, server, address))

    def open_again(self) -> None:
        """The browser was closed, or another one is wanted."""
        if self._url:
            QDesktopServices.openUrl(QUrl(self._url))

    def cancel(self) -> None:
        """Nobody waits for it any more."""
        number, self._number = self._number, 0
        if number:
            self._link.wish(events.CancelSignIn(number))

    def _hear(self, event: object) -> None:
        match event:
            case events.SignInAt() if event.number == self._number:
                self._url = event.url
                self.open_again()
                self.opened.emit(event.provider)
            case events.SignedIn() if event.number == self._number:
                self._number = 0
                if event.secret:
                    self.done.emit(event.secret)
                else:
                    said = f" It said: {event.server_words}" if event.server_words else ""
                    self.failed.emit(f"{event.words} {event.hint}{said}".strip())


class SignInField(QWidget):
    """In the place of a password: a button, and how it stands. `wanted` asks for a sign-in; `secret` is what came."""

    wanted = Signal()
    cancelled = Signal()
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.secret = ""
        self.button = QPushButton(self)
        self.button.setAutoDefault(False)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.setFocusProxy(self.button)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self.button)
        row.addWidget(self.words, 1)
        self._waiting = False
        self.button.clicked.connect(self._clicked)
        self._show("Sign in …", "At the provider's own page, in your browser.", "small")

    def known(self) -> None:
        """An existing account: it is signed in, or was."""
        self._show("Sign in again …", "", "small")

    def waiting(self, provider: str) -> None:
        """The page is open."""
        self._waiting = True
        self._show("Cancel", f"Waiting for you at {provider}'s page …", "small")

    def signed_in(self, secret: str) -> None:
        self.secret, self._waiting = secret, False
        self._show("Sign in again …", "You are signed in.", "success")
        self.edited.emit()

    def failed(self, words: str) -> None:
        self._waiting = False
        self._show("Sign in …", words, "danger")

    def _clicked(self) -> None:
        if self._waiting:
            self.failed("")
            self.cancelled.emit()
        else:
            self._show("Sign in …", "Asking where to sign in …", "small")
            self.wanted.emit()

    def _show(self, button: str, words: str, tone: str) -> None:
        self.button.setText(button)
        self.words.setText(words)
        mark(self.words, tone=tone)
