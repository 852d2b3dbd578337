"""Which folders of an account are subscribed, and whether the others are shown: ticks, a filter, one undo for all."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.model import ROLE_ORDER, Folder, FolderId, Role
from qtmail.ui.parts.page import open_at
from qtmail.ui.places import folder_title
from qtmail.ui.theme import Size, Space, Theme, mark

PREFERRED = QSize(460, 560)
_ROWS = f"QTreeView::item {{ padding: {Space.XS}px 0; }}"


class SubscriptionsDialog(QDialog):
    """One account's folders as a tree. Those with a role are shown in any case; the inbox cannot be let go of."""

    chosen = Signal(object, bool)
    """({FolderId: subscribed} of what was changed, only the subscribed ones are to be shown)."""

    def __init__(
        self, name: str, folders: Sequence[Folder], only: bool, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Folders of {name}")
        mark(self, surface="window")
        self._theme = theme
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Find a folder")
        self.filter.setAccessibleName("Find a folder")
        self.filter.setClearButtonEnabled(True)
        self.tree = _Tree(self)
        self.lines: list[tuple[QTreeWidgetItem, Folder]] = []
        """Parents before what is in them."""
        self._fill(folders)
        self.only = QCheckBox("Show only the subscribed folders in the &sidebar", self)
        self.only.setChecked(only)
        self.only.setToolTip("The others are still kept, checked and searched")
        self.words = QLabel(self)
        mark(self.words, tone="small")
        self.words.setWordWrap(True)
        self.filter.textChanged.connect(self._narrow)
        self.tree.itemChanged.connect(self._count)
        self._lay_out()
        self._count()
        open_at(self, PREFERRED)

    def wishes(self) -> dict[FolderId, bool]:
        """What is ticked now and was not, or the other way round."""
        return {
            folder.id: self._ticked(item)
            for item, folder in self._boxes()
            if self._ticked(item) is not folder.subscribed
        }

    def accept(self) -> None:
        self.chosen.emit(self.wishes(), self.only.isChecked())
        super().accept()

    def _lay_out(self) -> None:
        every, none = QPushButton("Tick &all", self), QPushButton("Tick &none", self)
        for button, on in ((every, True), (none, False)):
            button.setAutoDefault(False)
            button.setToolTip("Of the folders that are listed now")
            button.clicked.connect(lambda _checked=False, on=on: self._tick_listed(on))
        ticking = QHBoxLayout()
        ticking.setSpacing(Space.S)
        ticking.addWidget(every)
        ticking.addWidget(none)
        ticking.addWidget(self.words, 1)
        kind = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kind.Ok | kind.Cancel, self)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        outer.setSpacing(Space.M)
        outer.addWidget(self.filter)
        outer.addWidget(self.tree, 1)
        outer.addLayout(ticking)
        outer.addWidget(self.only)
        outer.addWidget(buttons)

    def _fill(self, folders: Sequence[Folder]) -> None:
        """Those with a role first, as in the sidebar; the rest below their parents."""
        items: dict[str, QTreeWidgetItem] = {}
        for folder in sorted(folders, key=_order):
            above = folder.path.rpartition("/")[0]
            while above and above not in items:
                above = above.rpartition("/")[0]
            title = folder_title(folder) if folder.role else folder.path[len(above) + 1 if above else 0 :]
            item = QTreeWidgetItem(items[above] if above and not folder.role else self.tree, [title])
            item.setToolTip(0, folder.path)
            if folder.selectable:
                item.setCheckState(0, Qt.CheckState.Checked if folder.subscribed else Qt.CheckState.Unchecked)
            if folder.role is Role.INBOX:
                item.setCheckState(0, Qt.CheckState.Checked)
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsUserCheckable)
            items[folder.path] = item
            self.lines.append((item, folder))
        self.tree.expandAll()
        if self.lines:
            self.tree.setCurrentItem(self.lines[0][0])

    def _boxes(self) -> list[tuple[QTreeWidgetItem, Folder]]:
        """The lines that can be ticked."""
        return [(item, folder) for item, folder in self.lines if folder.selectable and folder.role is not Role.INBOX]

    def _ticked(self, item: QTreeWidgetItem) -> bool:
        return item.checkState(0) is Qt.CheckState.Checked

    def _tick_listed(self, on: bool) -> None:
        for item, folder in self._boxes():
            if self._fits(folder):
                item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _fits(self, folder: Folder) -> bool:
        return self.filter.text().strip().casefold() in folder.path.casefold()

    def _narrow(self) -> None:
        """Only what fits, with what it is in."""
        shown: set[str] = set()
        for item, folder in reversed(self.lines):
            fits = self._fits(folder)
            item.setHidden(not fits and folder.path not in shown)
            if not item.isHidden():
                shown.update(_levels_above(folder.path))
            if fits:
                self.tree.setCurrentItem(item)
        self._count()

    def _count(self) -> None:
        boxes = self._boxes()
        if not any(self._fits(folder) for _item, folder in boxes):
            self.words.setText("No folder is called that.")
            return
        self.words.setText(f"{sum(self._ticked(item) for item, _ in boxes):,} of {len(boxes):,} subscribed.")


def _levels_above(path: str) -> list[str]:
    names = path.split("/")
    return ["/".join(names[:depth]) for depth in range(1, len(names))]


def _order(folder: Folder) -> tuple[int, bool, list[str]]:
    return ROLE_ORDER.index(folder.role), folder.shared, folder.path.casefold().split("/")


class _Tree(QTreeWidget):
    """One column; Enter is for the dialog's button, as everywhere."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(Size.INDENT)
        self.setUniformRowHeights(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Folders")
        self.setStyleSheet(_ROWS)
        mark(self, surface="surface")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)
