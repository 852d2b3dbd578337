"""Lines of formatted text in a QTextDocument, and back: Qt's own HTML reader and writer are not used.

(The reader forgets quote levels, the writer makes 20 lines of style for one of text.) What a block is, is kept in its
format: quote level and signature as properties of ours, headings and lists as Qt knows them.
"""

from collections.abc import Iterable, Iterator

from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextImageFormat,
    QTextLength,
    QTextList,
    QTextListFormat,
)

from qtmail.mime.rich import Line, Run
from qtmail.ui.theme import Space

QUOTE_INDENT = Space.L
"""Pixels for each level of quotation."""
_QUOTE = QTextFormat.Property.UserProperty.value + 1
_SIGNATURE = QTextFormat.Property.UserProperty.value + 2
_CODE = QTextFormat.Property.UserProperty.value + 3
_RULE = QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value
_HEADINGS = {1: "h1", 2: "h2", 3: "h3"}
_LIST_STYLES = {"ul": QTextListFormat.Style.ListDisc, "ol": QTextListFormat.Style.ListDecimal}


def quote_level(block: QTextBlock) -> int:
    return int(block.blockFormat().intProperty(_QUOTE))


def in_signature(block: QTextBlock) -> bool:
    return bool(block.blockFormat().boolProperty(_SIGNATURE))


def block_format(quote: int = 0, *, signature: bool = False, kind: str = "p") -> QTextBlockFormat:
    """The format of a line. A list's indentation is the list's, not the block's."""
    form = QTextBlockFormat()
    form.setProperty(_QUOTE, quote)
    form.setLeftMargin(quote * QUOTE_INDENT)
    if signature:
        form.setProperty(_SIGNATURE, True)
    if kind == "hr":
        form.setProperty(_RULE, QTextLength(QTextLength.Type.PercentageLength, 100))
    for level, name in _HEADINGS.items():
        if kind == name:
            form.setHeadingLevel(level)
    return form


def heading_look(level: int) -> QTextCharFormat:
    """How a heading's characters look: larger and strong; nothing of it is written into the mail."""
    form = QTextCharFormat()
    form.setFontWeight(QFont.Weight.Bold if level else QFont.Weight.Normal)
    form.setProperty(QTextFormat.Property.FontSizeAdjustment.value, max(4 - level, 1) if level else 0)
    return form


def char_format(run: Run, heading: int = 0) -> QTextCharFormat:
    """The format of a run."""
    form = heading_look(heading) if heading else QTextCharFormat()
    if run.bold:
        form.setFontWeight(QFont.Weight.Bold)
    if run.italic:
        form.setFontItalic(True)
    if run.underline:
        form.setFontUnderline(True)
    if run.strike:
        form.setFontStrikeOut(True)
    if run.code:
        form.setProperty(_CODE, True)
        form.setFontFamilies([QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
    if run.href:
        form.setAnchor(True)
        form.setAnchorHref(run.href)
    return form


# ---- into a document ---------------------------------------------------------------------------------------------


def fill(document: QTextDocument, lines: Iterable[Line]) -> None:
    """Put these lines in place of what was there; there is nothing to undo afterwards."""
    document.clear()
    cursor = QTextCursor(document)
    insert(cursor, lines, fresh=True)
    document.clearUndoRedoStacks()
    document.setModified(False)


def insert(cursor: QTextCursor, lines: Iterable[Line], *, fresh: bool = False) -> None:
    """Insert lines at the cursor. `fresh`: the cursor's block is empty and takes the first line's format.

    Otherwise the first line goes on where the cursor is, and lines lie as deep in quotes as the cursor does.
    """
    base = 0 if fresh else quote_level(cursor.block())
    lists: dict[int, tuple[str, QTextList]] = {}
    cursor.beginEditBlock()
    for number, line in enumerate(lines):
        form = block_format(min(base + line.quote, 8), signature=line.signature, kind=line.kind)
        if number or not fresh:
            if number:
                cursor.insertBlock(form, QTextCharFormat())
        else:
            cursor.setBlockFormat(form)
        if number or fresh:
            _into_list(cursor, line, lists)
        heading = form.headingLevel()
        for run in line.runs:
            _insert_run(cursor, run, heading)
    cursor.endEditBlock()


def _insert_run(cursor: QTextCursor, run: Run, heading: int) -> None:
    if run.picture:
        image = QTextImageFormat()
        image.setName(f"cid:{run.picture}")
        if run.width:
            image.setWidth(run.width)
        cursor.insertImage(image)
    else:
        cursor.insertText(run.text.replace("\n", "\u2028"), char_format(run, heading))


def _into_list(cursor: QTextCursor, line: Line, lists: dict[int, tuple[str, QTextList]]) -> None:
    """Join the list of this depth and kind, or begin one. `lists` holds those that are open, by depth."""
    for depth in [depth for depth in lists if depth > line.depth]:
        del lists[depth]
    if line.kind not in _LIST_STYLES:
        lists.clear()
        return
    kind, found = lists.get(line.depth, ("", None))
    if found is not None and kind == line.kind:
        found.add(cursor.block())
        return
    form = QTextListFormat()
    form.setStyle(_LIST_STYLES[line.kind])
    form.setIndent(line.depth)
    lists[line.depth] = (line.kind, cursor.createList(form))


# ---- out of a document -------------------------------------------------------------------------------------------


def blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    """Every block, first to last."""
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def lines_in(document: QTextDocument) -> tuple[Line, ...]:
    """What the document says; a soft line break within a block ends a line too."""
    out: list[Line] = []
    for block in blocks(document):
        out.extend(_lines_of(block))
    return tuple(out)


def _lines_of(block: QTextBlock) -> Iterator[Line]:
    form = block.blockFormat()
    quote, signature = quote_level(block), in_signature(block)
    kind, depth = "p", 0
    parent: QTextList | None = block.textList()
    if parent is not None:
        kind = "ul" if parent.format().style().value >= QTextListFormat.Style.ListSquare.value else "ol"
        depth = max(parent.format().indent(), 1)
    elif form.headingLevel():
        kind = _HEADINGS.get(form.headingLevel(), "h3")
    elif form.hasProperty(_RULE):
        yield Line((), "hr", 0, quote, signature)
        if not block.text():
            return
    pieces: list[list[Run]] = [[]]
    for run in _runs(block, heading=bool(form.headingLevel())):
        first, *rest = run.text.split("\u2028") if not run.picture else [run.text]
        _add(pieces[-1], run, first)
        for text in rest:
            pieces.append([])
            _add(pieces[-1], run, text)
    for piece in pieces:
        yield Line(tuple(piece), kind, depth, quote, signature)


def _add(piece: list[Run], run: Run, text: str) -> None:
    if text or run.picture:
        made = Run(text, run.bold, run.italic, run.underline, run.strike, run.code, run.href, run.picture, run.width)
        piece.append(made)


def _runs(block: QTextBlock, *, heading: bool) -> Iterator[Run]:
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        iterator += 1
        form = fragment.charFormat()
        if form.isImageFormat():
            image = form.toImageFormat()
            if image.name().startswith("cid:"):
                for _ in range(fragment.length()):
                    yield Run("", picture=image.name()[4:], width=int(image.width()))
            continue
        yield Run(
            fragment.text().replace("\ufffc", ""),
            bold=not heading and form.fontWeight() >= QFont.Weight.DemiBold.value,
            italic=form.fontItalic(),
            underline=form.fontUnderline() and not form.isAnchor(),
            strike=form.fontStrikeOut(),
            code=form.boolProperty(_CODE),
            href=form.anchorHref() if form.isAnchor() else "",
        )
