"""Words of office files: a zip with XML in it, read as a stream by expat and given up early.

Not python-docx, openpyxl or odfpy: they build the whole document in memory, a hundred times its size, for a few lines
of text; and what makes XML from strangers safe (no entities, no DTD, limits on what is unpacked) has to be done below
them anyway.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

from qtmail.mime.unreadable import Unreadable

PIECE = 64 * 1024
LARGEST_MEMBER = 64 * 1024 * 1024
"""Octets unpacked of one member: what is behind is not read."""
MOST_MEMBERS = 300
_NUMBERED = re.compile(r"(\d+)\.xml$")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class _Full(Exception):
    """There is enough text."""


def docx(data: bytes, limit: int) -> str:
    """Paragraphs, tables, headers, notes and comments."""
    wanted = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$")
    return _gathered(data, wanted, lambda out: _Words(out, text={"t"}, breaks={"p", "tab", "br", "cr"}), limit)


def pptx(data: bytes, limit: int) -> str:
    """Slides and their notes."""
    wanted = re.compile(r"ppt/(slides/slide|notesSlides/notesSlide)\d+\.xml$")
    return _gathered(data, wanted, lambda out: _Words(out, text={"t"}, breaks={"p", "br"}), limit)


def xlsx(data: bytes, limit: int) -> str:
    """Texts, and numbers as they are kept; the names of the sheets."""
    wanted = re.compile(r"xl/(workbook|sharedStrings|worksheets/sheet\d+|comments\d+)\.xml$")
    return _gathered(data, wanted, _Cells, limit)


def odf(data: bytes, limit: int) -> str:
    """All of an OpenDocument text, table or presentation."""
    breaks = {"p", "h", "s", "tab", "line-break", "table-cell"}
    return _gathered(data, re.compile(r"content\.xml$"), lambda out: _Words(out, text=None, breaks=breaks), limit)


class _Output:
    """What was found, up to a limit."""

    def __init__(self, limit: int) -> None:
        self._pieces: list[str] = []
        self._left = limit

    def add(self, text: str) -> None:
        """Raises _Full."""
        self._pieces.append(text)
        self._left -= len(text)
        if self._left <= 0:
            raise _Full

    def text(self) -> str:
        return "".join(self._pieces)


class _Words:
    """The characters inside some elements (`text` None: inside all), a blank where others end."""

    def __init__(self, out: _Output, *, text: set[str] | None, breaks: set[str]) -> None:
        self._out = out
        self._text = text
        self._breaks = breaks
        self._inside = 0 if text is not None else 1

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        self._inside += self._text is not None and local in self._text

    def end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._inside -= self._text is not None and local in self._text
        if local in self._breaks:
            self._out.add("\n")

    def characters(self, text: str) -> None:
        if self._inside:
            self._out.add(text)


class _Cells(_Words):
    """Shared strings, texts in cells, and values that are no references to shared strings."""

    def __init__(self, out: _Output) -> None:
        super().__init__(out, text={"t"}, breaks={"si", "c", "text"})
        self._kept_here = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "sheet":
            self._out.add(attributes.get("name", "") + "\n")
        elif local == "c":
            self._kept_here = attributes.get("t", "n") in ("n", "str", "d")
        elif local == "v":
            self._inside += self._kept_here
        super().start(name, attributes)

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "v":
            self._inside -= self._kept_here
        super().end(name)


def _gathered(data: bytes, wanted: "re.Pattern[str]", handler: Callable[[_Output], _Words], limit: int) -> str:
    """Raises Unreadable."""
    if data.startswith(_OLE):
        raise Unreadable("it is locked by a password, or of a kind from before 2007")
    out = _Output(limit)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [one for one in archive.namelist() if wanted.match(one)]
            if not names:
                raise Unreadable("it is not what its name says")
            for name in sorted(names, key=_in_order)[:MOST_MEMBERS]:
                _read(archive, name, handler(out))
                out.add("\n")
    except _Full:
        pass
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError, RuntimeError) as error:
        if not out.text().strip():
            locked = isinstance(error, RuntimeError) or b"encryption-data" in data
            raise Unreadable(
                "it is locked by a password" if locked else "it is damaged, or locked by a password"
            ) from error
    return out.text()


def _in_order(name: str) -> tuple[str, int]:
    """sheet2 before sheet10."""
    found = _NUMBERED.search(name)
    return (name[: found.start()], int(found[1])) if found and len(found[1]) < 9 else (name, 0)


def _read(archive: zipfile.ZipFile, name: str, handler: _Words) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.characters
    parser.EntityDeclHandler = _refuse_entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    with archive.open(name) as member:
        for piece in _pieces(member):
            parser.Parse(piece, False)
    # not told that it is over: of one that was cut short, what came is good


def _pieces(member: IO[bytes]) -> Iterator[bytes]:
    left = LARGEST_MEMBER
    while left > 0 and (piece := member.read(min(PIECE, left))):
        left -= len(piece)
        yield piece


def _refuse_entity(*_declared: object) -> None:
    """No office program writes any; a mail that blows them up to gigabytes does."""
    raise Unreadable("it declares entities, which no office program does")
