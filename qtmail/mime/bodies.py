"""Which leaves are the body, which are attachments, and the body's characters."""

import re
from collections.abc import Callable

from qtmail.mime import charset, headers, parts
from qtmail.mime.parts import Leaf
from qtmail.model import Part

_CONTROL_BYTES = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROL_OR_CR = _CONTROL_BYTES + b"\r"
_LONE_CR = re.compile(rb"\r(?!\n)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_BODIES = frozenset({"text/plain", "text/html"})
_MACHINERY = frozenset(
    {
        "message/delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-keys",
    }
)
"""Parts that are machinery of signed mail and reports; listed, but not counted as attachments."""

Convert = Callable[[str], str]


def body_leaves(leaves: list[Leaf]) -> list[int]:
    """The indexes of the leaves that are the message's text, in order."""
    found = [
        index
        for index, leaf in enumerate(leaves)
        if leaf.type in _BODIES and leaf.disposition != "attachment" and (not leaf.name or index == 0)
    ]
    return found[:100]


def characters(raw: bytes, leaf: Leaf, limit: int = -1, charset_override: str = "") -> str:
    """A text leaf's characters: decoded, line ends as \\n, no control characters, soft breaks (RFC 3676) undone.

    charset_override: what the user says, above every label.
    """
    data = _without_files(raw, leaf) if leaf.holes else parts.content(raw, leaf)
    if limit >= 0:
        data = data[:limit]
    declared = leaf.charset
    if leaf.type == "text/html" and not charset.codec(declared) and (meta := _META.search(data[:4096])):
        declared = meta[1].decode("ascii", "replace")
    # In ISO-2022 and UTF-16 control octets mean something; elsewhere they go before decoding, ten times faster.
    exotic = b"\x1b" in data or b"\0" in data
    text = ""
    if not exotic and not charset_override and not _LONE_CR.search(data):  # most mail: line ends cost half as octets
        text = charset.plain_utf8(data.translate(None, _CONTROL_OR_CR), declared)
    text = text or _carefully(data, declared, charset_override, exotic=exotic)
    if leaf.parameters.get("format", "").lower() == "flowed" and leaf.type == "text/plain":
        text = unflow(text, delsp=leaf.parameters.get("delsp", "").lower() == "yes")
    return text


def _carefully(data: bytes, declared: str, charset_override: str, *, exotic: bool) -> str:
    data = data if exotic else data.translate(None, _CONTROL_BYTES)
    text = charset.as_told(data, charset_override) if charset_override else charset.decode(data, declared)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text) if exotic else text


def _without_files(raw: bytes, leaf: Leaf) -> bytes:
    pieces: list[bytes] = []
    at = leaf.start
    for start, end in leaf.holes:
        pieces.append(raw[at:start])
        at = end
    return b"".join((*pieces, raw[at : leaf.end]))


def unflow(text: str, *, delsp: bool) -> str:
    """Undo format=flowed (RFC 3676): a line ending in a blank goes on in the next of the same quote depth."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if open_depth == depth and bare != "-- ":
            out[-1] += bare
        else:
            out.append(f"{'>' * depth} {bare}" if depth else bare)
        flows = bare.endswith(" ") and bare != "-- "
        if flows and delsp:
            out[-1] = out[-1][:-1]
        open_depth = depth if flows else -1
    return "\n".join(out)


def compose(
    raw: bytes,
    leaves: list[Leaf],
    bodies: list[int],
    *,
    to_text: Convert,
    to_html: Convert | None,
    limit: int = -1,
    charset_override: str = "",
) -> tuple[str, str]:
    """The text and the HTML body. Alternatives are chosen between, everything else is put one after the other.

    to_html: makes HTML of a text that stands beside HTML (a mailing list's footer); None when only text is wanted,
    and the HTML that comes back is then as good as empty.
    """
    groups: dict[int, tuple[list[str], list[str]]] = {}
    for index in bodies:
        leaf = leaves[index]
        key = leaf.alternative if leaf.alternative >= 0 else -2 - index
        plain, rich = groups.setdefault(key, ([], []))
        if leaf.type == "text/plain":
            plain.append(characters(raw, leaf, limit, charset_override))
        elif to_html is not None or not any(one.strip() for one in plain):
            rich.append(characters(raw, leaf, limit, charset_override))
    texts: list[str] = []
    htmls: list[str] = []
    for plain, rich in groups.values():
        text = "\n".join(plain)
        texts.append(text if text.strip() or not rich else "\n".join(to_text(one) for one in rich))
        if to_html is not None:
            htmls.append("\n".join(rich) if rich else to_html(text))
    any_html = any(rich for _, rich in groups.values())
    return "\n".join(texts), "\n".join(htmls) if any_html else ""


def refers_to(raw: bytes, leaves: list[Leaf], bodies: list[int]) -> Callable[[Leaf], bool]:
    """A test whether the HTML body shows this leaf as a picture (cid:). Decodes HTML only if there is a candidate."""
    if not any(leaf.content_id for leaf in leaves):
        return lambda leaf: False
    html = "\n".join(characters(raw, leaves[one], 2_000_000) for one in bodies if leaves[one].type == "text/html")
    named = {headers.unquoted(one) for one in re.findall(r"cid:([^\"'\s>)]{1,300})", html, re.IGNORECASE)}
    return lambda leaf: leaf.content_id in named


def listed(raw: bytes, leaves: list[Leaf], bodies: list[int]) -> tuple[Part, ...]:
    """All leaves but the bodies, as the reader lists them."""
    shown = refers_to(raw, leaves, bodies)
    skip = set(bodies)
    return tuple(
        Part(
            index=index,
            name=leaf.name,
            type=leaf.type,
            size=parts.size(raw, leaf),
            inline=bool(leaf.content_id) and shown(leaf),
            content_id=leaf.content_id,
            charset=headers.clean(leaf.charset),
        )
        for index, leaf in enumerate(leaves)
        if index not in skip and not leaf.opened
    )


def counts(kind: str, *, inline: bool) -> bool:
    """Whether a part of this type is what people call an attachment."""
    return not inline and kind not in _MACHINERY
