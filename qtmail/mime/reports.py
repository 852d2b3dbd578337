"""Mail that machines write about mail, in words: what became of it (RFC 3464), whether it was read (RFC 8098)."""

import re
from collections.abc import Iterator, Sequence

from qtmail.mime import headers, parts
from qtmail.mime.parts import Leaf

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_READ = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
_MOST_TOLD = 5
_MOST_OCTETS = 200_000
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_CODE = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_WHY = {
    "1.1": "there is no such mailbox",
    "1.2": "there is no such domain",
    "1.3": "the address is not written correctly",
    "1.6": "the mailbox has moved",
    "1.10": "the domain takes no mail",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the mail is too large for this mailbox",
    "3.1": "the server has no room",
    "3.4": "the mail is too large for the server",
    "4.1": "the server does not answer",
    "4.2": "the connection was lost",
    "4.3": "the domain's servers cannot be found just now",
    "4.4": "no way leads to its server",
    "4.6": "it went round in circles",
    "4.7": "it could not be delivered in time",
    "6.1": "the server does not take this kind of content",
    "7.0": "the server refuses it",
    "7.1": "the server refuses it",
    "7.26": "the sender could not be authenticated",
}
"""Subject and detail of the enhanced status codes (RFC 3463) that people meet."""


def told(raw: bytes, leaves: Sequence[Leaf]) -> tuple[str, ...]:
    """Sentences about what this mail reports; none for mail from people."""
    said: list[str] = []
    which = _about(raw, leaves)
    for leaf in leaves[:200]:
        if leaf.type in _DELIVERY:
            said += _deliveries(parts.content(raw, leaf)[:_MOST_OCTETS], which)
        elif leaf.type in _READ:
            said += _readings(parts.content(raw, leaf)[:_MOST_OCTETS], which)
        elif leaf.type == "message/partial":
            said.append(_part(leaf))
    return tuple(dict.fromkeys(said))


def _about(raw: bytes, leaves: Sequence[Leaf]) -> str:
    """The mail that is reported about: its subject in quotation marks, or "Your mail"."""
    for leaf in leaves[:200]:
        if leaf.type in _RETURNED:
            head = parts.content(raw, leaf)[:_MOST_OCTETS]
            end, _ = headers.end_of_headers(head)
            subject = headers.decode_words(headers.first(headers.fields(head[:end]), "subject"))
            if subject:
                return f"“{subject[:80]}”"
    return "Your mail"


def _blocks(data: bytes) -> Iterator[headers.Fields]:
    for block in _BLANK.split(data)[:200]:
        if found := headers.fields(block.lstrip(b"\r\n")):
            yield found


def _deliveries(data: bytes, which: str) -> Iterator[str]:
    found = [block for block in _blocks(data) if "action" in block or "final-recipient" in block]
    for block in found[:_MOST_TOLD]:
        yield _delivery(block, which)
    if len(found) > _MOST_TOLD:
        yield f"{len(found) - _MOST_TOLD:,} more recipients are named in the report."


def _delivery(block: headers.Fields, which: str) -> str:
    whom = _typed(headers.first(block, "original-recipient")) or _typed(headers.first(block, "final-recipient"))
    whom = whom or "one recipient"
    action = headers.clean(headers.first(block, "action")).lower()
    status = _CODE.search(headers.first(block, "status"))
    why = _WHY.get(f"{int(status[2])}.{int(status[3])}", "") if status else ""
    why = f": {why}" if why else ""
    words = _typed(headers.first(block, "diagnostic-code"))[:300]
    words = f" The server said: “{words}”." if words else ""
    match action:
        case "delayed":
            return (
                f"{which} has not reached {whom} yet{why}. The server goes on trying; you need not do anything.{words}"
            )
        case "delivered":
            return f"{which} was delivered to {whom}."
        case "relayed":
            return f"{which} was passed on towards {whom}; whether it arrived will not be reported."
        case "expanded":
            return f"{which} was passed on to all behind {whom}."
        case _:
            return f"{which} could not be delivered to {whom}{why}.{words}"


def _typed(value: str) -> str:
    """The value of "rfc822; bo@example.org" or "smtp; 550 ..."."""
    kind, semicolon, rest = value.partition(";")
    return headers.decode_words(rest if semicolon and " " not in kind.strip() else value).strip("<> ")


def _readings(data: bytes, which: str) -> Iterator[str]:
    for block in list(_blocks(data))[:1]:
        who = _typed(headers.first(block, "final-recipient")) or "The recipient"
        disposition = headers.clean(headers.first(block, "disposition")).lower()
        became = disposition.partition(";")[2]
        if "displayed" in became:
            yield f"{which} was opened by {who}. Whether it was read and understood no receipt can tell."
        elif "deleted" in became:
            yield f"{which} was deleted by {who} without being opened."
        else:
            yield f"{who} reports of {which}: {became.strip() or 'nothing'}."


def _part(leaf: Leaf) -> str:
    number, total = leaf.parameters.get("number", ""), leaf.parameters.get("total", "")
    place = f"part {number}" if number.isdigit() else "a part"
    whole = f" of {total}" if total.isdigit() else ""
    return (
        f"This is {place}{whole} of a larger mail that its sender's program cut up. "
        "Ask the sender to send it whole, or save all parts and put them together."
    )
