"""Import: choose (or take what was found on this computer), look at what it is, watch it, read the report."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtmail.model import Account, Folder, FolderId
from qtmail.ui.importing.found import Offer
from qtmail.ui.importing.preview import Preview
from qtmail.ui.jobs import Outcome, Start
from qtmail.ui.parts.page import open_at
from qtmail.ui.parts.running import Running
from qtmail.ui.theme import Size, Space, Theme, mark

PREFERRED = QSize(620, 520)
KINDS = "Mail (*.eml *.emlx *.mbox *.mbx *.pst *.zip *.tar *.tar.gz *.tgz);;All files (*)"
ENDED_EARLY = "The import ended early. Start it again: it goes on from there."


class ImportDialog(QDialog):
    """Stays usable beside the window while it works: it is not modal."""

    took_in = Signal(object)
    """FolderId: messages came into this folder."""

    def __init__(
        self,
        start: Start,
        folders: Sequence[Folder],
        accounts: Sequence[Account],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        into: FolderId | None = None,
        offers: Sequence[Offer] = (),
        unfinished: tuple[Path, FolderId] | None = None,
        make_folder: Callable[[], FolderId] | None = None,
    ) -> None:
        """`unfinished`: an import to go on with. `make_folder`: a local folder for mail that has nowhere else to go."""
        super().__init__(parent)
        self.setWindowTitle("Import messages")
        self._start, self._theme = start, theme
        self._folders, self._accounts, self._into = folders, accounts, into
        self._make_folder = make_folder
        self._paths: list[Path] = []
        self._target: FolderId | None = into
        self._report = ""
        self.preview = Preview(self)
        self.preview.offer_folders(folders, accounts, into)
        self.running = Running(self)
        self.running.ended.connect(self._ended)
        self.report = QPlainTextEdit(self)
        self.report.setReadOnly(True)
        self.report.setAccessibleName("Report of the import")
        self.choices: list[QPushButton] = []
        self.pages = QStackedWidget(self)
        for page in (self._choose_page(offers, unfinished), self.preview, self._running_page(), self.report):
            self.pages.addWidget(page)
        self.back = self._button("Back", lambda: self._turn(0))
        self.save = self._button("Save report…", self._save)
        self.close_ = self._button("Close", self.close)
        self.take = self._button("Import", self._take_in)
        self.take.setDefault(True)
        mark(self.take, kind="accent")
        buttons = QHBoxLayout()
        for button in (self.back, self.save):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.close_, self.take):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.L)
        column.addWidget(self.pages, 1)
        column.addLayout(buttons)
        self._looking: Path | None = None
        self._turn(0)
        open_at(self, PREFERRED)

    def look_at(self, paths: Sequence[Path]) -> None:
        """Say what is there; several are taken in one after the other."""
        if not paths:
            return
        self._paths = list(paths)
        self._looking = self._paths[0]
        self._turn(2)
        job = self._start(["import", str(self._looking), "--look", "--json"], self)
        self.running.watch(job, f"Looking at {self._looking.name} …", lambda _told: ("", 0, 0))

    def _choose_page(self, offers: Sequence[Offer], unfinished: tuple[Path, FolderId] | None) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        title = QLabel("Where is the mail?", page)
        mark(title, tone="title")
        column.addWidget(title)
        if unfinished is not None:
            self._choice(column, f"Go on with {unfinished[0].name}", "refresh", partial(self._go_on, *unfinished))
            column.addSpacing(Space.M)
        if offers:
            words = QLabel("Found on this computer:", page)
            mark(words, tone="muted")
            column.addWidget(words)
        for offer in offers:
            text = f"{offer.title} – {offer.path.name}"
            self._choice(column, text, "mailbox", partial(self.look_at, [offer.path]))
        column.addSpacing(Space.M if offers else 0)
        self._choice(column, "Choose files…", "file", self._choose_files)
        self._choice(column, "Choose a folder…", "folder", self._choose_folder)
        column.addSpacing(Space.M)
        kinds = QLabel(
            "mbox, Maildir, MH, .eml and .emlx files, Thunderbird and Apple Mail folders, Outlook .pst, and zip or tar "
            "archives of these. Files and folders can also be dropped onto a folder in the sidebar.",
            page,
        )
        mark(kinds, tone="small")
        kinds.setWordWrap(True)
        column.addWidget(kinds)
        column.addStretch(1)
        return page

    def _go_on(self, path: Path, into: FolderId) -> None:
        """What is in already is passed over."""
        self.preview.offer_folders(self._folders, self._accounts, into)
        self.look_at([path])

    def _choice(self, column: QVBoxLayout, text: str, icon: str, act: Callable[[], object]) -> None:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        self._theme.dress(button, icon)
        button.setMinimumHeight(Size.SIDEBAR_ROW + Space.XS)
        button.clicked.connect(lambda _checked=False: act())
        column.addWidget(button)
        self.choices.append(button)

    def _running_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.running)
        column.addStretch(1)
        return page

    def _button(self, text: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        return button

    def _choose_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "Import messages", "", KINDS)
        self.look_at([Path(name) for name in names])

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Import a folder of mail")
        self.look_at([Path(name)] if name else [])

    def _turn(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self.back.setVisible(page == 1 or (page == 3 and not self._report))
        self.take.setVisible(page == 1)
        self.save.setVisible(page == 3 and bool(self._report))
        self.close_.setText("Cancel" if page == 1 else "Close")

    def _take_in(self) -> None:
        target = self.preview.chosen()
        if target is None and self._make_folder is not None:
            target = self._make_folder()
        if target is None:
            return
        self._target = target
        self._looking = None
        self._report = ""
        self._next()

    def _next(self) -> None:
        path = self._paths.pop(0)
        self._turn(2)
        job = self._start(["import", str(path), "--into", self._name(self._target), "--watched"], self)
        self.running.watch(job, f"Importing {path.name} …", _progress)

    def _name(self, target: FolderId | None) -> str:
        """As commands name it."""
        names = {account.key: account.name for account in self._accounts}
        found = next((one for one in self._folders if one.id == target), None)
        return f"{names.get(found.account, 'Local')}/{found.path}" if found is not None else "Local/Imported"

    def _ended(self, outcome: Outcome) -> None:
        if self._looking is not None:
            self._looked(self._looking, outcome)
            return
        result = outcome.result or {}
        self._report += f"{result.get('text') or outcome.words or ENDED_EARLY}\n"
        self.took_in.emit(self._target)
        if self._paths and not result.get("stopped") and outcome.result is not None:
            self._next()
            return
        self.report.setPlainText(self._report.strip())
        self._turn(3)

    def _looked(self, path: Path, outcome: Outcome) -> None:
        self._looking = None
        if outcome.result is None:
            self._report = ""
            self.report.setPlainText(outcome.words or "That could not be looked at.")
            self._turn(3)
            return
        more = f" and {len(self._paths) - 1:,} more" if len(self._paths) > 1 else ""
        self.preview.show_source(f"{path.name}{more}", outcome.result)
        self._turn(1)
        self.take.setFocus()

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save the report", "import-report.txt", "Text (*.txt)")
        if name:
            try:
                Path(name).write_text(self._report, "utf-8")
            except OSError as error:
                self.report.appendPlainText(f"\nThe report could not be saved: {error.strerror}.")

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is under way ends in order first."""
        if self.running.busy:
            self.running.cancel()
        super().closeEvent(event)


def _progress(told: dict[str, Any]) -> tuple[str, int, int]:
    passed = told["read"] - told["new"]
    text = f"{told['read']:,} read, {told['new']:,} new" + (f" – {told['folder']}" if told["folder"] else "")
    return text if passed or told["read"] else "Starting …", told["octets"], told["octets_total"]
