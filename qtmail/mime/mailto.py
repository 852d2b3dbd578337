"""mailto: addresses (RFC 6068): whom to write to, and what."""

from dataclasses import dataclass
from urllib.parse import unquote

from qtmail.mime.address import parse_typed
from qtmail.model import Address

_MOST = 100_000
"""Characters of a URL that are looked at."""


@dataclass(frozen=True, slots=True)
class Mailto:
    """What such an address asks for; never an attachment (it could name any file)."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    body: str = ""
    in_reply_to: str = ""


def mailto(url: str) -> Mailto:
    """An empty one for a URL that makes no sense."""
    scheme, _, rest = url[:_MOST].partition(":")
    if scheme.strip().lower() != "mailto":
        return Mailto()
    path, _, query = rest.partition("?")
    fields: dict[str, list[str]] = {"to": [_text(path)]}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        fields.setdefault(_text(name).lower(), []).append(_text(value))

    def people(name: str) -> tuple[Address, ...]:
        return parse_typed(", ".join(filter(None, fields.get(name, []))))[0]

    return Mailto(
        to=people("to"),
        cc=people("cc"),
        bcc=people("bcc"),
        subject=" ".join(" ".join(fields.get("subject", [])).split()),
        body="\n".join(fields.get("body", [])).replace("\r\n", "\n"),
        in_reply_to=_message_id(fields.get("in-reply-to", [""])[0]),
    )


def _text(part: str) -> str:
    """ "+" is itself here, unlike in web forms; controls other than line ends go."""
    return "".join(char for char in unquote(part) if char >= " " or char in "\r\n")


def _message_id(text: str) -> str:
    found = text.strip()
    return found if found.startswith("<") and found.endswith(">") and " " not in found else ""
