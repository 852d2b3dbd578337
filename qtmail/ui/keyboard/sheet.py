"""Ctrl+/: every key on one page, made from the table of actions."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from qtmail.ui.actions import ACTIONS, MENUS, Actions, plain
from qtmail.ui.parts.page import Page, open_at
from qtmail.ui.theme import Space, Theme, mark

MORE: tuple[tuple[str, str], ...] = (
    ("Ctrl+1 … Ctrl+9", "Open the first nine folders"),
    ("Up, Down", "Another message"),
    ("Enter", "Go to the message"),
    ("Esc", "End the search"),
    ("Ctrl+Enter", "Send (while writing)"),
)


def lines(actions: Actions) -> list[tuple[str, list[tuple[str, str]]]]:
    """-> (menu, [(keys, what they do)]), without menus that have no keys."""
    made: list[tuple[str, list[tuple[str, str]]]] = []
    for menu in MENUS:
        found = []
        for spec in ACTIONS:
            keys = actions[spec.id].shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            if spec.menu == menu and keys:
                found.append((keys, plain(spec.text)))
        if found:
            made.append((plain(menu), found))
    made.append(("Everywhere", list(MORE)))
    return made


class ShortcutsSheet(QDialog):
    """Two columns of groups."""

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard shortcuts")
        inside = QWidget(self)
        columns = QHBoxLayout(inside)
        columns.setSpacing(Space.XXL)
        columns.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        groups = lines(actions)
        self._caps = {key: self._cap(key) for _, keys in groups for key, _ in keys}
        self._keys_width = max(cap.sizeHint().width() for cap in self._caps.values())
        for half in (groups[: (len(groups) + 1) // 2], groups[(len(groups) + 1) // 2 :]):
            column = QVBoxLayout()
            column.setSpacing(Space.XS)
            for title, keys in half:
                column.addWidget(self._group(title, keys))
            column.addStretch(1)
            columns.addLayout(column, 1)
        mark(inside, surface="window")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        page = Page(inside, self)
        page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        outer.addWidget(page)
        open_at(self, QSize(760, 620))

    def _group(self, title: str, keys: list[tuple[str, str]]) -> QWidget:
        group = QWidget(self)
        grid = QGridLayout(group)
        grid.setContentsMargins(0, 0, 0, Space.L)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, self._keys_width)
        heading = QLabel(title, group)
        mark(heading, tone="section")
        grid.addWidget(heading, 0, 0, 1, 2)
        for row, (key, what) in enumerate(keys, start=1):
            grid.addWidget(self._caps[key], row, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(QLabel(what, group), row, 1)
        return group

    def _cap(self, key: str) -> QLabel:
        cap = QLabel(key, self)
        mark(cap, keycap="true")
        cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
        return cap
