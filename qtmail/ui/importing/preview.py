"""What an import would take in, and where it would go."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.engine.mailfiles import KIND_NAMES, Kind
from qtmail.model import LOCAL, Account, AccountKey, Folder, FolderId, Right, Role
from qtmail.ui.theme import Space, mark


class Preview(QWidget):
    """The kind, the folders with their numbers, and the folder to choose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel(self)
        mark(self.title, tone="title")
        self.title.setWordWrap(True)
        self.summary = QLabel(self)
        mark(self.summary, tone="muted")
        self.summary.setWordWrap(True)
        self.tree = QTreeWidget(self)
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["Folder", "Messages"])
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setAccessibleName("Folders to import")
        self.into = QComboBox(self)
        self.into.setAccessibleName("Import into")
        self.into.setMaxVisibleItems(24)
        form = QFormLayout()
        form.addRow("Import &into", self.into)
        self.note = QLabel("What is in the chosen folder already is passed over. Undo takes the import back.", self)
        mark(self.note, tone="small")
        self.note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addWidget(self.title)
        column.addWidget(self.summary)
        column.addWidget(self.tree, 1)
        column.addLayout(form)
        column.addWidget(self.note)

    def offer_folders(self, folders: Sequence[Folder], accounts: Sequence[Account], chosen: FolderId | None) -> None:
        """Those that mail can be put into; local ones last."""
        names: Mapping[AccountKey, str] = {one.key: one.name for one in accounts} | {LOCAL: "On this computer"}
        self.into.clear()
        for folder in folders:
            if folder.selectable and folder.role is not Role.OUTBOX and folder.may(Right.ADD):
                self.into.addItem(f"{names.get(folder.account, '')} / {folder.path}", folder.id)
        self.into.setCurrentIndex(max(0, self.into.findData(chosen)))

    def chosen(self) -> FolderId | None:
        """None where there is no folder at all: a local one is made then."""
        found = self.into.currentData()
        return None if found is None else FolderId(found)

    def show_source(self, name: str, found: Mapping[str, Any]) -> None:
        """What `import --look` said of it."""
        kind = KIND_NAMES[Kind(found["kind"])]
        folders = found["folders"]
        exact = all(one["exact"] for one in folders)
        total = sum(one["messages"] for one in folders)
        inside = f" in {len(folders):,} folders" if len(folders) > 1 else ""
        self.title.setText(name)
        self.summary.setText(f"{kind}: {'' if exact else 'about '}{_messages(total)}{inside}")
        self.tree.clear()
        self.tree.setVisible(len(folders) > 1)
        made: dict[str, QTreeWidgetItem] = {}
        for one in folders:
            item = self._item(one["path"], made)
            item.setText(1, f"{'' if one['exact'] else '~'}{one['messages']:,}")
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.tree.expandAll()

    def _item(self, path: str, made: dict[str, QTreeWidgetItem]) -> QTreeWidgetItem:
        if path in made:
            return made[path]
        above, _, name = path.rpartition("/")
        item = QTreeWidgetItem([name or "(the folder itself)", ""])
        if above:
            self._item(above, made).addChild(item)
        else:
            self.tree.addTopLevelItem(item)
        made[path] = item
        return item


def _messages(count: int) -> str:
    return "1 message" if count == 1 else f"{count:,} messages"
