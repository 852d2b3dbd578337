"""Typing in the list jumps to the next message whose correspondent or subject begins so.

a letter or digit that is no shortcut, or ' --> [typing] --every printable key--> jump
                                                   | a pause, Esc, Enter, another key, the focus leaves: it ends
"""

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QWidget

from qtmail.engine.mail import Mail
from qtmail.model import RowId
from qtmail.ui.message_list.model import MessageListModel
from qtmail.ui.message_list.view import MessageView
from qtmail.ui.reading import Reading
from qtmail.ui.theme import Space, mark

PAUSE_MS = 1_500
"""After so long without a key, letters are shortcuts again."""
BEGIN = "'"
"""Begins it also where the first letter would be a shortcut."""
_COMMAND = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


class TypeAhead(QObject):
    """Watches one list's keys. A key that is a shortcut never arrives here before typing began, so single-key
    shortcuts keep their letters; from then on all letters are text until it ends."""

    wanted = Signal(str)
    """Jump to what begins so, from the current message on."""

    def __init__(self, view: QWidget, ground: QWidget) -> None:
        """`ground`: where the words typed are shown, at the bottom."""
        super().__init__(view)
        self.text = ""
        self.typing = False
        self._ground = ground
        self._words = QLabel(ground)
        mark(self._words, keycap="true")
        self._words.hide()
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.end)
        view.installEventFilter(self)

    def end(self) -> None:
        """Letters are shortcuts again."""
        self._pause.stop()
        self.text, self.typing = "", False
        self._words.hide()

    def say(self, found: bool) -> None:
        """Whether there is such a message."""
        if self.typing:
            self._show(self.text if found else f"{self.text} – not here")

    def _take(self, text: str) -> None:
        self.typing = True
        self.text = text
        self._pause.start()
        self._show(text or "Type a name or a subject")
        if text.strip():
            self.wanted.emit(text.strip())

    def _show(self, words: str) -> None:
        self._words.setText(words)
        self._words.adjustSize()
        self._words.move(Space.S, self._ground.height() - self._words.height() - Space.S)
        self._words.show()
        self._words.raise_()

    def _pressed(self, event: QKeyEvent) -> bool:
        """-> whether the key was text."""
        letter = _letter(event)
        if not self.typing:
            if letter == BEGIN:
                self._take("")
            elif letter.isalnum():
                self._take(letter)
            return letter == BEGIN or letter.isalnum()
        if letter:
            self._take(self.text + letter)
        elif event.key() == Qt.Key.Key_Backspace and self.text:
            self._take(self.text[:-1])
        elif event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            if event.key() not in _ALONE:
                self.end()
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Before the list sees it."""
        kind = event.type()
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.ShortcutOverride and self.typing:
            if _letter(event) or event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Escape):
                event.accept()
                return True
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            return self._pressed(event)
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.Hide) and self.typing:
            self.end()
        return super().eventFilter(watched, event)


_ALONE = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


def _letter(event: QKeyEvent) -> str:
    """What the key writes; nothing for commands."""
    text = event.text()
    return text if len(text) == 1 and text.isprintable() and not event.modifiers() & _COMMAND else ""


class Jumping(QObject):
    """Joins the typing to the list: looks on the reading thread, selects what was found."""

    def __init__(self, mail: Mail, reading: Reading, view: MessageView, model: MessageListModel) -> None:
        super().__init__(view)
        self._mail = mail
        self._reading = reading
        self._view = view
        self._model = model
        self.typing = TypeAhead(view, view.viewport())
        self.typing.wanted.connect(self._jump)

    def _jump(self, typed: str) -> None:
        listing, line = self._model.listing, self._view.currentIndex().row()
        start = listing.count_in(0, line - 1) if line > 0 else 0
        folders = () if listing.query.text else listing.query.folders
        look = partial(self._mail.jump, listing.ids, start, typed, folders)
        self._reading.ask("jump", look, self._found, stoppable=True)

    def _found(self, row: RowId | None) -> None:
        self.typing.say(row is not None)
        if row is not None:
            self._view.select(row)
