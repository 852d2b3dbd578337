"""The card above a message: what it is about, who wrote it to whom, and when."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.mime.address import display_address
from qtmail.model import Address, Flag
from qtmail.ui import dates
from qtmail.ui.parts.avatar import Avatar
from qtmail.ui.parts.labels import ElidedLabel, WrappedText
from qtmail.ui.reader.load import Shown
from qtmail.ui.reader.trust import TrustLine
from qtmail.ui.theme import Size, Space, Theme, mark

_NAMED = 2
"""Recipients told by name before "and 3 more"."""
_SUBJECT_LINES = 5
"""More is no subject; the rest can be scrolled to, and the mail itself stays in sight."""
_LISTED = 200
"""Recipients listed in the details; a mail to thousands names the rest by number."""


def recipients_words(people: Sequence[Address], own: frozenset[str]) -> str:
    """ "to me, Bo and 3 more"; empty when it is to nobody that is named."""
    names = [_short(person, own) for person in people]
    if not names:
        return ""
    # The user first: whether it is for them is what they look for.
    names.sort(key=lambda name: name != "me")
    if len(names) <= _NAMED + 1:
        return "to " + (", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0])
    return f"to {', '.join(names[:_NAMED])} and {len(names) - _NAMED:,} more"


def _short(person: Address, own: frozenset[str]) -> str:
    if person.address.casefold() in own:
        return "me"
    return person.name or person.address


def sender_time(date: int, zone: int) -> str:
    """The hour the sender's clock showed, where it is another one than here: "09:12 (UTC+09:00) there"."""
    try:
        here = datetime.fromtimestamp(date).astimezone()
        there = datetime.fromtimestamp(date, timezone(timedelta(minutes=zone)))
    except (OverflowError, OSError, ValueError):
        return ""
    if here.utcoffset() == there.utcoffset():
        return ""
    return f"{there:%H:%M} ({there.tzname()}) for the sender"


class HeaderCard(QWidget):
    """Subject, author, recipients, date; the actions on the message at the right."""

    reply = Signal()
    reply_all = Signal()
    forward = Signal()
    expanded = Signal(bool)
    thread_wanted = Signal()
    """Show the whole conversation."""

    def __init__(self, theme: Theme, more: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: Shown | None = None
        mark(self, surface="surface")
        self.subject = WrappedText("", self, most=_SUBJECT_LINES)
        mark(self.subject, tone="title")
        self.relatives = QPushButton(self)
        self.relatives.setAutoDefault(True)
        mark(self.relatives, kind="quiet")
        theme.dress(self.relatives, "message", size=Size.ICON)
        self.relatives.clicked.connect(self.thread_wanted)
        self.avatar = Avatar(theme)
        self.trust = TrustLine(theme, self)
        self.author = ElidedLabel("", self)
        mark(self.author, tone="strong")
        self.address = ElidedLabel("", self)
        self.address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        # The name comes first and takes what it needs, up to half of the line; the address has the rest.
        self.address.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        mark(self.address, tone="muted")
        self.date = QLabel(self)
        mark(self.date, tone="muted")
        self.to = QToolButton(self)
        self.to.setCheckable(True)
        self.to.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.to.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.to.setToolTip("Show all recipients")
        mark(self.to, kind="line")
        theme.dress(self.to, "chevron-down", size=Size.ICON)
        self.to.toggled.connect(self._expand)
        self.details = QScrollArea(self)
        self.details.setFrameShape(QFrame.Shape.NoFrame)
        self.details.setWidgetResizable(True)
        self.details.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.details.hide()
        self._inside = QWidget(self.details)
        mark(self._inside, surface="surface")
        self.details.setWidget(self._inside)
        self._grid = QGridLayout(self._inside)
        self._lay_out(more)

    def _lay_out(self, more: QMenu) -> None:
        self._answers: list[QToolButton] = []
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.XS)
        for icon, words, signal in (
            ("arrow-back-up", "Reply", self.reply),
            ("arrow-back-up-double", "Reply to all", self.reply_all),
            ("arrow-forward-up", "Forward", self.forward),
        ):
            button = QToolButton(self)
            button.setToolTip(words)
            button.setAccessibleName(words)
            self._answers.append(button)
            self._theme.dress(button, icon)
            button.clicked.connect(signal)
            buttons.addWidget(button)
        dots = QToolButton(self)
        dots.setToolTip("More")
        dots.setAccessibleName("More")
        dots.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        dots.setMenu(more)
        self._theme.dress(dots, "dots")
        buttons.addWidget(dots)
        who = QHBoxLayout()
        who.setSpacing(Space.S)
        who.addWidget(self.author)
        who.addWidget(self.address, 1)
        whom = QHBoxLayout()
        whom.setSpacing(Space.S)
        whom.addWidget(self.to)
        whom.addStretch(1)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addLayout(who)
        names.addLayout(whom)
        names.addWidget(self.trust)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(buttons)
        right.addWidget(self.date, 0, Qt.AlignmentFlag.AlignRight)
        person = QHBoxLayout()
        person.setSpacing(Space.M)
        person.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        person.addLayout(names, 1)
        person.addLayout(right)
        self._grid.setContentsMargins(Size.AVATAR_READER + Space.M, Space.XS, 0, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.M)
        column.setSpacing(Space.M)
        about = QHBoxLayout()
        about.setSpacing(Space.S)
        about.addWidget(self.subject, 1)
        about.addWidget(self.relatives, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(about)
        column.addLayout(person)
        column.addWidget(self.details)

    def say_keys(self, *tips: str) -> None:
        """What reply, reply to all and forward do, with the keys that do it too."""
        for button, tip in zip(self._answers, tips, strict=True):
            button.setToolTip(tip)

    def show_message(self, shown: Shown) -> None:
        """Fill it; from the list's row alone while the body is not here."""
        self._shown = shown
        row, message = shown.row, shown.message
        author = shown.author
        self.subject.setText((message.subject if message else row.subject) or "(no subject)")
        self.relatives.setVisible(shown.relatives > 0)
        self.relatives.setText(f"{shown.relatives + 1} messages")
        self.relatives.setToolTip("Show the whole conversation")
        self.author.setText(author.name or author.address or "(no sender)")
        self.address.setText(display_address(author.address) if author.name else "")
        self.trust.show_message(shown)
        self.avatar.set_person(author.name, author.address)
        date = message.date if message and message.date is not None else row.date
        self.date.setText(dates.medium(date))
        there = sender_time(date, message.date_zone) if message and message.date is not None else ""
        self.date.setToolTip("\n".join(filter(None, (dates.full(date), there))))
        people = (*message.to, *message.cc, *message.bcc) if message else ()
        words = recipients_words(people, shown.own)
        self.to.setText(words or ("to undisclosed recipients" if message else ""))
        self.to.setVisible(message is not None)
        self.to.setChecked(False)
        if Flag.SEEN not in row.flags:
            self.setAccessibleName(f"Unread message from {self.author.text()}")

    def _expand(self, on: bool) -> None:
        self._theme.dress(self.to, "chevron-up" if on else "chevron-down", size=Size.ICON)
        if on and self._shown is not None and self._shown.message is not None:
            self._fill_details(self._shown)
        self.details.setVisible(on)
        self._fit_details()
        self.expanded.emit(on)

    def _fill_details(self, shown: Shown) -> None:
        message = shown.message
        assert message is not None
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        fields: list[tuple[str, str]] = [
            (name, ", ".join(str(person) for person in people[:_LISTED]) + _rest(len(people)))
            for name, people in (
                ("From", message.from_),
                ("Sender", message.sender),
                ("Reply to", message.reply_to),
                ("To", message.to),
                ("Cc", message.cc),
                ("Bcc", message.bcc),
            )
            if people
        ]
        if message.date is not None:
            fields.append(("Date", dates.full(message.date)))
        for line, (name, value) in enumerate(fields):
            label = QLabel(name, self._inside)
            mark(label, tone="muted")
            text = WrappedText(value, self._inside)
            self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._grid.addWidget(text, line, 1)

    def _fit_details(self) -> None:
        """As high as they are, up to a third of a window: the mail itself is still to be seen."""
        if not self.details.isVisible():
            return
        room = self.width() - 2 * Space.L
        wanted = self._inside.heightForWidth(room)
        if wanted > Size.SIDEBAR:
            wanted = self._inside.heightForWidth(room - self.details.verticalScrollBar().sizeHint().width())
        # By itself a scroll area gives wrapped words the height they would need in its least width.
        self._inside.setFixedHeight(wanted)
        self.details.setFixedHeight(min(wanted, Size.SIDEBAR))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.author.setMaximumWidth(self.width() // 2)
        self._fit_details()


def _rest(count: int) -> str:
    return f" and {count - _LISTED:,} more" if count > _LISTED else ""
