"""Lines of calendars and cards (RFC 5545, 3.1; RFC 6350, 3.3): read tolerantly, within bounds, and written."""

import re
from dataclasses import dataclass, field

from qtmail.mime.charset import decode

MOST_OCTETS = 1_000_000
"""Of a calendar or a card that is read; of a larger one its two ends: in between there is a file, or more events."""
_MOST_LINES = 20_000
_MOST_VALUE = 700_000
_FOLDED = re.compile(r"\r?\n[ \t]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEAD = re.compile(r"(?:[A-Za-z0-9-]{1,60}\.)?([A-Za-z0-9-]{1,60})((?:;[^\":]*(?:\"[^\"]*\"[^\":]*)*)?):")
_PARAMETER = re.compile(r";([A-Za-z0-9-]{1,60})=(\"[^\"]{0,2000}\"|[^;\":]{0,2000})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FOLD_AT = 74


@dataclass(frozen=True, slots=True)
class Line:
    """One content line. `written` is the whole of it, unfolded; `value` is not unescaped yet."""

    name: str
    value: str
    written: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value as people read it (RFC 5545, 3.3.11)."""
        return plain(_ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value))


def plain(text: str) -> str:
    """Without control characters and marks that turn what is around them."""
    return _CONTROL.sub("", text.replace("\r", "\n")).strip()


def lines(data: bytes, charset: str = "") -> list[Line]:
    """The lines of these octets, unfolded; what is none is passed over. Never raises."""
    if len(data) > MOST_OCTETS:
        data = data[: MOST_OCTETS // 2] + b"\r\n" + data[-MOST_OCTETS // 2 :]
    text = _FOLDED.sub("", decode(data, charset or "utf-8"))
    found: list[Line] = []
    for written in _LINE_END.split(text, _MOST_LINES)[:_MOST_LINES]:
        if len(written) <= _MOST_VALUE and (head := _HEAD.match(written)):
            parameters = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(head[2])}
            found.append(Line(head[1].upper(), written[head.end() :], _CONTROL.sub("", written), parameters))
    return found


def escaped(text: str) -> str:
    """As the value of a line."""
    for plain_, coded in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(plain_, coded)
    return _CONTROL.sub("", text)


def folded(written: list[str]) -> bytes:
    """These lines as octets: none longer than 75, no character cut (RFC 5545, 3.1)."""
    out: list[bytes] = []
    for line in written:
        piece = b""
        for letter in _LINE_END.sub(" ", line):
            octets = letter.encode("utf-8", "replace")
            if len(piece) + len(octets) > _FOLD_AT:
                out.append(piece)
                piece = b" "
            piece += octets
        out.append(piece)
    return b"".join(piece + b"\r\n" for piece in out)
