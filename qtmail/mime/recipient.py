"""For which address a message came: those it names, then those the servers on its way wrote down."""

from qtmail.mime import headers
from qtmail.mime.address import parse_addresses
from qtmail.mime.summary import facts_of

_WRITTEN_DOWN = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
    "original-recipient",
)


def came_for(raw: bytes) -> tuple[str, ...]:
    """addr-specs in lower case, each once: To, Cc, Bcc, then Delivered-To and its like. Never raises on any bytes."""
    head, _ = headers.end_of_headers(raw)
    found = headers.fields(raw[:head])
    facts = facts_of(found)
    named = [one.address for one in (*facts.to, *facts.cc, *facts.bcc)]
    for name in _WRITTEN_DOWN:
        for value in found.get(name, ()):
            text = headers.text_of(value).removeprefix("rfc822;")
            named += [one.address for one in parse_addresses(text)]
    return tuple(dict.fromkeys(one.casefold() for one in named if "@" in one))
