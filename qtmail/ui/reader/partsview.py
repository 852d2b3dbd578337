"""The MIME tree of a message: every part with its type, size and encoding, to be looked at, opened, saved, copied."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.engine.mail import Mail
from qtmail.mime.tree import Node, nodes
from qtmail.model import Part, Row
from qtmail.ui.parts.attachments import icon_name, size_words
from qtmail.ui.parts.page import open_at
from qtmail.ui.reader.source import source_of
from qtmail.ui.reader.strip import AttachmentStrip, part_name
from qtmail.ui.theme import Space, Theme, mark

_SIZE = QSize(720, 480)
_HEADINGS = ("Part", "Type", "Size", "Encoding")
_NODE = Qt.ItemDataRole.UserRole


def nodes_of(mail: Mail, row: Row) -> tuple[Node, ...]:
    """Its MIME tree. Raises BadInput while the message is not here."""
    return nodes(source_of(mail, row.id))


class PartsWindow(QWidget):
    """Stays with its message, whatever the reader shows meanwhile."""

    def __init__(self, theme: Theme, row: Row, found: Sequence[Node], strip: AttachmentStrip) -> None:
        super().__init__(None)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Parts: {row.subject or '(no subject)'}")
        mark(self, surface="window")
        open_at(self, _SIZE)
        self._theme, self._row, self._strip = theme, row, strip
        self.tree = QTreeWidget(self)
        self.tree.setColumnCount(len(_HEADINGS))
        self.tree.setHeaderLabels(list(_HEADINGS))
        self.tree.setAccessibleName("Parts of the message")
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._fill(found)
        self.tree.itemActivated.connect(lambda _item, _column: self.look())
        self.tree.currentItemChanged.connect(lambda _now, _before: self._turn())
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._menu)
        leaves = sum(1 for node in found if node.part is not None)
        note = QLabel(f"{leaves} {'part' if leaves == 1 else 'parts'}", self)
        mark(note, tone="muted")
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.L, Space.S, Space.L, Space.M)
        foot.setSpacing(Space.S)
        foot.addWidget(note, 1)
        self.buttons: dict[str, QPushButton] = {}
        for words, act in (("Look", self.look), ("Open", self.open), ("Copy", self.copy), ("Save …", self.save)):
            button = QPushButton(words, self)
            button.clicked.connect(act)
            foot.addWidget(button)
            self.buttons[words] = button
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tree, 1)
        column.addLayout(foot)
        if (first := self.tree.topLevelItem(0)) is not None:
            self.tree.setCurrentItem(first)
        self._turn()

    @property
    def part(self) -> Part | None:
        """The chosen one; None on what only holds others."""
        item = self.tree.currentItem()
        node = item.data(0, _NODE) if item else None
        return node.part if isinstance(node, Node) else None

    def look(self) -> None:
        """Show it here, where that can be done."""
        if self.part is not None:
            self._strip.look(self.part, self._row.id)

    def open(self) -> None:
        """With the system's program for it."""
        if self.part is not None:
            self._strip.open(self.part, self._row.id)

    def copy(self) -> None:
        """As a file on the clipboard."""
        if self.part is not None:
            self._strip.copy_file(self.part, self._row.id)

    def save(self) -> None:
        """Ask where."""
        if self.part is not None:
            self._strip.save(self.part, self._row.id)

    def save_here(self) -> None:
        """In the folder used last."""
        if self.part is not None:
            self._strip.save_here(self.part, self._row.id)

    def _fill(self, found: Sequence[Node]) -> None:
        above: list[QTreeWidgetItem] = []
        for node in found:
            part = node.part
            words = (
                (part_name(part) if part.name else _called(node)) if part else _called(node),
                node.type + (f"; {part.charset}" if part and part.charset else ""),
                size_words(part.size) if part else "",
                node.encoding or ("7bit" if part else ""),
            )
            item = QTreeWidgetItem(list(words))
            item.setData(0, _NODE, node)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setIcon(0, self._theme.icon(icon_name(node.type, part.name) if part else "stack-2"))
            del above[node.depth :]
            if above:
                above[-1].addChild(item)
            else:
                self.tree.addTopLevelItem(item)
            above.append(item)
        self.tree.expandAll()
        for column, width in enumerate((300, 210, 80)):
            self.tree.setColumnWidth(column, width)

    def _turn(self) -> None:
        for button in self.buttons.values():
            button.setEnabled(self.part is not None)

    def _menu(self, where: QPoint) -> None:
        if self.part is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Look", self.look)
        menu.addAction("Open with another program", self.open)
        menu.addAction("Copy", self.copy)
        menu.addSeparator()
        menu.addAction("Save …", self.save)
        if folder := self._strip.folder:
            menu.addAction(f"Save to {Path(folder).name or folder}", self.save_here)
        menu.popup(self.tree.viewport().mapToGlobal(where))


_CALLED = {
    "multipart/mixed": "Several parts",
    "multipart/alternative": "The same in several forms",
    "multipart/related": "With what it shows inside",
    "multipart/signed": "Signed",
    "multipart/encrypted": "Encrypted",
    "multipart/report": "Report",
    "multipart/digest": "Digest",
    "text/plain": "Text",
    "text/html": "HTML",
    "message/rfc822": "Message",
}


def _called(node: Node) -> str:
    return _CALLED.get(node.type, "Parts" if node.part is None else part_name(node.part))
