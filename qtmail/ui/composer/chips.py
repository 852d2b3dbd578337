"""A field of recipients: each a chip, typed text at the end; completed, edited, dragged, pasted."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QPoint, QStringListModel, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QWidget,
)

from qtmail.mime.address import check_address, display, parse_typed, split_typed
from qtmail.model import Address
from qtmail.ui.parts.flow import FlowLayout
from qtmail.ui.theme import Space, Theme, mark

ADDRESS_MIME = "application/x-qtmail-address"
"""A drag of a chip: JSON {"name", "address"}, UTF-8."""
_LONGEST = 260
"""Pixels of a chip's name before it is elided."""
_LEAST_TYPING, _MOST_TYPING = 48, 320
"""Pixels the field takes beside the chips: it grows with what is typed, and goes to the next row for more."""
_LEAST_LETTERS = 1
_TAKES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})

Complete = Callable[[str, Callable[[tuple[Address, ...]], None]], None]
"""Looks people up for what was typed, and calls back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one chip stands for; `problem` is empty when it can be written to."""

    person: Address
    problem: str = ""


def entries_of(text: str) -> tuple[Entry, ...]:
    """Everybody in a typed or pasted text; what is no address stays, with the reason."""
    found, problems = parse_typed(text)
    if not problems:
        return tuple(Entry(person) for person in found)
    out: list[Entry] = []
    for piece in split_typed(text):
        people, wrong = parse_typed(piece)
        out += [Entry(person) for person in people] or [Entry(Address("", piece), wrong[0] if wrong else "")]
    return tuple(out)


def entry_of(person: Address) -> Entry:
    return Entry(person, check_address(person.address) or "")


class Chip(QFrame):
    """One recipient. Focused: Enter or F2 edits, Delete removes, arrows go on."""

    edited = Signal()
    removed = Signal(int)
    """Where the focus goes: -1 before, 1 after."""
    walked = Signal(int)
    dragged = Signal()

    def __init__(self, entry: Entry, parent: QWidget) -> None:
        super().__init__(parent)
        self.entry = entry
        self._press: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        mark(self, chip="invalid" if entry.problem else "person")
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        name = entry.person.name or entry.person.address
        self.label.setText(self.label.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _LONGEST))
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.S, 1, Space.S, 1)
        row.addWidget(self.label)
        words = entry.problem or display(entry.person)
        self.setToolTip(words)
        self.setAccessibleName(words)

    # Qt's overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.setFocus()
        self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        if (event.position().toPoint() - self._press).manhattanLength() >= QApplication.startDragDistance():
            self._press = None
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._press = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.edited.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Edit", self.edited.emit)
        menu.addAction("Copy", self.copy)
        menu.addSeparator()
        menu.addAction("Remove", lambda: self.removed.emit(1))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(event.globalPos())

    def copy(self) -> None:
        QApplication.clipboard().setText(display(self.entry.person))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_F2 if not event.modifiers():
                self.edited.emit()
            case Qt.Key.Key_Delete:
                self.removed.emit(1)
            case Qt.Key.Key_Backspace:
                self.removed.emit(-1)
            case Qt.Key.Key_Left:
                self.walked.emit(-1)
            case Qt.Key.Key_Right:
                self.walked.emit(1)
            case _:
                super().keyPressEvent(event)


class _Typing(QLineEdit):
    """Where the next recipient is typed."""

    committed = Signal()
    went_back = Signal()
    pasted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        mark(self, kind="bare")
        self.setAcceptDrops(False)
        self.setMinimumWidth(_LEAST_TYPING)
        self.textChanged.connect(self._grow)

    def _grow(self, text: str) -> None:
        wanted = self.fontMetrics().horizontalAdvance(text) + Space.L
        self.setMinimumWidth(min(max(wanted, _LEAST_TYPING), _MOST_TYPING))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers()
        at_start = self.cursorPosition() == 0 and not self.selectedText()
        if event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit(QApplication.clipboard().text())
        elif enter or (event.text() in (",", ";") and '"' not in self.text()):
            self.committed.emit()
        elif at_start and key in (Qt.Key.Key_Backspace, Qt.Key.Key_Left):
            self.went_back.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self.committed.emit()


class ChipField(QWidget):
    """To, Cc or Bcc."""

    changed = Signal()

    def __init__(self, name: str, theme: Theme, complete: Complete, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._complete = complete
        self._people: dict[str, Address] = {}
        self._picking = False
        """The arrow keys were used in the list."""
        self.chips: list[Chip] = []
        self.setAcceptDrops(True)
        self.typing = _Typing(self)
        self.typing.setAccessibleName(name)
        self.setFocusProxy(self.typing)
        self._flow = FlowLayout(self, Space.XS, stretch_last=True)
        self._flow.addWidget(self.typing)
        self.typing.committed.connect(self.commit)
        self.typing.went_back.connect(lambda: self._focus(len(self.chips) - 1))
        self.typing.pasted.connect(self._paste)
        self.typing.textEdited.connect(self._typed)
        self._model = QStringListModel(self)
        self.completer = QCompleter(self._model, self)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.setWidget(self.typing)
        self._popup = QListView(self)
        mark(self._popup, kind="popup")
        self.completer.setPopup(self._popup)
        self.completer.activated.connect(self._chosen)
        self._popup.installEventFilter(self)

    def people(self) -> tuple[Address, ...]:
        """All of them, what is still being typed too; what is no address has no name and stands as it was typed."""
        known = {chip.entry.person.address.casefold() for chip in self.chips}
        typed = (entry.person for entry in entries_of(self.typing.text()))
        return (
            *(chip.entry.person for chip in self.chips),
            *(person for person in typed if person.address.casefold() not in known),
        )

    def set_people(self, people: Sequence[Address]) -> None:
        self._clear()
        for person in people:
            self._insert(len(self.chips), entry_of(person))

    def problem(self) -> str:
        """Why the first wrong one cannot be written to; empty when all can."""
        return next((chip.entry.problem for chip in self.chips if chip.entry.problem), "")

    def focus_problem(self) -> None:
        for chip in self.chips:
            if chip.entry.problem:
                chip.setFocus()
                return

    def commit(self) -> None:
        """What is typed becomes chips."""
        text = self.typing.text()
        self._popup.hide()
        if not text.strip():
            return
        self.typing.clear()
        self.add(entries_of(text))

    def add(self, entries: Sequence[Entry]) -> None:
        """Put these at the end; who is there already is not put twice."""
        known = {chip.entry.person.address.casefold() for chip in self.chips}
        for entry in entries:
            if entry.person.address.casefold() not in known:
                known.add(entry.person.address.casefold())
                self._insert(len(self.chips), entry)
        self.changed.emit()

    def _insert(self, place: int, entry: Entry) -> None:
        chip = Chip(entry, self)
        chip.edited.connect(lambda: self.edit(chip))
        chip.removed.connect(lambda step: self.remove(chip, step))
        chip.walked.connect(lambda step: self._focus(self.chips.index(chip) + step))
        chip.dragged.connect(lambda: self._drag(chip))
        self.chips.insert(place, chip)
        self._flow.insert(place, chip)
        chip.show()

    def _clear(self) -> None:
        for chip in self.chips:
            self._flow.removeWidget(chip)
            chip.deleteLater()
        self.chips = []

    def edit(self, chip: Chip) -> None:
        """Back to letters."""
        self.commit()
        person, problem = chip.entry.person, chip.entry.problem
        self.remove(chip)
        self.typing.setText(person.address if problem else display(person))
        self.typing.setFocus()

    def remove(self, chip: Chip, step: int = 1) -> None:
        place = self.chips.index(chip)
        self.chips.remove(chip)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        self._focus(place if step > 0 else place - 1)
        self.changed.emit()

    def _focus(self, place: int) -> None:
        if 0 <= place < len(self.chips):
            self.chips[place].setFocus()
        elif place >= len(self.chips) or not self.chips:
            self.typing.setFocus()

    def _paste(self, text: str) -> None:
        """One word goes on in the field; several people become chips at once."""
        if "@" in text and (any(mark in text.strip() for mark in ",;\n") or ("<" in text and not self.typing.text())):
            self.commit()
            self.add(entries_of(text))
        else:
            self.typing.insert(" ".join(text.split()))
            self._typed(self.typing.text())

    # Completion

    def _typed(self, text: str) -> None:
        self.changed.emit()
        words = text.strip()
        if len(words) < _LEAST_LETTERS:
            self._popup.hide()
            return
        self._complete(words, lambda people: self._offer(words, people))

    def _offer(self, words: str, people: tuple[Address, ...]) -> None:
        if words != self.typing.text().strip() or not self.typing.hasFocus():
            return
        here = {chip.entry.person.address.casefold() for chip in self.chips}
        self._people = {display(person): person for person in people if person.address.casefold() not in here}
        self._model.setStringList(list(self._people))
        if not self._people:
            self._popup.hide()
            return
        self.completer.setCompletionPrefix(words)
        self.completer.complete(self.typing.rect())
        self._picking = False
        self._popup.setCurrentIndex(self._model.index(0, 0))

    def _take(self) -> None:
        """The marked person; but an address typed to its end is meant as it stands."""
        marked = self._people.get(str(self._popup.currentIndex().data() or ""))
        typed = self.typing.text().strip()
        self._popup.hide()
        whole = check_address(typed) is None and not self._picking
        if marked is None or (whole and marked.address.casefold() != typed.casefold()):
            self.commit()
        else:
            self.typing.clear()
            self.add((entry_of(marked),))

    def _chosen(self, what: object) -> None:
        person = self._people.get(str(what.data() if isinstance(what, QModelIndex) else what))
        if person is not None:
            self.typing.clear()
            self.add((entry_of(person),))

    # Dragging

    def _drag(self, chip: Chip) -> None:
        person = chip.entry.person
        data = QMimeData()
        data.setData(ADDRESS_MIME, json.dumps({"name": person.name, "address": person.address}).encode())
        data.setText(display(person))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(chip.grab())
        moved = drag.exec(Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, Qt.DropAction.MoveAction)
        target = drag.target()
        if moved is Qt.DropAction.MoveAction and isinstance(target, ChipField) and target is not self:
            self.remove(chip)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(ADDRESS_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        person = person_in(event.mimeData())
        if person is not None:
            self.add((entry_of(person),))
            event.acceptProposedAction()

    # Qt's overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Tab and comma in the list of people take the one that is marked; Tab goes on to the next field too.

        (QCompleter would give these keys to the field first, which would take what is typed.)
        """
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._popup.isVisible():
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._picking = True
            elif event.key() in _TAKES or event.text() in (",", ";"):
                self._take()
                if event.key() == Qt.Key.Key_Tab:
                    self.focusNextChild()
                return True
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.typing.setFocus()


def person_in(data: QMimeData) -> Address | None:
    """The person a dragged chip stands for."""
    if not data.hasFormat(ADDRESS_MIME):
        return None
    try:
        found = json.loads(bytes(data.data(ADDRESS_MIME).data()))
        return Address(str(found["name"]), str(found["address"]))
    except (ValueError, KeyError, TypeError):
        return None
