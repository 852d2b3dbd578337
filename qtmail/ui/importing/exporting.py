"""Export: what, in which form, where to; watched until it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtmail.mime.file_names import safe_name
from qtmail.ui.jobs import Outcome, Start
from qtmail.ui.parts.page import open_at
from qtmail.ui.parts.running import Running
from qtmail.ui.theme import Size, Space, mark

PREFERRED = QSize(560, 320)
FORMS: tuple[tuple[str, str, str], ...] = (
    ("mbox", "mbox: one file, for any mail program", "A message's bytes and flags come back exactly (mboxrd)."),
    ("maildir", "Maildir: one file a message, with flags", "As Dovecot, mutt and many others keep their mail."),
    ("eml", ".eml files: one a message", "Each as it travelled; a double click opens it anywhere. Without flags."),
    ("pdf", "PDF files: one a message", "To print or to file; attachments stay out."),
)
"""(as the command names it, in the list, what is to know of it)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be exported: its words in the list, and the command's."""

    title: str
    words: tuple[str, ...]
    name: str
    """For the file."""
    many_files: bool = False
    """A directory, whatever the form."""


class ExportDialog(QDialog):
    """Not modal: the window stays usable beside it."""

    def __init__(self, start: Start, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export messages")
        self._start, self._choices = start, choices
        self.what = QComboBox(self)
        self.what.setAccessibleName("What to export")
        for choice in choices:
            self.what.addItem(choice.title, choice)
        self.form = QComboBox(self)
        self.form.setAccessibleName("Format")
        for form, title, _hint in FORMS:
            self.form.addItem(title, form)
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        mark(self.hint, tone="small")
        self.form.currentIndexChanged.connect(self._explain)
        self.running = Running(self)
        self.running.hide()
        self.running.ended.connect(self._ended)
        self.outcome = QLabel(self)
        self.outcome.setWordWrap(True)
        self.outcome.hide()
        self.go = QPushButton("Choose where…", self)
        self.go.setDefault(True)
        mark(self.go, kind="accent")
        self.go.clicked.connect(self._choose)
        close = QPushButton("Close", self)
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        rows = QFormLayout()
        rows.setHorizontalSpacing(Space.L)
        rows.setVerticalSpacing(Space.M)
        rows.addRow("&Export", self.what)
        rows.addRow("&As", self.form)
        rows.addRow("", self.hint)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.M)
        column.addLayout(rows)
        column.addWidget(self.running)
        column.addWidget(self.outcome)
        column.addStretch(1)
        column.addLayout(buttons)
        self._explain()
        self.what.setMinimumWidth(Size.SEARCH - Space.XXL * 3)
        open_at(self, PREFERRED)

    def export_to(self, path: Path) -> None:
        """Begin. Nothing that is there is overwritten."""
        choice: Choice = self.what.currentData()
        self.outcome.hide()
        self.running.show()
        self.go.setEnabled(False)
        words = ["export", *choice.words, str(path), "--format", self.form.currentData(), "--watched"]
        self.running.watch(self._start(words, self), f"Exporting to {path.name} …", _progress)

    def _choose(self) -> None:
        choice: Choice = self.what.currentData()
        form: str = self.form.currentData()
        name = safe_name(choice.name, "messages")
        if form == "mbox" and not choice.many_files:
            chosen, _ = QFileDialog.getSaveFileName(
                self, "Export", f"{name}.mbox", "mbox (*.mbox)", options=QFileDialog.Option.DontConfirmOverwrite
            )
            if chosen:
                self.export_to(Path(chosen))
            return
        chosen = QFileDialog.getExistingDirectory(self, "Export into a folder")
        if chosen:
            self.export_to(free_directory(Path(chosen), name))

    def _explain(self) -> None:
        self.hint.setText(FORMS[self.form.currentIndex()][2])

    def _ended(self, outcome: Outcome) -> None:
        self.running.hide()
        self.go.setEnabled(True)
        result = outcome.result
        done = ""
        if result is not None:
            count = result["written"]
            done = f"{count:,} {'message' if count == 1 else 'messages'} written to {result['path']}."
        self.outcome.setText(" ".join(part for part in (done, outcome.words) if part) or "The export ended early.")
        self.outcome.show()

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is under way is given up, and nothing of it stays."""
        if self.running.busy:
            self.running.cancel()
        super().closeEvent(event)


def free_directory(folder: Path, name: str) -> Path:
    """The folder itself while it is empty, else one inside it that is not there yet."""
    if not any(folder.iterdir()):
        return folder
    path, number = folder / name, 2
    while path.exists():
        path, number = folder / f"{name} ({number})", number + 1
    return path


def _progress(told: dict[str, Any]) -> tuple[str, int, int]:
    return f"{told['done']:,} of {told['total']:,} written", told["done"], told["total"]
