"""What the search for servers found: who was asked, the servers, how mail can come in, what to do first."""

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QGridLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

from qtmail import events
from qtmail.model import PASSWORD_AUTH, TOKEN_AUTH, Protocol, Security
from qtmail.ui.accounts.form import PROTOCOL_WORDS
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

_PROTECTION = {Security.TLS: "TLS", Security.STARTTLS: "STARTTLS"}


class FoundPage(QWidget):
    """First the log of the search, then its result."""

    chosen = Signal()
    """Another way for mail to come in, or to sign in."""
    again = Signal()
    """The provider's page is wanted once more."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._domain = ""
        self._offers: tuple[events.ServerOffer, ...] = ()
        self._offers_page = False
        self.headline = QLabel(self)
        self.headline.setWordWrap(True)
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        mark(self.headline, tone="heading")
        self._log = QWidget(self)
        self._lines = QGridLayout(self._log)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setHorizontalSpacing(Space.S)
        self._lines.setVerticalSpacing(Space.XS)
        self._lines.setColumnStretch(1, 1)
        self._asked: dict[str, tuple[QLabel, QLabel]] = {}
        self._ways = QButtonGroup(self)
        self.imap = QRadioButton(PROTOCOL_WORDS[Protocol.IMAP], self)
        self.pop3 = QRadioButton(PROTOCOL_WORDS[Protocol.POP3], self)
        self.own_page = QCheckBox(self)
        self.wait = QLabel(self)
        self.servers = QLabel(self)
        self.advice = QLabel(self)
        self._lay_out()
        self._ways.buttonClicked.connect(self._choose)
        self.own_page.toggled.connect(self.chosen)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, Space.M, 0, 0)
        column.setSpacing(Space.S)
        column.addWidget(self.headline)
        column.addWidget(self._log)
        for way in (self.imap, self.pop3):
            self._ways.addButton(way)
            column.addWidget(way)
        column.addWidget(self.own_page)
        self.wait.setWordWrap(True)
        self.wait.linkActivated.connect(lambda _link: self.again.emit())
        self.wait.hide()
        mark(self.wait, tone="small")
        column.addWidget(self.wait)
        self.servers.setTextFormat(Qt.TextFormat.PlainText)
        self.servers.setWordWrap(True)
        self.servers.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.servers.setContentsMargins(0, Space.S, 0, Space.S)
        column.addWidget(self.servers)
        self.advice.setWordWrap(True)
        self.advice.setOpenExternalLinks(True)
        self.advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        column.addWidget(self.advice)
        column.addStretch(1)

    def begin(self, domain: str) -> None:
        """A search starts."""
        self._domain = domain
        self._offers = ()
        for icon, words in self._asked.values():
            for label in (icon, words):
                self._lines.removeWidget(label)
                label.deleteLater()
        self._asked.clear()
        self.headline.setText(f"Looking for the servers of {domain} …")
        for widget in (self.imap, self.pop3, self.own_page, self.servers, self.advice):
            widget.hide()
        self._log.show()

    def note(self, event: events.AskedForServers) -> None:
        """A line of the log; the same one again when the answer is there."""
        if event.who not in self._asked:
            row = len(self._asked)
            icon, words = QLabel(self._log), QLabel(self._log)
            words.setTextFormat(Qt.TextFormat.PlainText)
            words.setWordWrap(True)
            mark(words, tone="muted")
            self._lines.addWidget(icon, row, 0, Qt.AlignmentFlag.AlignTop)
            self._lines.addWidget(words, row, 1)
            self._asked[event.who] = (icon, words)
        icon, words = self._asked[event.who]
        name, tone = ("circle-check", Tone.SUCCESS) if event.found else ("circle-x", Tone.MUTED)
        if not event.outcome:
            name, tone = "search", Tone.MUTED
        icon.setPixmap(self._theme.pixmap(name, tone, Size.ICON, self.devicePixelRatioF()))
        words.setText(f"{event.who} {event.outcome}" if event.found else f"{event.who}: {event.outcome or '…'}")

    def show_servers(self, event: events.ServersFound) -> None:
        """The result, with its best choice made."""
        self._offers = event.offers
        kinds = {offer.service for offer in event.offers}
        self._offers_page = any(offer.server.auth == TOKEN_AUTH for offer in event.offers)
        self.own_page.setText(f"Sign in at {event.provider or self._domain}'s own page (recommended)")
        self.own_page.setVisible(self._offers_page)
        with QSignalBlocker(self.own_page):
            self.own_page.setChecked(self._offers_page)
        receives = bool(kinds & {"imap", "pop3"})
        self._log.setVisible(not receives)
        self.imap.setVisible("imap" in kinds)
        self.pop3.setVisible("pop3" in kinds)
        (self.imap if "imap" in kinds else self.pop3).setChecked(True)
        if receives:
            self.headline.setText(f"{event.provider or self._domain} is ready for you")
        elif event.provider and event.advice:
            self.headline.setText(f"{event.provider} needs another way in")
        else:
            self.headline.setText(f"Nobody knows the servers of {self._domain}. Set them up by hand.")
        links = (
            f'{_escaped(one.words)} <a href="{_escaped(one.url)}">{_escaped(one.url)}</a>' if one.url
            else _escaped(one.words)
            for one in event.advice
        )  # fmt: skip
        self.advice.setText("<br>".join(links))
        self.advice.setVisible(bool(event.advice) and not self._offers_page)
        self._describe()

    def take_certificate(self, service: str, fingerprint: str) -> None:
        """The user has seen the one of this server, and takes it."""
        self._offers = tuple(
            replace(offer, server=replace(offer.server, certificate=fingerprint)) if offer.service == service else offer
            for offer in self._offers
        )

    def waiting(self, provider: str) -> None:
        """The provider's page is in the browser now; "": not any more."""
        self.wait.setText(
            f"{_escaped(provider)}'s page is open in your browser. Sign in there as this address, and come back. "
            '<a href="again">Open it again</a>'
        )
        self.wait.setVisible(bool(provider))

    def incoming(self) -> events.ServerOffer | None:
        """The server that mail comes in from."""
        return self._first("imap" if self.imap.isChecked() else "pop3")

    def outgoing(self) -> events.ServerOffer | None:
        return self._first("smtp")

    def _first(self, service: str) -> events.ServerOffer | None:
        found = next((offer for offer in self._offers if offer.service == service), None)
        if found is None or self.own_page.isChecked():
            return found
        return replace(found, server=replace(found.server, auth=PASSWORD_AUTH))

    def _choose(self) -> None:
        self._describe()
        self.chosen.emit()

    def _describe(self) -> None:
        lines = []
        for words, offer in (("Receiving", self.incoming()), ("Sending", self.outgoing())):
            if offer is not None:
                server = offer.server
                protection = _PROTECTION.get(server.security, "no protection")
                lines.append(f"{words}: {server.host}, port {server.port}, {protection}, as {server.username}")
        if self.incoming() is not None and self.outgoing() is None:
            lines.append("Sending: no server was found. It can be added by hand.")
        self.servers.setText("\n".join(lines))
        self.servers.setVisible(bool(lines))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
