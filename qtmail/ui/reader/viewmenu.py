"""How the message shown is to be seen: its form, its colours, the charset of its words; remembered for it alone."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from qtmail.engine.viewing import Choices
from qtmail.settings import MailForm
from qtmail.ui.reader.load import Shown
from qtmail.ui.theme import Theme

FORMS = ((MailForm.DESIGNED, "As designed"), (MailForm.SIMPLE, "Simplified"), (MailForm.TEXT, "Plain text"))
CHARSETS = (
    ("", "As the mail says"),
    ("utf-8", "Unicode (UTF-8)"),
    ("windows-1252", "Western European"),
    ("windows-1250", "Central European"),
    ("windows-1251", "Cyrillic (Windows)"),
    ("koi8-r", "Cyrillic (KOI8-R)"),
    ("windows-1253", "Greek"),
    ("windows-1254", "Turkish"),
    ("windows-1255", "Hebrew"),
    ("windows-1256", "Arabic"),
    ("windows-1257", "Baltic"),
    ("windows-874", "Thai"),
    ("gb18030", "Chinese (simplified)"),
    ("big5", "Chinese (traditional)"),
    ("shift_jis", "Japanese (Shift JIS)"),
    ("iso-2022-jp", "Japanese (ISO-2022-JP)"),
    ("euc-jp", "Japanese (EUC)"),
    ("euc-kr", "Korean"),
)


class ViewMenu(QMenu):
    """`chosen` tells (what, value) of engine.viewing.Choices."""

    chosen = Signal(str, str)

    def __init__(self, theme: Theme, shown: Callable[[], Shown | None], parent: QWidget) -> None:
        super().__init__("View this message", parent)
        self._theme, self._shown = theme, shown
        self._forms = self._group(self, "form", ((form.value, words) for form, words in FORMS))
        self.addSeparator()
        self.light = QAction("Light colours", self, checkable=True)
        self.light.triggered.connect(lambda on: self.chosen.emit("colours", "light" if on else "dark"))
        self.addAction(self.light)
        theme.dress(self.light, "sun")
        self.addSeparator()
        encodings = self.addMenu("Text encoding")
        self._charsets = self._group(encodings, "charset", CHARSETS)
        self.aboutToShow.connect(self._mark)

    def _group(self, menu: QMenu, what: str, entries: object) -> QActionGroup:
        group = QActionGroup(menu)
        for value, words in entries:  # type: ignore[attr-defined]
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setData(value)
            group.addAction(action)
        group.triggered.connect(lambda action: self.chosen.emit(what, action.data()))
        return group

    def _mark(self) -> None:
        """Check what holds for the message shown."""
        shown = self._shown()
        choices = shown.choices if shown else Choices()
        html = bool(shown and shown.message and shown.message.html)
        form = shown.form.value if shown else ""
        for action in self._forms.actions():
            action.setChecked(action.data() == form)
            action.setEnabled(html)
        for action in self._charsets.actions():
            action.setChecked(action.data() == choices.charset)
        self.light.setEnabled(html and self._theme.dark)
        self.light.setChecked(bool(html and shown and shown.content and not shown.content.dark))
