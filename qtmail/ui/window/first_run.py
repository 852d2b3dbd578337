"""What stands in the window while there is no account: a page, not a dialog, and none of it is a duty."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from qtmail.ui.parts.page import Page
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

PROMISES = (
    ("shield-check", "Nothing is ever lost: every message is kept exactly as it came, and every action can be undone."),
    ("cloud-off", "Everything works without a network: read, search, write; it is sent when you are back."),
    ("eye-off", "Nobody learns that you read: mails are shown without touching the internet."),
)


class FirstRun(QWidget):
    """Three ways on."""

    add_account = Signal()
    open_demo = Signal()
    open_file = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons: list[tuple[QLabel, str, int]] = []
        inside = QWidget(self)
        mark(inside, surface="surface")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(Page(inside, self))
        column = QVBoxLayout(inside)
        column.setSpacing(Space.M)
        column.addStretch(2)
        column.addWidget(self._icon("mail-opened", Space.XXL * 2), 0, Qt.AlignmentFlag.AlignHCenter)
        title = QLabel("Welcome to qtmail", self)
        mark(title, tone="title")
        column.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        words = QLabel("All your mail, on your computer, always there.", self)
        mark(words, tone="muted")
        column.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(Space.M)
        self.add = self._button("Add an account", "plus", self.add_account, accent=True)
        self.demo = self._button("Look around in the demo", "eye", self.open_demo)
        self.file = self._button("Open a mail file", "file", self.open_file)
        for button in (self.add, self.demo, self.file):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(Space.XL)
        for icon, sentence in PROMISES:
            column.addWidget(self._promise(icon, sentence), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        theme.changed.connect(self._draw)
        self._draw()

    def _button(self, text: str, icon: str, signal: object, *, accent: bool = False) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(True)
        button.setMinimumWidth(Size.SIDEBAR + Space.XXL)
        if accent:
            mark(button, kind="accent")
            button.setDefault(True)
        self._theme.dress(button, icon, Tone.ON_ACCENT if accent else Tone.MUTED, size=Size.ICON)
        button.clicked.connect(signal)
        return button

    def _promise(self, icon: str, sentence: str) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._icon(icon, Size.ICON_BAR))
        text = QLabel(sentence, line)
        text.setWordWrap(True)
        text.setFixedWidth(Size.SEARCH)
        mark(text, tone="muted")
        row.addWidget(text)
        return line

    def _icon(self, name: str, size: int) -> QLabel:
        label = QLabel(self)
        self._icons.append((label, name, size))
        return label

    def _draw(self) -> None:
        for label, name, size in self._icons:
            label.setPixmap(self._theme.pixmap(name, Tone.ACCENT, size, self.devicePixelRatioF()))
