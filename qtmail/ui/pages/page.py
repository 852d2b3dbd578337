"""One message on a page of its own: a row of buttons, and the reader below it."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from qtmail.engine.mail import Mail
from qtmail.model import RowId
from qtmail.settings import Settings
from qtmail.ui.link import Link
from qtmail.ui.reader import ReaderPane
from qtmail.ui.theme import Size, Space, Theme, mark


class MessagePage(QWidget):
    """Goes from message to message in the order of the list it was opened from."""

    moved_on = Signal()
    """It shows another message."""
    emptied = Signal()
    """There is no message left to show."""

    def __init__(
        self, mail: Mail, link: Link, theme: Theme, settings: Settings, buttons: Iterable[QAction | None]
    ) -> None:
        super().__init__()
        mark(self, surface="surface")
        self._mail = mail
        self._order: Sequence[int] = ()
        self._left: set[int] = set()
        """Rows that went from their folder by an act made here."""
        self.row: RowId | None = None
        self.title = ""
        self.reader = ReaderPane(mail, link, theme, settings, self)
        bar = QWidget(self)
        mark(bar, surface="bar")
        line = QHBoxLayout(bar)
        line.setContentsMargins(Space.M, Space.XS, Space.M, Space.XS)
        line.setSpacing(Space.XS)
        made = list(buttons)
        bar.setVisible(bool(made))
        for action in made:
            if action is None:
                line.addStretch(1)
                continue
            button = QToolButton(bar)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setIconSize(QSize(Size.ICON_BAR, Size.ICON_BAR))
            button.setAccessibleName(action.text().replace("&", ""))
            line.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.reader, 1)
        self.setFocusProxy(self.reader)

    def show_row(self, row: RowId, order: Sequence[int] = ()) -> None:
        """order: the rows around it, for next and previous; kept where none are given."""
        self.row = row
        if len(order):
            self._order = order
        found = self._mail.rows([row]).get(row)
        self.title = found.subject if found and found.subject else "(no subject)"
        self.reader.show_row(row)
        self.moved_on.emit()

    def step(self, steps: int) -> bool:
        """To the next (1) or previous (-1) message. -> False at the end."""
        row = self._beside(steps)
        if row is not None:
            self.show_row(row)
        return row is not None

    def leave_row(self) -> None:
        """Its message goes from its folder: the next one follows, or the one before."""
        if self.row is not None:
            self._left.add(self.row)
        following = self._beside(1) or self._beside(-1)
        if following is None:
            self.emptied.emit()
        else:
            self.show_row(following)

    def _beside(self, steps: int) -> RowId | None:
        """The nearest that is still there."""
        if self.row not in self._order:
            return None
        at = self._order.index(self.row) + steps
        while 0 <= at < len(self._order):
            row = RowId(self._order[at])
            if row not in self._left and row in self._mail.rows([row]):
                return row
            at += steps
        return None
