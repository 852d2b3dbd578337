"""The preferences window: one page an area, made from the declarations in settings.py; every change is live."""

from collections.abc import Callable
from dataclasses import Field, replace
from enum import Enum
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtmail import settings
from qtmail.paths import Profile
from qtmail.settings import About, Settings
from qtmail.ui.accounts import AccountsPage
from qtmail.ui.backing_up.page import BackupPage
from qtmail.ui.keyboard.keys import Keys
from qtmail.ui.link import Link
from qtmail.ui.parts.numbers import NumberField
from qtmail.ui.parts.page import Page, open_at
from qtmail.ui.preferences.place import PlaceField
from qtmail.ui.preferences.shortcuts import ShortcutsPage
from qtmail.ui.preferences.words import WordList
from qtmail.ui.theme import Size, Space, Theme, mark

PREFERRED = QSize(760, 560)
ICONS = {
    "Accounts": "mailbox",
    "Appearance": "palette",
    "Reading": "mail-opened",
    "Writing": "pencil",
    "Receiving": "inbox",
    "Backup": "shield-check",
    "Shortcuts": "keyboard",
}
CHOICES: dict[str, str] = {
    "system": "As the system",
    "light": "Light",
    "dark": "Dark",
    "compact": "Compact",
    "normal": "Normal",
    "relaxed": "Relaxed",
    "reader": "The pane beside the list",
    "tab": "A tab",
    "window": "A window of its own",
    "right": "Right of the list",
    "below": "Below the list",
    "ask": "Ask each time",
    "never": "Never",
    "designed": "As designed",
    "simple": "Simplified",
    "text": "As plain text",
}
"""The words for each value of the enums in settings.py."""


class Preferences(QDialog):
    """Stays open while the program is used. `changed` carries the new Settings after each change, already saved."""

    changed = Signal(object)
    accounts_changed = Signal()

    def __init__(
        self,
        profile: Profile,
        link: Link,
        theme: Theme,
        chosen: Settings,
        parent: QWidget | None = None,
        *,
        keys: Keys | None = None,
        backup: Callable[[Settings, QWidget], BackupPage] | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._profile, self._theme, self._chosen = profile, theme, chosen
        self.accounts = AccountsPage(profile, link, theme, self)
        self.accounts.changed.connect(self.accounts_changed)
        self.editors: dict[str, QWidget] = {}
        self.names = QListWidget(self)
        self.names.setAccessibleName("Pages")
        self.names.setFixedWidth(Size.SIDEBAR - Space.XXL)
        self.names.setIconSize(QSize(Size.ICON_BAR, Size.ICON_BAR))
        self.pages = QStackedWidget(self)
        self._add_page("Accounts", self.accounts)
        for page in dict.fromkeys(about.page for _, about in settings.declared() if about.page):
            self._add_page(page, Page(self._make_page(page), self))
        if backup is not None:
            self.backup = backup(chosen, self)
            self.backup.changed.connect(self._keep)
            self._add_page("Backup", self.backup)
        self.shortcuts = ShortcutsPage(keys or Keys(), self)
        self._add_page("Shortcuts", self.shortcuts)
        self.names.currentRowChanged.connect(self.pages.setCurrentIndex)
        self.names.setCurrentRow(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        side = QWidget(self)
        mark(side, surface="sidebar")
        margin = QVBoxLayout(side)
        margin.setContentsMargins(Space.S, Space.M, Space.S, Space.M)
        margin.addWidget(self.names)
        mark(self.names, surface="sidebar")
        row.addWidget(side)
        row.addWidget(self.pages, 1)
        open_at(self, PREFERRED)

    def show_page(self, name: str) -> None:
        """Turn to "Accounts", "Appearance", ..."""
        for found in self.names.findItems(name, Qt.MatchFlag.MatchExactly):
            self.names.setCurrentItem(found)

    def _add_page(self, name: str, content: QWidget) -> None:
        item = QListWidgetItem(self._theme.icon(ICONS[name]), name)
        item.setSizeHint(QSize(0, Size.SIDEBAR_ROW + Space.S))
        self.names.addItem(item)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.L)
        title = QLabel(name, page)
        mark(title, tone="title")
        column.addWidget(title)
        column.addWidget(content, 1)
        self.pages.addWidget(page)

    def _make_page(self, page: str) -> QWidget:
        content = QWidget(self)
        form = QFormLayout(content)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(Space.M)
        form.setHorizontalSpacing(Space.L)
        for entry, about in settings.declared():
            if about.page != page:
                continue
            editor = self._editor(entry, about)
            editor.setAccessibleName(about.label)
            self.editors[entry.name] = editor
            if isinstance(editor, QCheckBox):
                form.addRow(editor)
            else:
                form.addRow(about.label, editor)
            if about.hint:
                hint = QLabel(about.hint, content)
                mark(hint, tone="small")
                hint.setWordWrap(True)
                if isinstance(editor, QCheckBox):
                    hint.setIndent(Space.XL + Space.XS)
                    form.addRow(hint)
                else:
                    form.addRow("", hint)
        return content

    def _editor(self, entry: "Field[Any]", about: About) -> QWidget:
        value = getattr(self._chosen, entry.name)
        keep: Callable[[Any], None] = lambda new: self._keep(entry.name, new)  # noqa: E731
        if isinstance(value, bool):
            box = QCheckBox(about.label, self)
            box.setChecked(value)
            box.toggled.connect(keep)
            return box
        if isinstance(value, Enum):
            combo = QComboBox(self)
            for choice in type(value):
                combo.addItem(CHOICES[choice.value], choice)
            combo.setCurrentIndex(combo.findData(value))
            combo.setFixedWidth(Size.SIDEBAR)
            combo.currentIndexChanged.connect(lambda _i: keep(type(value)(combo.currentData())))
            return combo
        if isinstance(value, tuple):
            words = WordList(value, "bo@example.org or @example.org", self)
            words.changed.connect(keep)
            return words
        if isinstance(value, str):
            place = PlaceField(value, "Calendars (*.ics)", self)
            place.changed.connect(keep)
            return place
        spin = NumberField(about.least, about.most, self)
        spin.setSuffix(f" {about.unit}" if about.unit else "")
        if about.least == -1:
            spin.setSpecialValueText("Only by hand")
        spin.setValue(value)
        spin.setFixedWidth(Size.SIDEBAR // 2 + Space.L)
        spin.valueChanged.connect(keep)
        return spin

    def _keep(self, name: str, value: object) -> None:
        self._chosen = replace(self._chosen, **{name: value})  # type: ignore[arg-type]
        settings.save(self._profile.settings, self._chosen)
        self.changed.emit(self._chosen)
