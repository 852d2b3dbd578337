"""The bar of formatting above the text; gone when the mail is plain."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QToolButton, QWidget

from qtmail.ui.composer.editor import Editor
from qtmail.ui.theme import Space, Theme, mark


@dataclass(frozen=True, slots=True)
class _Tool:
    icon: str
    text: str
    keys: str
    act: Callable[[Editor], None]
    on: Callable[[Editor], bool] | None = None
    section: bool = False


def _list_is(kind: int) -> Callable[[Editor], bool]:
    def check(editor: Editor) -> bool:
        found = editor.textCursor().currentList()
        return bool(found) and found.format().style().value == kind

    return check


def is_bold(editor: Editor) -> bool:
    """By the writer's wish: what makes a heading strong does not count."""
    heading = editor.textCursor().blockFormat().headingLevel()
    return not heading and editor.fontWeight() >= QFont.Weight.DemiBold


_TOOLS: tuple[_Tool, ...] = (
    _Tool("bold", "Bold", "Ctrl+B", lambda e: e.toggle("bold"), lambda e: is_bold(e)),
    _Tool("italic", "Italic", "Ctrl+I", lambda e: e.toggle("italic"), lambda e: e.fontItalic()),
    _Tool("underline", "Underline", "Ctrl+U", lambda e: e.toggle("underline"), lambda e: e.fontUnderline()),
    _Tool("strikethrough", "Strike out", "Ctrl+Shift+X", lambda e: e.toggle("strike"),
          lambda e: e.currentCharFormat().fontStrikeOut()),
    _Tool("list", "Bullets", "Ctrl+Shift+8", lambda e: e.toggle_list("ul"), _list_is(-1), section=True),
    _Tool("list-numbers", "Numbers", "Ctrl+Shift+7", lambda e: e.toggle_list("ol"), _list_is(-4)),
    _Tool("blockquote", "Quote", "Ctrl+]", lambda e: e.shift_quote(1)),
    _Tool("indent-decrease", "Out of the quote", "Ctrl+[", lambda e: e.shift_quote(-1)),
    _Tool("link", "Link", "Ctrl+K", lambda e: ask_link(e), section=True),
    _Tool("clear-formatting", "Clear formatting", "Ctrl+\\", lambda e: e.clear_formatting()),
)  # fmt: skip
_HEADINGS = ((0, "Text"), (1, "Heading 1"), (2, "Heading 2"), (3, "Heading 3"))


def ask_link(editor: Editor) -> None:
    """Where the selection shall lead."""
    now = editor.textCursor().charFormat().anchorHref()
    words, ok = QInputDialog.getText(editor.window(), "Link", "Address of the page (empty: no link):", text=now)
    if not ok:
        return
    href = words.strip()
    if href and "://" not in href and not href.startswith("mailto:"):
        href = f"mailto:{href}" if "@" in href and "/" not in href else f"https://{href}"
    editor.set_link(href)


class FormatBar(QWidget):
    """Buttons that follow the cursor."""

    def __init__(self, theme: Theme, editor: Editor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, surface="surface")
        self._editor = editor
        self._checked: list[tuple[QToolButton, Callable[[Editor], bool]]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.XS, Space.M, Space.XS)
        row.setSpacing(Space.XS)
        self._heading_button = QToolButton(self)
        self._heading_button.setToolTip("Kind of line")
        self._heading_button.setAccessibleName("Kind of line")
        self._heading_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        theme.dress(self._heading_button, "text-size")
        menu = QMenu(self._heading_button)
        for level, words in _HEADINGS:
            menu.addAction(words, partial(editor.set_heading, level))
        self._heading_button.setMenu(menu)
        row.addWidget(self._heading_button)
        for tool in _TOOLS:
            row.addWidget(self._make(tool, theme))
            if tool.section:
                row.insertSpacing(row.count() - 1, Space.S)
        row.addStretch(1)
        editor.cursorPositionChanged.connect(self.follow)
        editor.currentCharFormatChanged.connect(self.follow)

    def _make(self, tool: _Tool, theme: Theme) -> QToolButton:
        button = QToolButton(self)
        keys = QKeySequence(tool.keys)
        button.setToolTip(f"{tool.text} ({keys.toString(QKeySequence.SequenceFormat.NativeText)})")
        button.setAccessibleName(tool.text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.dress(button, tool.icon)

        def act() -> None:
            tool.act(self._editor)
            self._editor.setFocus()
            self.follow()

        button.clicked.connect(act)
        # Only while the text has the focus: Ctrl+U means something else elsewhere.
        shortcut = QShortcut(keys, self._editor, context=Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(lambda: act() if self._editor.rich else None)
        if tool.on is not None:
            button.setCheckable(True)
            self._checked.append((button, tool.on))
        return button

    def follow(self) -> None:
        """Show what holds where the cursor is."""
        for button, is_on in self._checked:
            button.setChecked(is_on(self._editor))
