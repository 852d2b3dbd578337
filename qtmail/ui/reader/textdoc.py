"""A plain text body as a document that QTextBrowser draws well: one paragraph a line, quotes by indentation.

(QTextDocument loses track of nested blockquotes, so those of mime.html.text_to_html are not used here; links and
quote levels are mime's.)
"""

import unicodedata
from collections.abc import Iterator

from qtmail.mime.folding import folded_levels, without_folds
from qtmail.mime.html import BASE_CSS
from qtmail.mime.shadow import ROOT
from qtmail.mime.text import MAX_QUOTE, levels, linked
from qtmail.ui.theme import LINE_HEIGHT, Palette, Space

UNFOLD = "qtmail-unfold:"
"""What the words that stand for a folded quote link to."""
QUOTE_INDENT = Space.M
"""Pixels for each level of quotation."""
MOST_LINES = 20_000
"""Lines drawn; the source window has the rest."""
LONGEST = 4_000
"""Characters drawn as one paragraph: laying out a line without spaces takes time that grows by its square."""
_EMPTY = ' style="-qt-paragraph-type:empty"'
"""Without it QTextDocument makes two lines of an empty one."""
_DIRECTED = frozenset({"L", "R", "AL"})
SIGNATURE = frozenset({"-- ", "--"})


def text_css(palette: Palette, line_percent: int = 100) -> str:
    """Words in the theme's colours, quotes by level, the signature muted."""
    quotes = "".join(
        f"p.level-{level} {{ color: {palette.accent if level % 2 else palette.success}; "
        f"margin-left: {level * QUOTE_INDENT}px; }}\n"
        for level in range(1, MAX_QUOTE + 1)
    )
    return (
        f"body {{ color: {palette.text}; background-color: {palette.surface}; }}\n"
        f"p {{ margin: 0; white-space: pre-wrap; line-height: {line_percent}%; }}\n"
        f"a {{ color: {palette.accent}; }}\n"
        f"{quotes}p.signature, p.more {{ color: {palette.muted}; }}\n"
    )


def text_document(text: str, css: str, *, fold: bool = False) -> str:
    """The whole document. Nothing in it refers to anything outside.

    fold: a long quote is a line that says so, and links to UNFOLD.
    """
    head = f'<meta charset="utf-8"><style>{css}</style>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{text_paragraphs(text, fold=fold)}</body></html>"


def text_paragraphs(text: str, *, fold: bool = False) -> str:
    """What `text_document` has in its body."""
    lines: list[str] = []
    signed = False
    every = folded_levels(text.rstrip("\n")) if fold else levels(text.rstrip("\n"))
    pieces = ((level, piece) for level, line in every for piece in in_pieces(line))
    for number, (level, line) in enumerate(pieces):
        if number == MOST_LINES:
            lines.append('<p class="more">The message goes on; see its source for the rest.</p>')
            break
        if level < 0:
            lines.append(f'<p class="more"><a href="{UNFOLD}">{line}</a></p>')
            continue
        signed = signed or (level == 0 and line in SIGNATURE)
        name = f"level-{min(level, MAX_QUOTE)}" if level else "signature" if signed else "line"
        side = ' dir="rtl"' if is_right_to_left(line) else ""
        lines.append(
            f'<p class="{name}"{side}>{linked(line)}</p>' if line.strip() else f'<p class="{name}" {_EMPTY}><br></p>'
        )
    return "".join(lines)


def as_qt_reads(html: str) -> str:
    """What QTextDocument makes of a web document, mended: folds it cannot open, empty lines it would double."""
    return without_folds(html).replace("<div><br></div>", f"<div{_EMPTY}><br></div>")


def in_pieces(line: str) -> Iterator[str]:
    """An overlong line in paragraphs of at most LONGEST characters, parted after a space where there is one."""
    at = 0
    while len(line) - at > LONGEST:
        space = line.rfind(" ", at, at + LONGEST)
        end = space + 1 if space > at else at + LONGEST
        yield line[at:end]
        at = end
    yield line[at:]


def is_right_to_left(line: str) -> bool:
    """Whether its first letter with a direction goes from right to left (UAX 9, rules P2 and P3)."""
    for letter in line:
        direction = unicodedata.bidirectional(letter)
        if direction in _DIRECTED:
            return direction != "L"
    return False


def html_css(palette: Palette, family: str, pixels: int) -> str:
    """What an HTML mail looks like where its author says nothing: our font, room at the edges, quiet scroll bars."""
    bar = f"border-radius: {Space.M}px; border: {Space.XS}px solid {palette.surface}"
    return (
        f"html {{ background: {palette.surface}; color: {palette.text}; }}\n"
        f"body {{ margin: {Space.M}px {Space.L}px; {_letters(family, pixels)}; }}\n"
        # A mail with a ground of its own (mime.html makes <body> a <div>) fills the pane.
        'body:has(> div[style*="background"]:only-of-type) { margin: 0; }\n'
        'body > div[style*="background"]:only-of-type { box-sizing: border-box; min-height: 100vh; '
        f"padding: {Space.M}px {Space.L}px; }}\n"
        f"{_inside(palette)}"
        f"::-webkit-scrollbar {{ width: {Space.M + Space.XS}px; height: {Space.M + Space.XS}px; }}\n"
        f"::-webkit-scrollbar-thumb {{ background: {palette.line}; {bar}; }}\n"
    )


def shadow_css(palette: Palette, family: str, pixels: int) -> str:
    """The same for a mail that is one of several in a page: text mails, too."""
    root = f".{ROOT}"
    quotes = "".join(
        f"blockquote.level-{level} {{ border-color: {colour}; color: {colour}; }}\n"
        for level in range(1, MAX_QUOTE + 1)
        for colour in (palette.accent if level % 2 else palette.success,)
    )
    return (
        f"{BASE_CSS}{root} {{ color: {palette.text}; {_letters(family, pixels)}; overflow-wrap: anywhere; }}\n"
        f"{_inside(palette)}{quotes}.text, .quote {{ unicode-bidi: plaintext; text-align: start; }}\n"
        f".signature {{ color: {palette.muted}; opacity: 1; }}\n"
        f'{root} > div[style*="background"]:only-of-type {{ padding: {Space.M}px; border-radius: {Space.S}px; }}\n'
    )


def _letters(family: str, pixels: int) -> str:
    return f"font: {pixels}px '{family}', sans-serif; line-height: {LINE_HEIGHT}"


def _inside(palette: Palette) -> str:
    quote = f"margin: 0 0 0 {Space.XS}px; padding-left: {Space.M}px; border-left: 2px solid {palette.line}"
    return (
        f"a {{ color: {palette.accent}; }}\n"
        f"details.quoted > summary {{ color: {palette.muted}; cursor: default; }}\n"
        f"blockquote {{ {quote}; }}\n"
    )
