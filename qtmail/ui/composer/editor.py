"""The field a mail is written in: formatted or plain, quotes with bars, pasted things made harmless."""

import re
from collections.abc import Callable

from PySide6.QtCore import QMimeData, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFont,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QSyntaxHighlighter,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextListFormat,
)
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from qtmail.mime.html import sanitise
from qtmail.mime.rich import Line, Run, html_of, lines_of_html, lines_of_text, text_of
from qtmail.ui.composer import document
from qtmail.ui.theme import Space, Theme, Tone, mark

_MARKS = re.compile(r"(?:> ?)+")


class _Colours(QSyntaxHighlighter):
    """Quotes by level, signatures muted, links as links: seen, never written into the mail."""

    def __init__(self, editor: "Editor", theme: Theme) -> None:
        super().__init__(editor.document())
        self._editor = editor
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        block = self.currentBlock()
        level = self._editor.level_of(block)
        signed = self._editor.signs(block, self.previousBlockState() == 1)
        self.setCurrentBlockState(1 if signed else 0)
        if level or signed:
            form = QTextCharFormat()
            odd = Tone.ACCENT if level % 2 else Tone.SUCCESS
            form.setForeground(self._theme.colour(Tone.MUTED if signed else odd))
            self.setFormat(0, block.length(), form)  # Qt counts UTF-16 units, Python characters
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            iterator += 1
            if fragment.charFormat().isAnchor():
                link = fragment.charFormat()
                link.setForeground(self._theme.colour(Tone.ACCENT))
                link.setFontUnderline(True)
                self.setFormat(fragment.position() - block.position(), fragment.length(), link)


class Editor(QTextEdit):
    """`rich` says which of the two it is; `load` and the readers below serve both."""

    files_pasted = Signal(object)
    """list[Path] as QMimeData's URLs gave them."""
    picture_pasted = Signal(QImage)

    def __init__(self, theme: Theme, picture: Callable[[str], QImage | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = picture
        self.rich = True
        mark(self, kind="bare")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Message text")
        self.setTabChangesFocus(True)
        # The window takes what is dropped, wherever it is dropped.
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.document().setDocumentMargin(Space.S)
        self.document().setIndentWidth(Space.XL)
        self._colours = _Colours(self, theme)
        theme.changed.connect(self.viewport().update)

    # What is in it

    def load(self, text: str, html: str, *, rich: bool) -> None:
        """Show a draft's body. HTML of any origin is sanitised and simplified."""
        self.rich = rich
        self.setAcceptRichText(rich)
        if not rich:
            self.document().clear()
            self.setPlainText(text)
            self.document().clearUndoRedoStacks()
        elif html:
            names = frozenset(re.findall(r"cid:([^\"'\s>]+)", html))
            document.fill(self.document(), lines_of_html(sanitise(html, cids=names, cid_prefix="cid:").html))
        else:
            document.fill(self.document(), lines_of_text(text))
        self.document().setModified(False)
        # The caret has moved along with what was put in.
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def lines(self) -> tuple[Line, ...]:
        return document.lines_in(self.document()) if self.rich else lines_of_text(self.toPlainText())

    def html(self) -> str:
        """Empty in a plain mail."""
        return html_of(self.lines()) if self.rich else ""

    def text(self) -> str:
        return text_of(self.lines()) if self.rich else self.toPlainText()

    def own_words(self) -> str:
        """What the author wrote: without quotes and signature."""
        return "\n".join(line.text for line in self.lines() if not line.quote and not line.signature)

    def level_of(self, block: QTextBlock) -> int:
        """How deep in quotes a block is."""
        if self.rich:
            return document.quote_level(block)
        found = _MARKS.match(block.text())
        return found[0].count(">") if found else 0

    def signs(self, block: QTextBlock, goes_on: bool) -> bool:
        """Whether a block belongs to a signature; `goes_on`: the one above does."""
        if self.rich:
            return document.in_signature(block)
        text = block.text()
        return text in ("-- ", "--") or (goes_on and bool(text.strip()) and not text.startswith(">"))

    def caret_below_quote(self) -> None:
        """To the empty line after the last quoted one."""
        last = None
        for block in document.blocks(self.document()):
            if self.level_of(block):
                last = block
        if last is None:
            return
        below = last.next()
        after = below.next()
        if after.isValid() and not below.text() and not after.text():
            below = after
        cursor = QTextCursor(below if below.isValid() else last)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def replace_signature(self, old: str, new: str) -> None:
        """Another account signs. A signature that was changed by hand stays."""
        old_text = f"-- \n{old.strip()}" if old.strip() else ""
        new_text = f"-- \n{new.strip()}" if new.strip() else ""
        cursor = self._signature_at(old_text)
        if cursor is None or old_text == new_text:
            return
        cursor.beginEditBlock()
        if not old_text:
            self._room_for_signature(cursor)
        cursor.removeSelectedText()
        if self.rich:
            cursor.setBlockFormat(document.block_format(signature=bool(new_text)))
            lines = [Line(line.runs, signature=True) for line in lines_of_text(new_text)] if new_text else []
            document.insert(cursor, lines)
        else:
            cursor.insertText(new_text)
        cursor.endEditBlock()

    def _signature_at(self, text: str) -> QTextCursor | None:
        """A cursor that selects this signature; for none, at the place where one would be."""
        cursor = QTextCursor(self.document())
        if text:
            # Each character of the plain text is one position of the document, also a block's end.
            start = self.toPlainText().find(text)
            if start < 0:
                return None
            cursor.setPosition(start)
            cursor.setPosition(start + len(text), QTextCursor.MoveMode.KeepAnchor)
            return cursor
        for block in document.blocks(self.document()):
            if self.level_of(block):
                introduction = block.previous()
                cursor.setPosition((introduction if introduction.isValid() else block).position())
                return cursor
        cursor.movePosition(QTextCursor.MoveOperation.End)
        return cursor

    def _room_for_signature(self, cursor: QTextCursor) -> None:
        """An empty block to sign in."""
        at_end = cursor.atEnd()
        cursor.insertBlock(document.block_format())
        if not at_end:
            cursor.insertBlock(document.block_format())
            cursor.movePosition(QTextCursor.MoveOperation.PreviousBlock)

    # Formatting

    def toggle(self, name: str) -> None:
        """ "bold", "italic", "underline" or "strike" on the selection, or for what is typed next."""
        now = self.currentCharFormat()
        form = QTextCharFormat()
        match name:
            case "bold":
                strong = now.fontWeight() >= QFont.Weight.DemiBold.value
                form.setFontWeight(QFont.Weight.Normal if strong else QFont.Weight.Bold)
            case "italic":
                form.setFontItalic(not now.fontItalic())
            case "underline":
                form.setFontUnderline(not now.fontUnderline())
            case "strike":
                form.setFontStrikeOut(not now.fontStrikeOut())
        self.mergeCurrentCharFormat(form)

    def toggle_list(self, kind: str) -> None:
        """Bullets ("ul") or numbers ("ol") for the selected lines; off again if they have them."""
        cursor = self.textCursor()
        style = QTextListFormat.Style.ListDisc if kind == "ul" else QTextListFormat.Style.ListDecimal
        current = cursor.currentList()
        cursor.beginEditBlock()
        if current is not None and current.format().style() == style:
            for block in self._selected_blocks():
                found = block.textList()
                if found is not None:
                    found.remove(block)
                    level = document.quote_level(block)
                    QTextCursor(block).setBlockFormat(document.block_format(level))
        else:
            form = QTextListFormat()
            form.setStyle(style)
            form.setIndent(1)
            cursor.createList(form)
        cursor.endEditBlock()

    def shift_quote(self, by: int) -> None:
        """Deeper into quotation (1) or out of it (-1)."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        for block in self._selected_blocks():
            level = min(max(document.quote_level(block) + by, 0), 8)
            QTextCursor(block).setBlockFormat(document.block_format(level))
        cursor.endEditBlock()
        self._colours.rehighlight()

    def set_heading(self, level: int) -> None:
        """0 is body text; 1 to 3 are headings."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        for block in self._selected_blocks():
            whole = QTextCursor(block)
            form = block.blockFormat()
            form.setHeadingLevel(level)
            whole.setBlockFormat(form)
            whole.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            whole.mergeCharFormat(document.heading_look(level))
            whole.mergeBlockCharFormat(document.heading_look(level))
        cursor.endEditBlock()

    def clear_formatting(self) -> None:
        """The selected lines as plain body text; quotation stays."""
        cursor = self.textCursor()
        if not cursor.hasSelection():
            cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        cursor.beginEditBlock()
        cursor.setCharFormat(QTextCharFormat())
        for block in self._selected_blocks():
            found = block.textList()
            if found is not None:
                found.remove(block)
            QTextCursor(block).setBlockFormat(document.block_format(document.quote_level(block)))
        cursor.endEditBlock()
        self.setCurrentCharFormat(QTextCharFormat())

    def set_link(self, href: str) -> None:
        """The selection leads there (nowhere, when empty); without a selection the address itself is inserted."""
        cursor = self.textCursor()
        form = QTextCharFormat()
        form.setAnchor(bool(href))
        form.setAnchorHref(href)
        if cursor.hasSelection():
            cursor.mergeCharFormat(form)
            cursor.setPosition(cursor.selectionEnd())
        elif href:
            cursor.insertText(href, form)
            cursor.insertText(" ", QTextCharFormat())
        self.setTextCursor(cursor)
        self.setCurrentCharFormat(QTextCharFormat())
        self._colours.rehighlight()

    def insert_picture(self, content_id: str, widest: int) -> None:
        """At the cursor, no wider than `widest` pixels; its bytes stay as they are."""
        picture = self._picture(content_id)
        width = min(picture.width(), widest) if picture is not None else 0
        document.insert(self.textCursor(), (Line((Run("", picture=content_id, width=width),)),))

    def _selected_blocks(self) -> list[QTextBlock]:
        cursor = self.textCursor()
        block = self.document().findBlock(cursor.selectionStart())
        end = cursor.selectionEnd()
        found: list[QTextBlock] = []
        while block.isValid() and (not found or block.position() < end):
            found.append(block)
            block = block.next()
        return found

    # Qt's overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.rich and event.matches(QKeySequence.StandardKey.InsertParagraphSeparator) and self._leave_block():
            return
        if self.rich and event.key() == Qt.Key.Key_Backspace and self._step_out():
            return
        super().keyPressEvent(event)

    def _leave_block(self) -> bool:
        """Enter: in a quote it opens an unquoted line to answer on; after a heading comes body text."""
        cursor = self.textCursor()
        block = cursor.block()
        level, heading = document.quote_level(block), block.blockFormat().headingLevel()
        if cursor.hasSelection() or not (level or (heading and cursor.atBlockEnd())):
            return False
        cursor.beginEditBlock()
        plain = QTextCharFormat()
        if level and not cursor.atBlockEnd():
            at_start = cursor.atBlockStart()
            if not at_start:
                cursor.insertBlock()
            cursor.insertBlock()
            cursor.movePosition(QTextCursor.MoveOperation.PreviousBlock)
            cursor.setBlockFormat(document.block_format())
        else:
            cursor.insertBlock(document.block_format(), plain)
        cursor.setBlockCharFormat(plain)
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.setCurrentCharFormat(plain)
        self._colours.rehighlight()
        return True

    def _step_out(self) -> bool:
        """Backspace at the start of a quoted line takes it one level out."""
        cursor = self.textCursor()
        if cursor.hasSelection() or not cursor.atBlockStart() or not document.quote_level(cursor.block()):
            return False
        self.shift_quote(-1)
        return True

    def loadResource(self, type_: int, name: QUrl | str) -> object:
        """Pictures of this draft, and nothing else."""
        url = QUrl(name).toString()
        picture = self._picture(url[4:]) if url.startswith("cid:") else None
        return picture if picture is not None else QImage()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        files = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
        if files:
            self.files_pasted.emit(files)
        elif source.hasHtml() and self.rich:
            lines = lines_of_html(sanitise(source.html()).html)
            document.insert(self.textCursor(), lines)
            self._colours.rehighlight()
        elif source.hasImage() and not source.hasText():
            self.picture_pasted.emit(QImage(source.imageData()))
        elif source.hasText():
            self.insertPlainText(source.text())

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copied text takes its formatting along, tidily."""
        made = QMimeData()
        made.setText(self.textCursor().selection().toPlainText())
        if self.rich:
            part = QTextEdit()
            part.textCursor().insertFragment(self.textCursor().selection())
            made.setHtml(html_of(document.lines_in(part.document())))
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.rich:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        scrolled = self.verticalScrollBar().value()
        layout = self.document().documentLayout()
        for block in document.blocks(self.document()):
            level = document.quote_level(block)
            if not level:
                continue
            where = layout.blockBoundingRect(block).translated(0, -scrolled)
            if where.top() > event.rect().bottom():
                break
            if where.bottom() < event.rect().top():
                continue
            for depth in range(level):
                painter.setBrush(self._theme.colour(Tone.ACCENT if depth % 2 == 0 else Tone.SUCCESS))
                left = Space.S + depth * document.QUOTE_INDENT
                painter.drawRoundedRect(QRectF(left, where.top(), 2, where.height()), 1, 1)
        painter.end()
