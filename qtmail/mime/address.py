"""Mailboxes: reading them from headers and from what people type, writing them for eyes and for headers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.header import Header
from functools import lru_cache

from qtmail.mime import headers
from qtmail.mime.domains import is_honest
from qtmail.model import Address

MAX_MAILBOXES = 10_000
_USUAL = 100
"""Characters of a header up to which it is likely to be met again."""

_SIMPLE = re.compile(r'\s*(?:"([^"\\<>=]*)"\s*|([^"\\<>(),:;@]*))<([^\s<>(),:;"]+@[^\s<>(),:;"@]+)>\s*$')
_BARE = re.compile(r"[^\s<>(),:;\"@=?]+@[^\s<>(),:;\"@=?]+$")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[<>(),:;"]|[^<>(),:;"\\]+|\\', re.DOTALL)
_TYPED_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?<![^\s,;])\'[^\'\n]*\'(?=\s*<)|[<>(),:;"\'\n]|[^<>(),:;"\'\n]+', re.DOTALL
)
_ATOM_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+$")
_LOCAL = re.compile(r"[^\s\x00-\x1f\x7f<>(),:;\"@\\\[\]]+$")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$")


@dataclass(slots=True)
class _Mailbox:
    """What is being read: the words before "<", what is inside the brackets (None: none yet), and the comment."""

    words: list[str] = field(default_factory=list)
    angle: list[str] | None = None
    closed: bool = False
    comment: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.words) or self.angle is not None

    @property
    def phrase(self) -> str:
        return headers.clean(" ".join(self.words))


def parse_addresses(header: str) -> tuple[Address, ...]:
    """The mailboxes of an address header (RFC 5322, 3.4), names decoded *after* parsing. Never raises.

    Groups are flattened; comments are dropped; a name without an address is kept with an empty `address`.
    """
    return _usual_addresses(header) if len(header) <= _USUAL else _parse(header)


def _parse(header: str) -> tuple[Address, ...]:
    if simple := _SIMPLE.match(header):
        name = simple[1] if simple[1] is not None else simple[2]
        return (Address(headers.decode_words(name), headers.clean(simple[3])),)
    if _BARE.match(header):
        return (Address("", headers.clean(header)),)
    found: list[Address] = []
    loose = ""
    for mailbox in _mailboxes(header[: headers.MAX_VALUE]):
        if mailbox.angle is None and "@" not in mailbox.phrase and not mailbox.comment:
            # "Doe, Jane <jane@x>" without the quotes it needs: the name goes on after the comma.
            loose = f"{loose}, {mailbox.phrase}" if loose else mailbox.phrase
            continue
        if loose and mailbox.angle is None:
            found.append(Address(headers.decode_words(loose), ""))
        elif loose:
            mailbox.words.insert(0, loose + ",")
        loose = ""
        address = _address(mailbox)
        if address.name or address.address:
            found.append(address)
        if len(found) >= MAX_MAILBOXES:
            break
    if loose:
        found.append(_nameless(loose))
    return tuple(found)


_usual_addresses = lru_cache(maxsize=2000)(_parse)
"""The same people write again."""


def _nameless(phrase: str) -> Address:
    """A word without "@": a local user ("root"), or a name that nobody can be reached by."""
    if " " not in phrase and "=?" not in phrase:
        return Address("", phrase)
    return Address(headers.decode_words(phrase), "")


def _address(mailbox: _Mailbox) -> Address:
    phrase = mailbox.phrase
    if mailbox.angle is not None:
        return Address(headers.decode_words(phrase), _joined("".join(mailbox.angle)))
    # No brackets: "bo@x" alone, with a name in front, or with one in a comment behind.
    before, _, last = phrase.rpartition(" ")
    if "@" not in before and (mailbox.comment or "@" in last):
        return Address(headers.decode_words(before or " ".join(mailbox.comment)), _joined(last))
    return Address("", _joined(phrase))


def _joined(address: str) -> str:
    """An addr-spec without blanks and route ("@a,@b:c@d" is c@d), never with encoded words decoded."""
    address = "".join(headers.clean(address).split())
    if address.startswith("@") and ":" in address:
        address = address.rpartition(":")[2]
    return address.removeprefix("mailto:")


def _mailboxes(text: str) -> Iterator[_Mailbox]:
    """Cut an address list at its commas, outside quotes, comments and brackets. Linear in the text's length."""
    mailbox = _Mailbox()
    depth = 0
    for piece in _TOKEN.findall(text):
        if depth or piece == "(":
            depth += (piece == "(") - (piece == ")")
            if piece not in {"(", ")"}:
                mailbox.comment.append(piece)
        elif piece in {",", ";"} and not (mailbox.angle and mailbox.angle[0].startswith("@")):
            if mailbox:
                yield mailbox
            mailbox = _Mailbox()
        elif mailbox.angle is not None:
            mailbox.closed |= piece == ">"
            if not mailbox.closed:
                mailbox.angle.append(piece)
        elif piece == "<":
            mailbox.angle = []
        elif piece == ":":
            # "Friends: a@b, c@d;" names a group (RFC 5322, 3.4).
            mailbox = _Mailbox()
        elif piece != ">" and piece.strip():
            mailbox.words.append(_unquoted(piece))
    if mailbox:
        yield mailbox


def _unquoted(piece: str) -> str:
    if len(piece) > 1 and piece[0] == piece[-1] and piece[0] in "\"'":
        return re.sub(r"\\(.)", r"\1", piece[1:-1], flags=re.DOTALL)
    return piece.strip().removeprefix('"')


def parse_typed(text: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """What a user typed in To: mailboxes split at commas, semicolons and line ends, and a sentence for each mistake."""
    found: list[Address] = []
    errors: list[str] = []
    for piece in _typed_pieces(text):
        address = _typed_address(piece)
        problem = check_address(address.address)
        if problem:
            errors.append(problem)
        else:
            found.append(address)
    return tuple(found), tuple(errors)


def split_typed(text: str) -> tuple[str, ...]:
    """The pieces of what a user typed in To:, each meant as one mailbox: what `parse_typed` looks at one by one."""
    return tuple(_typed_pieces(text))


def _typed_pieces(text: str) -> list[str]:
    pieces: list[list[str]] = [[]]
    inside = False
    for piece in _TYPED_TOKEN.findall(text):
        inside = piece == "<" or (inside and piece != ">")
        if piece == "\n" or (piece in {",", ";"} and not inside):
            pieces.append([])
            inside = False
        else:
            pieces[-1].append(piece)
    joined = ("".join(piece).strip() for piece in pieces)
    return [piece for piece in joined if piece]


def _typed_address(piece: str) -> Address:
    if piece.endswith(">") and "<" in piece:
        name, _, address = piece[:-1].rpartition("<")
        return Address(headers.clean(_unquoted(name.strip())), _joined(address))
    name, _, last = piece.rpartition(" ")
    if name and "@" in last and "@" not in name:
        return Address(headers.clean(_unquoted(name.strip())), _joined(last))
    return Address("", headers.clean(piece).removeprefix("mailto:"))


def check_address(address: str) -> str | None:
    """Why this addr-spec cannot be written to, as a sentence for the user; None when it can."""
    local, at, domain = address.rpartition("@")
    shown = address if len(address) <= 60 else address[:57] + "..."
    if not address.strip():
        return "An address is missing."
    if not at:
        return f"“{shown}” is no mail address: it has no “@”."
    if not local or not domain:
        return f"“{shown}” is no mail address: something is missing beside the “@”."
    if len(local.encode()) > 64 or len(address.encode()) > 254:
        return f"“{shown}” is too long for a mail address."
    quoted = len(local) > 2 and local[0] == local[-1] == '"' and not re.search(r"[\x00-\x1f\x7f]", local)
    if not quoted and (not _LOCAL.match(local) or ".." in local or local[0] == "." or local[-1] == "."):
        return f"“{shown}” is no mail address: the part before the “@” is not written like one."
    if not _domain_ok(domain):
        return f"“{shown}” is no mail address: “{domain[:60]}” cannot be a mail server's name."
    return None


def _domain_ok(domain: str) -> bool:
    if domain.startswith("[") and domain.endswith("]"):
        return re.fullmatch(r"\[(?:IPv6:)?[0-9A-Fa-f.:]{3,45}\]", domain) is not None
    try:
        ascii_domain = _to_ascii(domain)
    except UnicodeError:
        return False
    return len(ascii_domain) <= 253 and all(
        len(label) <= 63 and _LABEL.match(label) for label in ascii_domain.split(".")
    )


def _to_ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna  # 10 ms for its tables, and most domains are ASCII

    return idna.encode(domain, uts46=True, transitional=False).decode("ascii")


def display(address: Address) -> str:
    """For eyes: name and address, the name quoted where needed, the domain in its own script where that is safe."""
    shown = display_address(address.address)
    name = headers.clean(address.name)
    if not name:
        return shown
    if re.search(r"[,;:<>()\"@\\\[\]']", name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{shown}>"


def display_list(addresses: Iterable[Address]) -> str:
    """For an editable To field: `parse_typed` reads it back to the same mailboxes."""
    return ", ".join(display(address) for address in addresses)


def display_address(address: str) -> str:
    """An addr-spec with its domain in Unicode, unless that domain could be taken for another (mixed scripts)."""
    local, at, domain = headers.clean(address).rpartition("@")
    if "xn--" not in domain.lower():
        return f"{local}{at}{domain}"
    import idna

    try:
        shown = idna.decode(domain)
    except UnicodeError:
        return f"{local}{at}{domain}"
    return f"{local}{at}{shown if all(map(is_honest, shown.split('.'))) else domain}"


def wire_address(address: str) -> str:
    """An addr-spec for envelope and headers: the domain as ASCII (IDNA 2008, UTS 46). Line breaks are removed."""
    address = "".join(headers.clean(address).split()).replace("<", "").replace(">", "")
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{_to_ascii(domain)}"
    except UnicodeError:
        return address


def to_header(address: Address) -> str:
    """One mailbox for a header: name as quoted-string or RFC 2047 words, no line breaks whatever the input."""
    name, spec = headers.clean(address.name), wire_address(address.address)
    if not name:
        return spec if _BARE.match(spec) else f"<{spec}>"
    if not name.isascii() or "=?" in name:
        return f"{Header(name, 'utf-8', maxlinelen=75).encode(linesep='')} <{spec}>"
    if not _ATOM_NAME.match(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{spec}>"
