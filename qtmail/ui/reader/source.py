"""Windows that look behind a message: its bytes as they came, and its story."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QKeySequence, QShortcut, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.engine.mail import BodyMissing, Mail
from qtmail.errors import BadInput
from qtmail.mime.file_names import safe_name
from qtmail.model import RowId, Step
from qtmail.ui import dates
from qtmail.ui.parts.page import open_at
from qtmail.ui.reader.files import write_whole
from qtmail.ui.reader.findbar import FindBar
from qtmail.ui.theme import Space, Theme, mark

MOST_SHOWN = 2_000_000
"""Octets of a source that are shown; all of it can be saved."""
_SIZE = QSize(860, 640)


def source_of(mail: Mail, row: RowId) -> bytes:
    """The bytes as they came. Raises MailError, also when they are not here yet."""
    try:
        return mail.raw(row)
    except BodyMissing as missing:
        raise BadInput("This message is not downloaded yet.", hint="Its source can be seen when it is.") from missing


class SourceWindow(QWidget):
    """The message as it came, in a fixed-width font, to be searched and saved."""

    def __init__(self, theme: Theme, title: str, raw: bytes) -> None:
        super().__init__(None)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Source: {title}")
        open_at(self, _SIZE)
        mark(self, surface="window")
        self._raw, self._title = raw, title
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setPlainText(raw[:MOST_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n"))
        self.text.setAccessibleName("Source of the message")
        self.find_bar = FindBar(theme, lambda: self, self)
        self.find_bar.field.setPlaceholderText("Find in the source")
        self.find_bar.setVisible(True)
        note = QLabel(self)
        mark(note, tone="small")
        if len(raw) > MOST_SHOWN:
            note.setText(f"The first {MOST_SHOWN:,} of {len(raw):,} octets. Save it to see all of it.")
        save = QPushButton("Save …", self)
        save.clicked.connect(self.save)
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.L, Space.S, Space.L, Space.M)
        foot.addWidget(note, 1)
        foot.addWidget(save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.find_bar)
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        QShortcut(QKeySequence.StandardKey.Find, self, self.find_bar.open)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        self.text.setFocus()

    def find_words(self, text: str, *, back: bool = False, found: Callable[[bool], None] = lambda _found: None) -> None:
        """Go to the next place, from the top again after the last."""
        if not text:
            return
        flags = QTextDocument.FindFlag.FindBackward if back else QTextDocument.FindFlag(0)
        hit = self.text.find(text, flags)
        if not hit:
            self.text.moveCursor(QTextCursor.MoveOperation.End if back else QTextCursor.MoveOperation.Start)
            hit = self.text.find(text, flags)
        found(hit)

    def save(self) -> None:
        """As an .eml file, to the octet."""
        name = safe_name(self._title, "message") + ".eml"
        chosen, _ = QFileDialog.getSaveFileName(self, "Save message", str(Path.home() / name))
        if not chosen:
            return
        try:
            write_whole(Path(chosen), self._raw)
        except OSError as error:
            self.find_bar.answer.setText(f"It cannot be saved there: {error.strerror}.")


class StoryDialog(QDialog):
    """Everything that happened to a message, oldest first."""

    def __init__(self, theme: Theme, title: str, steps: Sequence[Step], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Story of this message")
        open_at(self, _SIZE * (2 / 3))
        heading = QLabel(title, self)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setWordWrap(True)
        mark(heading, tone="heading")
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setAccessibleName("What happened, oldest first")
        for step in steps:
            item = QListWidgetItem(f"{step.what}\n{dates.full(step.at)}")
            item.setIcon(theme.icon("clock"))
            self.list.addItem(item)
        if not steps:
            self.list.addItem("Nothing is recorded yet.")
        close = QPushButton("Close", self)
        close.clicked.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        column.addWidget(heading)
        column.addWidget(self.list, 1)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
