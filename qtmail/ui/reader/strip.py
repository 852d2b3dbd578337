"""The attachments of the message shown: a wrapping row of cards below the body; open, save, drag out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDrag
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from qtmail.engine.mail import Mail
from qtmail.errors import BadInput, MailError
from qtmail.mime.file_names import safe_name
from qtmail.model import Part, RowId
from qtmail.ui.parts.attachments import AttachmentCard, icon_name, size_words
from qtmail.ui.parts.flow import FlowLayout
from qtmail.ui.reader.files import Copies, free_path, runs, write_whole
from qtmail.ui.reader.preview import PreviewWindow, can_preview
from qtmail.ui.theme import Size, Space, Theme, Tone, mark
from qtmail.ui.worker import Worker

_ROWS_SEEN = 2
_FIRST = 12
_AT_ONCE = 40
"""Cards made in one go: each takes 2 ms of the window's time, a thousand would hold it for seconds."""


def part_name(part: Part) -> str:
    """What a part is called, also where its sender gave no name."""
    if part.name:
        return safe_name(part.name)
    if part.type == "message/rfc822":
        return "message.eml"
    main, _, sub = part.type.partition("/")
    suffix = {"plain": ".txt", "jpeg": ".jpg", "calendar": ".ics"}.get(sub, f".{sub}" if sub.isalnum() else "")
    return safe_name({"image": "picture", "text": "text"}.get(main, "attachment") + suffix)


class AttachmentStrip(QWidget):
    """Hidden while there is nothing to show."""

    problem = Signal(object)
    """MailError: why it could not be opened or saved."""
    said = Signal(str)
    """What was done, for the status line."""
    remember_folder = Signal(str)
    window_made = Signal(object)
    """A QWidget: a look at an attachment; show it and keep it."""
    removal_wanted = Signal(object)
    """Tuple of Part.index: put a copy without them in the message's place."""

    def __init__(self, mail: Mail, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="surface")
        self._mail, self._theme = mail, theme
        self._worker = Worker(self)
        """Its own: the next message need not wait until a large file is written."""
        self._row: RowId | None = None
        self._parts: tuple[Part, ...] = ()
        self._ready: dict[int, Path] = {}
        self._pulled: int | None = None
        self.copies = Copies()
        self.folder = ""
        self.low = False
        self.cards: list[AttachmentCard] = []
        self._title = QLabel(self)
        mark(self._title, tone="section")
        self.save_all_button = QPushButton("Save all …", self)
        self.save_all_button.setAutoDefault(True)
        mark(self.save_all_button, kind="quiet")
        self.save_all_button.clicked.connect(self.save_all)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.save_all_button)
        self._field = QWidget(self)
        mark(self._field, surface="surface")
        self._flow = FlowLayout(self._field, Space.S)
        self.more_button = QPushButton(self._field)
        self.more_button.setAutoDefault(True)
        mark(self.more_button, kind="quiet")
        self.more_button.clicked.connect(self._show_more)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._field)
        line = QWidget(self)
        line.setFixedHeight(Size.LINE)
        mark(line, surface="line")
        inner = QVBoxLayout()
        inner.setContentsMargins(Space.L, Space.S, Space.L, Space.M)
        inner.setSpacing(Space.S)
        inner.addLayout(head)
        inner.addWidget(self._scroll)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(line)
        column.addLayout(inner)
        self.hide()

    def show_parts(self, row: RowId | None, parts: Sequence[Part]) -> None:
        """The attachments of this row; none hides the strip."""
        self._flow.removeWidget(self.more_button)
        for card in self.cards:
            self._flow.removeWidget(card)
            card.deleteLater()
        self.cards = []
        self.point_at(row, parts)
        self.setVisible(bool(parts))
        if not parts:
            return
        total = size_words(sum(part.size for part in parts))
        self._title.setText(f"1 attachment, {total}" if len(parts) == 1 else f"{len(parts)} attachments, {total}")
        self._show_head()
        self._show_more()

    def point_at(self, row: RowId | None, parts: Sequence[Part]) -> None:
        """Commands are about these, shown or not: a conversation shows them in its page."""
        self._row, self._parts, self._ready, self._pulled = row, tuple(parts), {}, None

    def shut(self) -> None:
        """The program ends: finish what is being written, remove the temporary copies."""
        self._worker.stop()
        self.copies.remove()

    def _show_more(self) -> None:
        """The next cards, and a button for the rest."""
        self._flow.removeWidget(self.more_button)
        made = len(self.cards)
        for part in self._parts[made : made + (_AT_ONCE if made else _FIRST)]:
            self._add_card(part)
        left = len(self._parts) - len(self.cards)
        self.more_button.setText(f"Show more ({left:,} left)")
        self.more_button.setVisible(bool(left))
        if left:
            self._flow.addWidget(self.more_button)
        self._fit()

    def _add_card(self, part: Part) -> None:
        card = AttachmentCard(self._theme, part_name(part), part.type, part.size, parent=self._field)
        card.opened.connect(lambda: self.look(part))
        card.pressed.connect(lambda: self._prepare_drag(part))
        card.dragged.connect(lambda: self._drag(part))
        card.menu_wanted.connect(lambda where: self.open_menu(part, where))
        self._flow.addWidget(card)
        card.show()  # Qt would do it later, and until then the row counts as empty
        self.cards.append(card)

    def _fit(self) -> None:
        """As high as its cards, up to two rows (one where the reader is low); then it scrolls."""
        if not self.cards:
            return
        row = self.cards[0].sizeHint().height()
        needed = self._flow.heightForWidth(max(self.width() - 2 * Space.L, 1))
        most = row if self.low else _ROWS_SEEN * row + Space.S + row // 2
        self._scroll.setFixedHeight(min(needed, most))

    def set_low(self, low: bool) -> None:
        """There is little height for all of the reader."""
        if low != self.low:
            self.low = low
            self._show_head()
            self._fit()

    def _show_head(self) -> None:
        """In a low reader the cards alone; Save all is in their menu too."""
        self._title.setVisible(not self.low)
        self.save_all_button.setVisible(not self.low and len(self._parts) > 1)

    def resizeEvent(self, event: object) -> None:
        self._fit()

    # Reading the bytes

    def _copy(self, row: RowId, part: Part) -> Path:
        """A private copy; on the worker's thread."""
        try:
            return self.copies.put(part_name(part), self._mail.part(row, part.index))
        except OSError as error:
            raise BadInput(
                f"“{part_name(part)}” cannot be written: {error.strerror}.", hint="Is the disk full?"
            ) from error

    # Looking

    def look(self, part: Part, row: RowId | None = None) -> None:
        """Show it here where that can be done; else let the system's program show it. `row`: as in `open`."""
        here, name = row is None, part_name(part)
        row = row or self._row
        if row is None:
            return
        if not can_preview(name, part.type):
            self.open(part, row)
            return

        def show(answer: bytes | MailError) -> None:
            if isinstance(answer, MailError):
                self.problem.emit(answer)
            elif row == self._row or not here:
                open_, save = partial(self.open, part, row), partial(self.save, part, row)
                self.window_made.emit(PreviewWindow(self._theme, name, part.type, answer, open_=open_, save=save))

        self._worker.run(lambda: self._mail.part(row, part.index), show)

    # Opening

    def open(self, part: Part, row: RowId | None = None) -> None:
        """Let the system's program show a private copy; what can run asks first. `row`: where it is, if not here."""
        row = row or self._row
        if row is None:
            return
        if runs(part_name(part)) and not self._sure(part):
            return
        self._worker.run(lambda: self._copy(row, part), self._open_copy)

    def _sure(self, part: Part) -> bool:
        box = QMessageBox(self.window())
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Open attachment")
        box.setText(f"“{part_name(part)}” can do more than show something: it can run on your computer.")
        box.setInformativeText("Open it only if you expected it from this sender.")
        anyway = box.addButton("Open anyway", QMessageBox.ButtonRole.AcceptRole)
        save = box.addButton("Save …", QMessageBox.ButtonRole.ActionRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        if box.clickedButton() is save:
            self.save(part)
        return box.clickedButton() is anyway

    def _open_copy(self, answer: Path | MailError) -> None:
        if isinstance(answer, MailError):
            self.problem.emit(answer)
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(answer))):
            self.problem.emit(BadInput(f"No program opens “{answer.name}”.", hint="Save it, and open it yourself."))

    # Saving

    def save(self, part: Part, row: RowId | None = None) -> None:
        """Ask where, and write it there."""
        row = row or self._row
        if row is None:
            return
        start = str(Path(self.folder or Path.home()) / part_name(part))
        chosen, _ = QFileDialog.getSaveFileName(self.window(), "Save attachment", start)
        if not chosen:
            return
        target = Path(chosen)
        self._keep_folder(target.parent)

        self._write_one(row, part, target)

    def save_here(self, part: Part, row: RowId | None = None) -> None:
        """Into the folder used last, under a name that is free there; the status line says where."""
        row = row or self._row
        if row is not None and self.folder:
            self._write_one(row, part, free_path(Path(self.folder), part_name(part)))

    def detach(self, part: Part) -> None:
        """Save it where the user says; once it is there, take it out of the message."""
        row = self._row
        if row is None:
            return
        start = str(Path(self.folder or Path.home()) / part_name(part))
        chosen, _ = QFileDialog.getSaveFileName(self.window(), "Detach attachment", start)
        if chosen:
            self._keep_folder(Path(chosen).parent)
            self._write_one(row, part, Path(chosen), then=lambda: self.removal_wanted.emit((part.index,)))

    def _write_one(self, row: RowId, part: Part, target: Path, *, then: Callable[[], None] = lambda: None) -> None:
        def write() -> str:
            _write(target, self._mail.part(row, part.index))
            return f"Saved {target.name} in {target.parent.name or target.parent}"

        def wrote(answer: str | MailError) -> None:
            self._saved(answer)
            if not isinstance(answer, MailError) and row == self._row:
                then()

        self._worker.run(write, wrote)

    def save_all(self) -> None:
        """Ask for a folder; nothing in it is overwritten."""
        row, parts = self._row, self._parts
        if row is None or not parts:
            return
        chosen = QFileDialog.getExistingDirectory(
            self.window(), "Save all attachments in", self.folder or str(Path.home())
        )
        if not chosen:
            return
        folder = Path(chosen)
        self._keep_folder(folder)

        def write() -> str:
            for part in parts:
                _write(free_path(folder, part_name(part)), self._mail.part(row, part.index))
            return f"Saved {len(parts)} files in {folder.name}"

        self._worker.run(write, self._saved)

    def _saved(self, answer: str | MailError) -> None:
        if isinstance(answer, MailError):
            self.problem.emit(answer)
        else:
            self.said.emit(answer)

    def _keep_folder(self, folder: Path) -> None:
        self.folder = str(folder)
        self.remember_folder.emit(self.folder)

    # Dragging out: the copy is made while the finger is still going down

    def _prepare_drag(self, part: Part) -> None:
        row = self._row
        if row is None or part.index in self._ready:
            return

        def keep(answer: Path | MailError) -> None:
            if isinstance(answer, MailError) or row != self._row:
                return
            self._ready[part.index] = answer
            if self._pulled == part.index and QApplication.mouseButtons() & Qt.MouseButton.LeftButton:
                self._drag(part)

        self._worker.run(lambda: self._copy(row, part), keep)

    def _drag(self, part: Part) -> None:
        path = self._ready.get(part.index)
        if path is None:
            self._pulled = part.index
            return
        self._pulled = None
        drag = QDrag(self)
        drag.setMimeData(file_data(path))
        scale = self.devicePixelRatioF()
        icon = icon_name(part.type, part_name(part))
        drag.setPixmap(self._theme.pixmap(icon, Tone.ACCENT, Size.AVATAR, scale))
        drag.exec(Qt.DropAction.CopyAction)

    def open_menu(self, part: Part, where: QPoint) -> None:
        """What can be done with it."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if can_preview(part_name(part), part.type):
            menu.addAction("Preview", lambda: self.look(part))
        menu.addAction("Open with another program", lambda: self.open(part))
        menu.addSeparator()
        menu.addAction("Save …", lambda: self.save(part))
        if self.folder and Path(self.folder).is_dir():
            menu.addAction(f"Save to {Path(self.folder).name or self.folder}", lambda: self.save_here(part))
        if len(self._parts) > 1:
            menu.addAction("Save all …", self.save_all)
        menu.addSeparator()
        menu.addAction("Copy", lambda: self.copy_file(part))
        menu.addAction("Copy name", lambda: QApplication.clipboard().setText(part_name(part)))
        menu.addSeparator()
        menu.addAction("Detach …", lambda: self.detach(part))
        menu.addAction("Delete from message", lambda: self.removal_wanted.emit((part.index,)))
        menu.popup(where)

    def copy_file(self, part: Part, row: RowId | None = None) -> None:
        """A copy on the clipboard: file managers and composers paste it."""
        row = row or self._row
        if row is None:
            return

        def put(answer: Path | MailError) -> None:
            if isinstance(answer, MailError):
                self.problem.emit(answer)
            else:
                QApplication.clipboard().setMimeData(file_data(answer))

        self._worker.run(lambda: self._copy(row, part), put)


def file_data(path: Path) -> QMimeData:
    """What a drag of this file carries."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise BadInput(f"“{path.name}” cannot be written: {error.strerror}.", hint="Choose another folder.") from error
