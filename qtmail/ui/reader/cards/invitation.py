"""The card of an invitation: its date as a leaf of a calendar, what, when, where, who, and the answer to it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from qtmail.engine.answering import Beyond
from qtmail.mime.invitation import Answer
from qtmail.ui.parts.flow import FlowLayout
from qtmail.ui.parts.labels import ElidedLabel, WrappedText
from qtmail.ui.reader.cards import words
from qtmail.ui.theme import Size, Space, Theme, mark

_ANSWERS = ((Answer.ACCEPTED, "Accept", "Accepted"), (Answer.TENTATIVE, "Maybe", "Maybe"),
            (Answer.DECLINED, "Decline", "Declined"))  # fmt: skip


class InvitationCard(QFrame):
    """Shows one; `answered`, `saved`, `opened` and `joined` say what was pressed."""

    answered = Signal(object)
    """Answer."""
    saved = Signal()
    opened = Signal()
    joined = Signal(str)
    """An http(s) address to take part at."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._link = ""
        mark(self, surface="card")
        self.month, self.day, self.weekday = (self._label(tone) for tone in ("section", "title", "small"))
        self.title = WrappedText("", self, most=2)
        mark(self.title, tone="heading")
        self.about = self._wrapped("warning")
        self.when = self._label("strong", wrap=True)
        self.repeats = self._label("muted", wrap=True)
        self.zone = self._label("small-warning", wrap=True)
        self.where = self._wrapped("muted", most=2)
        self.conflict = self._wrapped("warning")
        self.invited = ElidedLabel("", self)
        mark(self.invited, tone="muted")
        self.people = QToolButton(self)
        self.people.setCheckable(True)
        self.people.setToolTip("Show who is invited")
        self.people.setAccessibleName("Show who is invited")
        mark(self.people, kind="line")
        theme.dress(self.people, "chevron-down", size=Size.ICON)
        self.people.toggled.connect(self._expand)
        self.names = self._wrapped("muted")
        self.said = self._label("success")
        self.buttons = {answer: QPushButton(text, self) for answer, text, _ in _ANSWERS}
        for answer, button in self.buttons.items():
            button.setAutoDefault(True)
            button.clicked.connect(lambda _on=False, chosen=answer: self.answered.emit(chosen))
        self.join = QPushButton("Join …", self)
        self.join.setAutoDefault(True)
        mark(self.join, kind="quiet")
        self.join.clicked.connect(lambda: self.joined.emit(self._link))
        self.more = self._more()
        self._lay_out()

    def _label(self, tone: str, *, wrap: bool = False) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(wrap)
        if wrap:
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        mark(label, tone=tone)
        return label

    def _wrapped(self, tone: str, most: int = 10) -> WrappedText:
        """For words of strangers: no word of theirs is wider than the card."""
        text = WrappedText("", self, most=most)
        mark(text, tone=tone)
        return text

    def _more(self) -> QToolButton:
        menu = QMenu(self)
        self._theme.dress(menu.addAction("Open with the calendar", self.opened.emit), "calendar")
        self._theme.dress(menu.addAction("Save as file …", self.saved.emit), "device-floppy")
        button = QToolButton(self)
        button.setToolTip("More")
        button.setAccessibleName("More about this event")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        self._theme.dress(button, "dots")
        return button

    def _lay_out(self) -> None:
        leaf = self.leaf = QFrame(self)
        mark(leaf, surface="leaf")
        leaf.setFixedWidth(Size.AVATAR_READER + Space.XL)
        days = QVBoxLayout(leaf)
        days.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        days.setSpacing(0)
        for label in (self.month, self.day, self.weekday):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            days.addWidget(label)
        who = QHBoxLayout()
        who.setSpacing(Space.S)
        who.addWidget(self.invited)
        who.addWidget(self.people)
        who.addStretch(1)
        row_of_buttons = QWidget(self)
        buttons = FlowLayout(row_of_buttons, Space.S)
        for button in self.buttons.values():
            buttons.addWidget(button)
        buttons.addWidget(self.join)
        buttons.addWidget(self.said)
        told = QVBoxLayout()
        told.setSpacing(Space.XS)
        for line in (self.title, self.about, self.when, self.repeats, self.zone, self.where):
            told.addWidget(line)
        told.addLayout(who)
        told.addWidget(self.conflict)
        told.addSpacing(Space.XS)
        told.addWidget(row_of_buttons)
        told.addWidget(self.names)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.M, Space.M, Space.M)
        row.setSpacing(Space.M)
        row.addWidget(leaf, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(told, 1)
        row.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)

    def show_invitation(self, found: Beyond) -> None:
        """Fill it. `found.invitation` is there."""
        one = found.invitation
        assert one is not None
        self.title.setText(one.summary or "(no title)")
        self.setAccessibleName(f"Event: {one.summary}, {words.when(one)}")
        for label, text in zip((self.month, self.day, self.weekday), words.tile(one), strict=True):
            label.setText(text)
        self.leaf.setVisible(one.start is not None)
        self._say(self.about, words.about(found))
        self._say(self.when, words.when(one))
        repeats = f"Repeats {one.repeats}" if one.repeats else ""
        self._say(self.repeats, "One date of an event that repeats" if one.one_of else repeats)
        self._say(self.zone, words.zone_words(one))
        mark(self.zone, tone="small" if one.start and one.start.zone_known else "small-warning")
        self._say(self.where, one.where)
        self._say(self.conflict, "")
        self.people.setChecked(False)
        self.invited.setText(words.people(one))
        self.invited.setVisible(bool(words.people(one)))
        self.people.setVisible(bool(one.attendees))
        self._say(self.names, words.names(one))
        self.names.hide()
        self._link = one.link
        self.join.setVisible(bool(one.link) and not one.cancelled)
        self.join.setToolTip(one.link)
        self.show_answer(found)

    def show_answer(self, found: Beyond) -> None:
        """What the user said, and what can still be said."""
        asked = found.invitation is not None and found.invitation.wants_answer
        for answer, text, said in _ANSWERS:
            button, chosen = self.buttons[answer], found.answered is answer
            button.setVisible(asked)
            button.setText(said if chosen else text)
            button.setEnabled(True)
            as_usual = "accent" if answer is Answer.ACCEPTED and found.answered is None else "plain"
            mark(button, kind="chosen" if chosen else as_usual)
            button.setToolTip(
                "" if found.listed else f"You are not on its list: the answer comes from {found.me.address}."
            )
        self._say(self.said, words.answered(found) if asked else "")

    def show_conflict(self, text: str) -> None:
        """What else there is at that time, from the user's own calendar; empty: nothing."""
        self._say(self.conflict, text)

    @staticmethod
    def _say(label: QLabel | WrappedText, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _expand(self, on: bool) -> None:
        self._theme.dress(self.people, "chevron-up" if on else "chevron-down", size=Size.ICON)
        self.names.setVisible(on)
        self.updateGeometry()
