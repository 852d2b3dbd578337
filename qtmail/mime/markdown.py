"""A mail as Markdown (CommonMark), for pasting into notes and issues."""

import re
from collections.abc import Iterable

from qtmail.mime.rich import Line, Run, lines_of_html
from qtmail.mime.text import levels

_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_AT_START = re.compile(r"^(#{1,6}\s|[-+]\s|\d+[.)]\s|>)")


def markdown_of_html(html: str) -> str:
    """Of a sanitised fragment. Pictures are left out."""
    return _joined(lines_of_html(html))


def markdown_of_text(text: str) -> str:
    """Of a plain text body: its quotes stay quotes, nothing in it becomes a mark."""
    return "\n".join(
        f"{'> ' * level}{_plain(line)}{'  ' if line.strip() else ''}" for level, line in levels(text.rstrip("\n"))
    )


def _joined(lines: Iterable[Line]) -> str:
    out: list[str] = []
    before: Line | None = None
    number = 0
    for line in lines:
        number = number + 1 if before is not None and before.kind == "ol" == line.kind else 1
        if before is not None and (before.kind in ("ul", "ol")) != (line.kind in ("ul", "ol")) and not line.empty:
            out.append("")
        out.append(_line(line, number))
        before = line
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip("\n") + "\n"


def _line(line: Line, number: int) -> str:
    quote = "> " * line.quote
    if line.kind == "hr":
        return f"{quote}---"
    words = "".join(_run(run) for run in line.runs).strip()
    if not words:
        return quote.rstrip()
    indent = "   " * max(line.depth - 1, 0)
    mark = {"ul": f"{indent}- ", "ol": f"{indent}{number}. ", "h1": "# ", "h2": "## ", "h3": "### "}.get(line.kind, "")
    ending = "  " if line.kind == "p" else ""
    return f"{quote}{mark}{words}{ending}"


def _run(run: Run) -> str:
    if run.picture or not run.text:
        return ""
    if run.code:
        words = f"`{run.text}`"
    else:
        words = _plain(run.text)
        for on, mark in ((run.bold, "**"), (run.italic, "*"), (run.strike, "~~")):
            if on and words.strip():
                words = _around(words, mark)
    return f"[{words}]({run.href})" if run.href and words.strip() else words


def _around(words: str, mark: str) -> str:
    """Marks stand at words, not at blanks."""
    inner = words.strip()
    start = len(words) - len(words.lstrip())
    return f"{words[:start]}{mark}{inner}{mark}{words[start + len(inner) :]}"


def _plain(text: str) -> str:
    return _AT_START.sub(r"\\\1", _SPECIAL.sub(r"\\\1", text))
