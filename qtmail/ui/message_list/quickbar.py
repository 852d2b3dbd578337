"""The strip above a list that leaves out what is not wanted: a few switches, words, and how many messages are left."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from qtmail.ui.message_list.quick import FIELDS, TERMS, Filter
from qtmail.ui.parts.flow import FlowLayout
from qtmail.ui.theme import Size, Space, Theme, mark

DEBOUNCE_MS = 150
LONGEST = 24
"""Letters of tags that the switch names; of more it says how many there are."""
_NEXT: dict[bool | None, bool | None] = {None: True, True: False, False: None}
"""What a click makes of a switch: wanted, the opposite, it does not matter."""


class QuickBar(QWidget):
    """Hidden until `open`. Knows no list: it tells what is wanted."""

    changed = Signal()
    """`filter` is another one now."""
    closed = Signal()
    left = Signal()
    """The keyboard goes back to the list."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="bar")
        self._theme = theme
        self.filter = Filter()
        self.tags_here: Callable[[Callable[[Sequence[str]], None]], None] = lambda then: then(())
        """Asks for the tags that are in the list; calls back with them."""
        self._switches: dict[str, QToolButton] = {}
        self._fields: dict[str, QToolButton] = {}
        self._wait = QTimer(self, interval=DEBOUNCE_MS, singleShot=True)
        self._wait.timeout.connect(self._typed)
        self._make()
        self.hide()
        self._draw()

    def _make(self) -> None:
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Filter these messages")
        self.field.setAccessibleName("Filter these messages")
        self.field.setToolTip("Words of sender, recipients, subject or text. A minus before a word leaves it out.")
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(Size.SIDEBAR // 2)
        self.field.setMaximumWidth(Size.SEARCH)
        self.field.textChanged.connect(lambda: self._wait.start())
        self.field.returnPressed.connect(self._go)
        self.found = QLabel(self)
        mark(self.found, tone="muted")
        self.close_button = self._button("x", "Close the quick filter (Esc)")
        self.close_button.clicked.connect(self.shut)
        top = QHBoxLayout()
        top.setSpacing(Space.S)
        top.addWidget(self.field, 1)
        top.addWidget(self.found)
        top.addStretch()
        top.addWidget(self.close_button)
        chips = QWidget(self)
        flow = FlowLayout(chips, Space.XS)
        for term in TERMS:
            self._switches[term.key] = self._chip(term.icon, term.title)
            self._switches[term.key].clicked.connect(lambda _checked=False, key=term.key: self._turn(key))
            flow.addWidget(self._switches[term.key])
        self.tag_button = self._chip("tag", "Tags")
        self.tag_button.clicked.connect(self._ask_tags)
        flow.addWidget(self.tag_button)
        self._where = QWidget(self)
        where = FlowLayout(self._where, Space.XS)
        for name, title in FIELDS.items():
            self._fields[name] = self._chip("", title)
            self._fields[name].setToolTip(f"Look for these words in: {title.lower()}")
            self._fields[name].clicked.connect(lambda on, name=name: self._put(self.filter.with_field(name, on)))
            where.addWidget(self._fields[name])
        own_height = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        own_height.setHeightForWidth(True)
        self.setSizePolicy(own_height)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        column.setSpacing(Space.XS)
        column.addLayout(top)
        column.addWidget(self._where)
        column.addWidget(chips)
        for child in (self.field, self.close_button, self.tag_button, *self._switches.values(), *self._fields.values()):
            child.installEventFilter(self)
        self.setTabOrder(self.close_button, self._fields["from"])

    def open(self) -> None:
        """Show it, ready to type."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def shut(self) -> None:
        """Hide it: everything is shown again."""
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self.hide()
        self.use(Filter())
        self.changed.emit()
        self.closed.emit()
        if had_focus:
            self.left.emit()

    def use(self, wanted: Filter) -> None:
        """Show this one; nothing is told."""
        self.filter = wanted
        self.field.setText(wanted.text)
        self._wait.stop()  # it was not typed
        self._draw()

    def clear(self) -> None:
        """Leave nothing out; stay open."""
        self._put(Filter(fields=self.filter.fields))
        self.use(self.filter)

    def say(self, words: str) -> None:
        """How much is left."""
        self.found.setText(words)

    def _turn(self, key: str) -> None:
        self._put(self.filter.with_term(key, _NEXT[self.filter.terms.get(key)]))

    def _put(self, wanted: Filter) -> None:
        before, self.filter = self.filter, wanted
        self._draw()
        if wanted.said != before.said:
            self.changed.emit()

    def _typed(self) -> None:
        self._wait.stop()
        before = self.filter
        self._put(Filter(before.terms, before.tags, self.field.text().strip(), before.fields))

    def _go(self) -> None:
        self._typed()
        self.left.emit()

    def _draw(self) -> None:
        for term in TERMS:
            state = self.filter.terms.get(term.key)
            chip = self._switches[term.key]
            chip.setChecked(state is not None)
            chip.setText(term.opposite if state is False else term.title)
            mark(chip, wanted="not" if state is False else "")
            now = {None: "off", True: f"only {term.title.lower()}", False: f"only {term.opposite.lower()}"}[state]
            chip.setAccessibleName(f"{term.title}: {now}")
            after = {None: f"Show only: {term.title.lower()}", True: f"Show only: {term.opposite.lower()}",
                     False: "Show both again"}[state]  # fmt: skip
            chip.setToolTip(after)
        tags = self.filter.tags
        words = ", ".join(tag if on else f"not {tag}" for tag, on in tags.items())
        self.tag_button.setText((words if len(words) < LONGEST else f"{len(tags)} tags") or "Tags")
        self.tag_button.setChecked(bool(tags))
        self.tag_button.setAccessibleName(f"Tags: {words or 'off'}")
        for name, chip in self._fields.items():
            chip.setChecked(name in self.filter.fields)
        self._where.setVisible(bool(self.filter.text))

    # Tags

    def _ask_tags(self) -> None:
        self._draw()  # a click checked the button
        self.tags_here(self._choose_tags)

    def _choose_tags(self, tags: Sequence[str]) -> None:
        menu = self.tag_menu(tags)
        menu.popup(self.tag_button.mapToGlobal(self.tag_button.rect().bottomLeft()))

    def tag_menu(self, tags: Sequence[str]) -> QMenu:
        """The tags there are; choosing one goes from "with it" to "without it" to neither."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for tag in dict.fromkeys((*tags, *self.filter.tags)):
            state = self.filter.tags.get(tag)
            action = menu.addAction(f"Not {tag}" if state is False else tag)
            action.setCheckable(True)
            action.setChecked(state is not None)
            action.triggered.connect(
                lambda _checked=False, tag=tag: self._put(self.filter.with_tag(tag, _NEXT[self.filter.tags.get(tag)]))
            )
        if menu.isEmpty():
            menu.addAction("No message here has a tag").setEnabled(False)
        return menu

    def _button(self, icon: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        self._theme.dress(button, icon, size=Size.ICON)
        return button

    def _chip(self, icon: str, title: str) -> QToolButton:
        chip = QToolButton(self)
        chip.setText(title)
        chip.setCheckable(True)
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        mark(chip, kind="chip")
        if icon:
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._theme.dress(chip, icon, size=Size.ICON)
        return chip

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc clears, then closes; Down goes to the list. While the bar has the focus these keys are nobody else's."""
        if not isinstance(event, QKeyEvent) or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return super().eventFilter(watched, event)
        key = event.key()
        if key not in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            return super().eventFilter(watched, event)
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            if key == Qt.Key.Key_Down:
                self._go()
            elif self.filter.empty and not self.field.text():
                self.shut()
            else:
                self.clear()
        return True
