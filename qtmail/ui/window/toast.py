"""The toast: what was just done, with Undo, for six seconds, at the bottom of the window."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from qtmail.ui.parts.banner import fade_in
from qtmail.ui.theme import Size, Space, Theme, mark


class Toast(QFrame):
    """One at a time: a new one takes the place of the old. It waits while the mouse is on it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._over = parent
        self._do: Callable[[], object] | None = None
        mark(self, toast="true")
        self.label = QLabel(self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QPushButton("Undo", self)
        self.button.setAutoDefault(True)
        mark(self.button, kind="toast")
        self.button.clicked.connect(self._pressed)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.S, Space.S, Space.S)
        row.setSpacing(Space.M)
        row.addWidget(self.label)
        row.addWidget(self.button)
        self._gone = QTimer(self, interval=Size.TOAST_MS, singleShot=True)
        self._gone.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def say(self, text: str, button: str = "", do: Callable[[], object] | None = None) -> None:
        """Show this; with `button` it can be pressed for as long as it is there."""
        self._do = do
        self.label.setText(text)
        self.setAccessibleName(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        fade_in(self, self._theme)
        self._gone.start()

    def _pressed(self) -> None:
        do, self._do = self._do, None
        self.hide()
        if do is not None:
            do()

    def _place(self) -> None:
        parent = self._over
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - Space.XL)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Enter:
            self._gone.stop()
        elif event.type() == QEvent.Type.Leave and self.isVisible():
            self._gone.start()
        return super().event(event)
