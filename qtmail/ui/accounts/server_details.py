"""What an account's server offers, what is used of it, and what it was caught at: one quiet page to read."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.engine.server_details import ExtensionState, ServerDetails
from qtmail.engine.server_limits import Limits, octets
from qtmail.model import Account, Protocol
from qtmail.ui import dates
from qtmail.ui.parts.page import Page, open_at
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

PREFERRED = QSize(720, 640)
HEADINGS = ("Extension", "What it gives", "State")


class ServerDetailsDialog(QDialog):
    """Read once when it is opened: it is about a server, which does not change while one looks."""

    again = Signal()
    """Forget what was found out, and try all of it again."""

    def __init__(self, account: Account, details: ServerDetails, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Server details of {account.name}")
        self._theme = theme
        inside = QWidget(self)
        mark(inside, surface="window")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        self._column.setSpacing(Space.S)
        self._summary(account, details)
        self._room(details.limits)
        if details.at is not None:
            self._honesty(details)
            self._table("Offered by the server", [one for one in details.extensions if one.advertised and one.purpose])
            self._names("Not offered; done without", [one for one in details.extensions if not one.advertised])
            self._names("Offered, of no use here", [one for one in details.extensions if not one.purpose])
        self._column.addStretch(1)
        area = Page(inside, self)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName("Server details")
        self._lay_out(area, troubled=details.troubled)
        open_at(self, PREFERRED)

    def _lay_out(self, area: Page, *, troubled: bool) -> None:
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(Space.XL, Space.M, Space.XL, Space.L)
        if troubled:
            again = QPushButton("Forget and try again", self)
            again.setToolTip("Forget what the server was caught at and use all it offers at the next connection")
            again.setAutoDefault(False)
            again.clicked.connect(self._try_again)
            buttons.addWidget(again)
        buttons.addStretch(1)
        buttons.addWidget(close)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)
        outer.addLayout(buttons)
        close.setFocus()

    def _try_again(self) -> None:
        self.again.emit()
        self.accept()

    def texts(self) -> list[str]:
        """Everything that can be read on it."""
        return [label.text() for label in self.findChildren(QLabel) if label.text()]

    def _summary(self, account: Account, details: ServerDetails) -> None:
        server = details.server or f"{account.incoming.host}:{account.incoming.port}"
        self._column.addWidget(self._label(server, tone="title"))
        if details.at is not None:
            software = f"{details.software}. " if details.software else ""
            words = f"{software}As of {dates.medium(details.at)}."
        elif account.protocol is Protocol.POP3:
            words = "POP3 has no extensions to speak of: what is there is fetched, and nothing else is told."
        else:
            words = "Nothing is known of this server yet. Check this account for new mail, then look again."
        self._column.addWidget(self._label(words, tone="muted"))

    def _room(self, limits: Limits) -> None:
        """How full the mailbox is, and how large a message may be, where the server tells."""
        storage = limits.storage
        most = "" if limits.largest is None else f"Messages of up to {octets(limits.largest)} are taken."
        if not limits.words and not most:
            return
        self._heading("Room")
        if storage is not None:
            bar = QProgressBar(self)
            bar.setTextVisible(False)
            bar.setRange(0, 1000)
            bar.setValue(min(1000, storage.used * 1000 // storage.limit))
            bar.setAccessibleName(f"Room: {limits.words}")
            self._column.addWidget(bar)
        if limits.nearly_full:
            self._finding("alert-triangle", Tone.WARNING, f"Nearly full: {limits.words}.", most)
        else:
            used = f"{limits.words}. " if limits.words else ""
            self._column.addWidget(self._label(f"{used}{most}".rstrip(), tone="muted"))

    def _honesty(self, details: ServerDetails) -> None:
        self._heading("Honesty")
        if not details.honesty:
            self._finding("circle-check", Tone.SUCCESS, "The server was not caught contradicting itself.", "")
        for one in details.honesty:
            often = f"{one.times:,} times, last " if one.times > 1 else ""
            self._finding("alert-triangle", Tone.WARNING, one.what, f"{one.doing} Seen {often}{dates.medium(one.at)}.")
        if details.quirks:
            self._heading(f"Known of {details.quirks[0].provider}")
            for quirk in details.quirks:
                self._finding("info-circle", Tone.MUTED, quirk.what, quirk.doing)

    def _finding(self, icon: str, tone: Tone, what: str, more: str) -> None:
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        picture = QLabel(self)
        picture.setPixmap(self._theme.pixmap(icon, tone, Size.ICON_BAR, self.devicePixelRatioF()))
        line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._label(what))
        if more:
            words.addWidget(self._label(more, tone="muted"))
        line.addLayout(words, 1)
        self._column.addLayout(line)

    def _table(self, title: str, rows: list[ExtensionState]) -> None:
        self._heading(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(1, 1)
        for column, heading in enumerate(HEADINGS):
            grid.addWidget(self._label(heading, tone="small"), 0, column)
        for line, one in enumerate(rows, start=1):
            cells = (
                self._label(one.name, wrap=False),
                self._label(one.trouble or one.purpose, tone="muted"),
                self._label(_state(one), tone="" if one.used else "muted", wrap=False),
            )
            for column, cell in enumerate(cells):
                grid.addWidget(cell, line, column, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(grid)

    def _names(self, title: str, rows: list[ExtensionState]) -> None:
        if rows:
            self._heading(title)
            self._column.addWidget(self._label(", ".join(one.name for one in rows), tone="muted"))

    def _heading(self, text: str) -> None:
        heading = self._label(text, tone="section")
        heading.setContentsMargins(0, Space.L, 0, 0)
        self._column.addWidget(heading)

    def _label(self, text: str, *, tone: str = "", wrap: bool = True) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)  # the server chose some of these words
        label.setWordWrap(wrap)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if tone:
            mark(label, tone=tone)
        return label


def _state(one: ExtensionState) -> str:
    if one.verified:
        return "verified"
    if one.used:
        return "used, not believed" if one.trouble else "used"
    return "set aside" if one.trouble else "not used so far"
