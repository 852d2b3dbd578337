"""The body view over QTextBrowser: for plain text always, for HTML where Qt WebEngine is not wanted or not there."""

import math
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QByteArray, QMimeData, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QFontInfo,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from qtmail.ui.reader.content import Body, BodyKind, Content
from qtmail.ui.reader.textdoc import QUOTE_INDENT, as_qt_reads
from qtmail.ui.theme import LIGHT, Space, Theme, Tone, Type

MEASURE_EM = 75
"""How long a line of a text mail may be."""


class MailBrowser(QTextBrowser):
    """A QTextBrowser that shows pictures of the content only: never a file, never anything from elsewhere."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.content: Content | None = None
        self.measured = True
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Message")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def margin(self) -> int:
        """The room at each side that keeps lines readable."""
        wide = self.viewport().width()
        measure = MEASURE_EM * QFontInfo(self.document().defaultFont()).pixelSize() if self.measured else wide
        return max(Space.L, wide - measure - Space.L)

    def fit(self) -> None:
        """Set the margins for the present width."""
        root = self.document().rootFrame()
        form = root.frameFormat()
        form.setMargin(0)
        form.setLeftMargin(Space.L)
        form.setTopMargin(Space.M)
        form.setBottomMargin(Space.L)
        form.setRightMargin(self.margin())
        if form != root.frameFormat():
            root.setFrameFormat(form)

    # Qt's overrides

    def loadResource(self, type_: int, name: QUrl | str) -> object:
        url = QUrl(name)
        if url.scheme() == "data":
            return super().loadResource(type_, url)
        picture = (
            self.content.pictures.get(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))
            if self.content
            else None
        )
        return QByteArray(picture.data) if picture else QByteArray()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def createMimeDataFromSelection(self) -> QMimeData:
        """Plain text mails are copied as plain text, without our colours."""
        if self.content is None or self.content.kind is BodyKind.HTML:
            return super().createMimeDataFromSelection()
        data = QMimeData()
        data.setText(self.textCursor().selection().toPlainText())
        return data

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.content is not None and self.content.kind is BodyKind.TEXT:
            self._paint_quote_bars(painter, event.rect().top(), event.rect().bottom())
        painter.end()

    def _paint_quote_bars(self, painter: QPainter, top: int, bottom: int) -> None:
        """A bar per level beside quoted lines: QTextDocument knows margins, but draws nothing in them."""
        scrolled = self.verticalScrollBar().value()
        block = self.cursorForPosition(QPoint(0, max(top, 0))).block()
        if block.previous().isValid():
            block = block.previous()
        layout = self.document().documentLayout()
        while block.isValid():
            where = layout.blockBoundingRect(block).translated(0, -scrolled)
            if where.top() > bottom:
                return
            for level in range(_quote_level(block)):
                painter.setBrush(self._theme.colour(Tone.ACCENT if level % 2 == 0 else Tone.SUCCESS))
                left = Space.L + level * QUOTE_INDENT - self.horizontalScrollBar().value()
                # Whole pixels, so that the bars of line after line are one bar.
                upper, lower = math.floor(where.top()), math.ceil(where.bottom()) + 1
                painter.drawRect(QRect(left, upper, 2, lower - upper))
            block = block.next()


def _quote_level(block: QTextBlock) -> int:
    return int(block.blockFormat().leftMargin()) // QUOTE_INDENT


class TextBody(Body):
    """Shows text mails in the theme's colours, HTML ones on white as their authors meant them."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._percent = 100
        self._content: Content | None = None
        self.browser = MailBrowser(theme, self)
        self.browser.anchorClicked.connect(lambda url: self._anchor(url))
        self.browser.highlighted.connect(lambda url: self.link_hovered.emit(url.toString()))
        self.browser.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.browser.customContextMenuRequested.connect(self._menu_at)
        self.browser.verticalScrollBar().valueChanged.connect(self.scrolled)
        self.column.addWidget(self.browser)
        self.setFocusProxy(self.browser)

    def show_content(self, content: Content) -> None:
        self._content = content
        self.browser.content = content
        self.browser.measured = content.kind is BodyKind.TEXT
        self._dress(light=content.kind is BodyKind.HTML and not content.dark)
        self.browser.setHtml(as_qt_reads(content.document))
        self.browser.fit()
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)
        self.browser.verticalScrollBar().setValue(0)
        self.shown.emit(content)

    def amend(self, content: Content, pieces: Mapping[str, str]) -> None:
        """All of it is set again: a text document has no elements."""
        bar = self.browser.verticalScrollBar()
        before = bar.value()
        self.browser.setUpdatesEnabled(False)
        self.show_content(content)
        bar.setValue(before)
        self.browser.setUpdatesEnabled(True)

    def go_to(self, name: str) -> None:
        self.browser.scrollToAnchor(name)

    def in_sight(self, names: Sequence[str], tell: Callable[[tuple[str, ...]], None]) -> None:
        wanted, places = set(names), self._anchors()
        top = self.browser.cursorForPosition(QPoint(0, 0)).position()
        end = self.browser.cursorForPosition(self.browser.viewport().rect().bottomRight()).position()
        ends = [*(start for _, start in places[1:]), self.browser.document().characterCount()]
        seen = (name for (name, start), until in zip(places, ends, strict=False) if start < end and until > top)
        tell(tuple(name for name in seen if name in wanted))

    def _anchors(self) -> list[tuple[str, int]]:
        """Each anchor with its place, in order."""
        found: list[tuple[str, int]] = []
        block = self.browser.document().begin()
        while block.isValid():
            piece = block.begin()
            while not piece.atEnd():
                fragment = piece.fragment()
                found += [(name, fragment.position()) for name in fragment.charFormat().anchorNames()]
                piece += 1
            block = block.next()
        return found

    def _dress(self, *, light: bool) -> None:
        """Font and colours: ours for text and what was made dark, the author's on a light card for other HTML."""
        font = self._theme.font(Type.BODY)
        font.setPointSizeF(font.pointSizeF() * self._percent / 100)
        self.browser.document().setDefaultFont(font)
        ground = QColor(LIGHT.surface) if light else self._theme.colour(Tone.SURFACE)
        words = QColor(LIGHT.text) if light else self._theme.colour(Tone.TEXT)
        palette = self.browser.palette()
        palette.setColor(QPalette.ColorRole.Base, ground)
        palette.setColor(QPalette.ColorRole.Text, words)
        self.browser.setPalette(palette)
        link = LIGHT.accent if light else self._theme.hex(Tone.ACCENT)
        self.browser.document().setDefaultStyleSheet(f"a {{ color: {link}; }}")
        self.browser.setStyleSheet(
            f"QTextBrowser {{ background: {ground.name()}; color: {words.name()}; border: none; padding: 0; }}"
        )

    def set_ground(self, colour: QColor) -> None:
        """The browser's own ground follows the kind of mail."""

    def clear(self) -> None:
        self._content = None
        self.browser.content = None
        self.browser.clear()

    def page_down(self) -> bool:
        bar = self.browser.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + max(bar.pageStep() - 2 * self.browser.fontMetrics().height(), 1))
        return bar.value() != before

    def find_words(self, text: str, *, back: bool = False, found: Callable[[bool], None] = lambda _found: None) -> None:
        cursor = self.browser.textCursor()
        if not text:
            cursor.clearSelection()
            self.browser.setTextCursor(cursor)
            return
        flags = QTextDocument.FindFlag.FindBackward if back else QTextDocument.FindFlag(0)
        hit = self.browser.document().find(text, cursor, flags)
        if hit.isNull():
            edge = QTextCursor(self.browser.document())
            edge.movePosition(QTextCursor.MoveOperation.End if back else QTextCursor.MoveOperation.Start)
            hit = self.browser.document().find(text, edge, flags)
        if not hit.isNull():
            self.browser.setTextCursor(hit)
        found(not hit.isNull())

    def set_percent(self, percent: int) -> None:
        if percent == self._percent:
            return
        self._percent = percent
        if self._content is not None:
            self.show_content(self._content)

    def selected_text(self) -> str:
        return self.browser.textCursor().selection().toPlainText()

    def copy(self) -> None:
        self.browser.copy()

    def select_all(self) -> None:
        self.browser.selectAll()

    def print_document(self, document: str, printer: QPrinter, done: Callable[[bool], None]) -> None:
        paper = MailBrowser(self._theme)
        paper.content = self._content
        paper.setHtml(document)
        paper.print_(printer)
        paper.deleteLater()
        done(True)

    def _anchor(self, url: QUrl) -> None:
        if url.isRelative() and url.hasFragment():
            self.browser.scrollToAnchor(url.fragment())
            return
        self.link_clicked.emit(url.toString())

    def _menu_at(self, where: QPoint) -> None:
        self.menu_wanted.emit(self.browser.viewport().mapToGlobal(where), self.browser.anchorAt(where))
