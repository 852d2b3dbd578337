"""The recovery key: shown once, to print, save or copy; and typed in where the keyring is lost."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.errors import MailError
from qtmail.paths import write_whole
from qtmail.ui.theme import Size, Space, Theme, Tone, mark

_WHY = (
    "This key opens your mail when the system's keyring is lost: after a reinstallation, on another computer, from a "
    "backup. Without the keyring and without this key nobody can read it again, and we cannot help."
)


class RecoveryKeyDialog(QDialog):
    """Accepted only when the user says that the key is kept."""

    def __init__(self, key: str, theme: Theme, parent: QWidget | None = None, *, new: bool = True) -> None:
        super().__init__(parent)
        self.setWindowTitle("Recovery key")
        self._key = key
        self.kept = QCheckBox("I have printed it, saved it elsewhere or written it down", self)
        self.go_on = QPushButton("Encrypt and restart" if new else "Close", self)
        mark(self.go_on, kind="accent")
        self.go_on.clicked.connect(self.accept)
        self.go_on.setEnabled(not new)
        self.kept.toggled.connect(self.go_on.setEnabled)
        self.kept.setVisible(new)
        self.said = QLabel(self)
        mark(self.said, tone="muted")
        self.said.setWordWrap(True)
        self.said.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.L)
        column.addWidget(mark(QLabel("Keep this key on paper", self), tone="title"))
        column.addWidget(_wrapped(_WHY, self))
        column.addWidget(self._card())
        column.addLayout(self._ways(theme))
        column.addWidget(self.said)
        column.addWidget(self.kept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        if new:
            cancel = QPushButton("Cancel", self)
            cancel.setAutoDefault(False)
            cancel.clicked.connect(self.reject)
            buttons.addWidget(cancel)
        buttons.addWidget(self.go_on)
        column.addLayout(buttons)
        self.setFixedWidth(Size.SEARCH + Space.XXL * 2)

    def _card(self) -> QFrame:
        card = QFrame(self)
        mark(card, surface="card")
        self.shown = QLabel(_in_lines(self._key), card)
        self.shown.setAccessibleName(f"Recovery key: {self._key}")
        self.shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPointSizeF(self.font().pointSizeF() * 1.5)
        font.setWeight(QFont.Weight.DemiBold)
        self.shown.setFont(font)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        inside.addWidget(self.shown)
        return card

    def _ways(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for words, icon, act in (
            ("Print …", "printer", self._print),
            ("Save …", "device-floppy", self._save),
            ("Copy", "copy", self._copy),
        ):
            button = QPushButton(words, self)
            button.setAutoDefault(False)
            theme.dress(button, icon, Tone.MUTED, size=Size.ICON)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _print(self) -> None:
        printer = QPrinter()
        if QPrintDialog(printer, self).exec():
            document = QTextDocument()
            document.setPlainText(sheet(self._key))
            document.print_(printer)
            self._say("Printed.")

    def _save(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(self, "Save the recovery key", "qtmail recovery key.txt")
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Into a file that only its owner can read; best on a stick that is put away."""
        try:
            write_whole(path, sheet(self._key))
        except OSError as error:
            self._say(f"It could not be saved: {error.strerror}. Choose another place.")
            return
        self._say("Saved. Put the file where this computer's loss does not take it along.")

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._key)
        self._say("Copied. Paste it into your password manager.")


class UnlockDialog(QDialog):
    """Asks for the recovery key until it fits, or the user gives up."""

    def __init__(self, unlock: Callable[[str], bool], why: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("qtmail")
        self._unlock = unlock
        self.kept = True
        """Whether the keyring has the key again."""
        icon = QLabel(self)
        icon.setPixmap(theme.pixmap("lock", Tone.ACCENT, Space.XXL, self.devicePixelRatioF()))
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX")
        self.field.setAccessibleName("Recovery key")
        self.problem = QLabel(self)
        mark(self.problem, tone="danger")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.open_ = QPushButton("Unlock", self)
        mark(self.open_, kind="accent")
        self.open_.setDefault(True)
        self.open_.clicked.connect(self._try)
        give_up = QPushButton("Quit", self)
        give_up.setAutoDefault(False)
        give_up.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.M)
        column.addWidget(icon)
        column.addWidget(mark(QLabel("Your mail is encrypted", self), tone="title"))
        column.addWidget(_wrapped(f"{why} Unlock the keyring and start again, or enter the recovery key.", self))
        column.addWidget(self.field)
        column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(give_up)
        buttons.addWidget(self.open_)
        column.addLayout(buttons)
        self.setFixedWidth(Size.SEARCH + Space.XL)

    def _try(self) -> None:
        try:
            self.kept = self._unlock(self.field.text())
        except MailError as error:
            self.problem.setText(error.sentence())
            self.problem.show()
            self.field.setFocus()
            return
        self.accept()


def sheet(key: str) -> str:
    """What is printed and saved."""
    return f"qtmail recovery key\n\n{_in_lines(key)}\n\n{_WHY}\n\nIn a terminal: qtmail unlock --recovery-key-stdin\n"


def _in_lines(key: str) -> str:
    """Three groups a line."""
    groups = key.split("-")
    return "\n".join("-".join(groups[at : at + 3]) for at in range(0, len(groups), 3))


def _wrapped(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setWordWrap(True)
    mark(label, tone="muted")
    return label
