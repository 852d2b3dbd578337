"""The page of shortcuts: every action with its keys, a scheme to start from, each key editable, conflicts told."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtmail.ui.actions import ACTIONS, MENUS, Act, plain
from qtmail.ui.keyboard.keys import SCHEMES, Keys, fixed_use, normal
from qtmail.ui.theme import Size, Space, mark

_ACT = Qt.ItemDataRole.UserRole
_NAMES = {spec.id: plain(spec.text) for spec in ACTIONS}


class KeyField(QKeySequenceEdit):
    """Takes any keys but Tab, which goes on to the next field as everywhere, and Esc, which ends the dialog."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumSequenceLength(1)
        self.setClearButtonEnabled(True)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape):
            if event.type() == QEvent.Type.KeyPress and event.key() != Qt.Key.Key_Escape:
                return self.focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
            event.ignore()
            return False
        return super().event(event)


class ShortcutsPage(QWidget):
    """`changed` carries the new Keys after each change; a key that another action has is given only when told to."""

    changed = Signal(object)

    def __init__(self, keys: Keys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keys = keys
        self._items: dict[Act, QTreeWidgetItem] = {}
        self._headings: dict[str, QTreeWidgetItem] = {}
        self._make_widgets()
        self._fill()
        self._lay_out()
        self.tree.setCurrentItem(self._items[Act.COMPOSE])

    def _make_widgets(self) -> None:
        self.scheme = QComboBox(self)
        self.scheme.setAccessibleName("Keys as in")
        for scheme in SCHEMES:
            self.scheme.addItem(scheme.title, scheme.key)
        self.scheme.setCurrentIndex(max(0, self.scheme.findData(self.keys.scheme)))
        self.scheme.setFixedWidth(Size.SIDEBAR)
        self.scheme.currentIndexChanged.connect(lambda _i: self._use(Keys(self.scheme.currentData(), self.keys.own)))
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Find an action or a key")
        self.filter.setAccessibleName("Find an action or a key")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter)
        self.tree = QTreeWidget(self)
        self.tree.setAccessibleName("Actions and their keys")
        self.tree.setColumnCount(2)
        self.tree.setHeaderLabels(["Action", "Keys"])
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(0)
        self.tree.setUniformRowHeights(True)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.currentItemChanged.connect(lambda _now, _before: self._chosen())
        self.tree.itemActivated.connect(self._edit)
        self.what = QLabel(self)
        self.edit = KeyField(self)
        self.edit.editingFinished.connect(self._typed)
        self.again = QPushButton("As in the scheme", self)
        self.again.setAutoDefault(False)
        self.again.clicked.connect(lambda _checked=False: self._reset())
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(self.words.fontMetrics().lineSpacing() * 2)
        mark(self.words, tone="small")
        self.take = QPushButton("Use it here", self)
        self.take.setAutoDefault(False)
        self.take.clicked.connect(lambda _checked=False: self._take())
        self.all = QPushButton("Forget my own keys", self)
        self.all.setAutoDefault(False)
        self.all.clicked.connect(lambda _checked=False: self._use(Keys(self.keys.scheme)))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        label = QLabel("Keys as in", self)
        label.setBuddy(self.scheme)
        top.addWidget(label)
        top.addWidget(self.scheme)
        top.addStretch(1)
        top.addWidget(self.all)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(self.what, 1)
        line.addWidget(self.edit)
        line.addWidget(self.again)
        under = QHBoxLayout()
        under.setSpacing(Space.S)
        under.addWidget(self.words, 1)
        under.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.M)
        column.addLayout(top)
        column.addWidget(self.filter)
        column.addWidget(self.tree, 1)
        column.addLayout(line)
        column.addLayout(under)

    def _edit(self) -> None:
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        for menu in MENUS:
            heading = QTreeWidgetItem(self.tree, [plain(menu)])
            self._headings[menu] = heading
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            heading.setFirstColumnSpanned(True)
            heading.setSizeHint(0, QSize(0, Size.SIDEBAR_ROW))  # and so for every line
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            for spec in ACTIONS:
                if spec.menu == menu:
                    item = QTreeWidgetItem(heading, [_NAMES[spec.id], ""])
                    item.setData(0, _ACT, spec.id)
                    self._items[spec.id] = item
        self.tree.expandAll()
        self._show()

    def _show(self) -> None:
        for act, item in self._items.items():
            keys = QKeySequence(self.keys.of(act)).toString(QKeySequence.SequenceFormat.NativeText)
            item.setText(1, keys)
            item.setToolTip(1, "Your own" if act.value in self.keys.own else "")
            font = item.font(1)
            font.setBold(act.value in self.keys.own)
            item.setFont(1, font)
        self.all.setEnabled(bool(self.keys.own))

    def current(self) -> Act | None:
        """The action whose keys are edited."""
        item = self.tree.currentItem()
        return Act(item.data(0, _ACT)) if item is not None and item.data(0, _ACT) else None

    def choose(self, act: Act) -> None:
        """Edit the keys of this one."""
        self.tree.setCurrentItem(self._items[act])

    def _chosen(self) -> None:
        act = self.current()
        for widget in (self.edit, self.again):
            widget.setEnabled(act is not None)
        self.take.hide()
        if act is None:
            return
        self.what.setText(f"Keys for “{_NAMES[act]}”")
        self.edit.setAccessibleName(f"Keys for {_NAMES[act]}")
        self.edit.setKeySequence(QKeySequence(self.keys.of(act)))
        self.again.setEnabled(act.value in self.keys.own)
        self.words.setText("Click into the field, then press the keys.")

    def _typed(self) -> None:
        act = self.current()
        if act is None:
            return
        keys = normal(self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText))
        self.take.hide()
        if keys == normal(self.keys.of(act)):
            return
        if use := fixed_use(keys):
            self.words.setText(f"{keys} {use}, always. Choose other keys.")
            return
        holder = self.keys.holder(keys, act)
        if holder is not None:
            self.words.setText(f"“{_NAMES[holder]}” has {keys} already.")
            self.take.show()
            return
        self._use(self.keys.put(act, keys))

    def _take(self) -> None:
        act = self.current()
        if act is not None:
            self._use(self.keys.put(act, self.edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)))

    def _reset(self) -> None:
        act = self.current()
        if act is not None:
            self._use(self.keys.reset(act))

    def _use(self, keys: Keys) -> None:
        self.keys = keys
        self._show()
        self._chosen()
        self.changed.emit(keys)

    def _filter(self, typed: str) -> None:
        wanted = typed.casefold().split()
        shown: set[str] = set()
        for spec in ACTIONS:
            item = self._items[spec.id]
            words = f"{item.text(0)} {item.text(1)}".casefold()
            item.setHidden(not all(word in words for word in wanted))
            if not item.isHidden():
                shown.add(spec.menu)
        for menu, heading in self._headings.items():
            heading.setHidden(menu not in shown)
