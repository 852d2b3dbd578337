"""A certificate that is not trusted: shown whole, and taken for one server only where the user says so."""

import itertools
from dataclasses import replace

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail import events
from qtmail.model import Server
from qtmail.ui import dates
from qtmail.ui.link import Link
from qtmail.ui.parts.page import open_at
from qtmail.ui.theme import Space, Theme, Tone, mark

_numbers = itertools.count(3_000_000)
PREFERRED = QSize(560, 480)
_ICON = 32
_WARNING = (
    "If this server is not your own, and nobody you trust told you these digits, somebody may be reading along. "
    "Accepting holds for this account, this server and this certificate alone; another one is asked about again."
)


class CertificateDialog(QDialog):
    """Accepted only by the button that says so; Enter and Escape leave it."""

    def __init__(self, seen: events.CertificateSeen, server: Server, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Certificate")
        headline = mark(QLabel(seen.trouble or f"The certificate of {server.host} is trusted."), tone="heading")
        icon = QLabel(self)
        tone = Tone.DANGER if seen.trouble else Tone.SUCCESS
        name = "shield-x" if seen.trouble else "shield-check"
        icon.setPixmap(theme.pixmap(name, tone, _ICON, self.devicePixelRatioF()))
        head = QHBoxLayout()
        head.setSpacing(Space.M)
        head.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(headline, 1)
        facts = QFormLayout()
        facts.setSpacing(Space.S)
        facts.setHorizontalSpacing(Space.L)
        for words, value in _facts(seen, server):
            facts.addRow(mark(QLabel(words, self), tone="muted"), _text(value, self))
        warning = mark(QLabel(_WARNING, self), tone="small")
        for label in (headline, warning):
            assert isinstance(label, QLabel)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        warning.setVisible(bool(seen.trouble))
        self.accept_button = QPushButton("Accept this certificate", self)
        self.accept_button.setAutoDefault(False)
        self.accept_button.setVisible(bool(seen.trouble and seen.fingerprint))
        self.leave_button = QPushButton("Do not connect" if seen.trouble else "Close", self)
        self.leave_button.setDefault(True)
        self.accept_button.clicked.connect(self.accept)
        self.leave_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(self.accept_button)
        buttons.addStretch(1)
        buttons.addWidget(self.leave_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.L)
        column.addLayout(head)
        column.addLayout(facts)
        column.addStretch(1)
        column.addWidget(warning)
        column.addLayout(buttons)
        self.leave_button.setFocus()
        open_at(self, PREFERRED)


class CertificateLook(QObject):
    """Asks the engine for a certificate and shows it; `accepted` carries (service, Server) with the user's word."""

    accepted = Signal(str, object)

    def __init__(self, link: Link, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._link, self._theme, self._window = link, theme, parent
        self._number = 0
        self._asked: tuple[str, Server] | None = None
        link.heard.connect(self._hear)

    def look(self, service: str, server: Server) -> None:
        """Of a server as it stands in the form. `service`: "imap", "pop3" or "smtp"."""
        self._number = next(_numbers)
        self._asked = service, server
        self._link.wish(events.LookAtCertificate(self._number, service, server))

    def _hear(self, event: object) -> None:
        if not isinstance(event, events.CertificateSeen) or event.number != self._number or self._asked is None:
            return
        self._number = 0
        service, server = self._asked
        dialog = CertificateDialog(event, server, self._theme, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.accepted.connect(lambda: self.accepted.emit(service, replace(server, certificate=event.fingerprint)))
        dialog.open()


def _facts(seen: events.CertificateSeen, server: Server) -> list[tuple[str, str]]:
    found = [("Server", f"{server.host}, port {server.port}")]
    if seen.fingerprint:
        pairs = [seen.fingerprint[at : at + 2].upper() for at in range(0, len(seen.fingerprint), 2)]
        half = len(pairs) // 2
        found += [
            ("Issued to", seen.subject),
            ("Names", ", ".join(seen.names[:12]) or "none"),
            ("Issued by", seen.issuer),
            ("Valid", f"{dates.full(seen.begins)} to {dates.full(seen.ends)}"),
            ("Key", f"{seen.key} – too weak to rely on" if seen.weak else seen.key),
            ("SHA-256", f"{':'.join(pairs[:half])}\n{':'.join(pairs[half:])}"),
        ]
    return found


def _text(value: str, parent: QWidget) -> QLabel:
    label = QLabel(value, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
