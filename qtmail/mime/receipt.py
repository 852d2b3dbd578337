"""Read receipts: whether one is asked for, and the report that says so (RFC 8098). Nothing here sends anything."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

from qtmail import __version__
from qtmail.mime import headers
from qtmail.mime.address import parse_addresses, wire_address
from qtmail.mime.encode import Body, join, text_part
from qtmail.model import Address


@dataclass(frozen=True, slots=True)
class Wanted:
    """A receipt is asked for."""

    to: Address
    elsewhere: bool
    """It would go to another address than the one this mail came from (Return-Path), so it needs a second look."""


def wanted(raw: bytes) -> Wanted | None:
    """None where none is asked for, or by nobody who can be written to. Never raises."""
    head, _ = headers.end_of_headers(raw)
    found = headers.fields(raw[:head])
    told = parse_addresses(headers.text_of(b", ".join(found.get("disposition-notification-to", ())[:2])))
    if not told or "@" not in told[0].address:
        return None
    path = parse_addresses(headers.text_of((found.get("return-path") or [b""])[0]))
    came_from = path[0].address if path else ""
    many = len({one.address.casefold() for one in told}) > 1
    return Wanted(told[0], many or came_from.casefold() != told[0].address.casefold())


def report(me: Address, subject: str, read_at: int, zone: int, message_id: str) -> Body:
    """That this message was shown, because the user said so. `zone`: minutes east of UTC."""
    when = format_datetime(datetime.fromtimestamp(read_at, UTC).astimezone(timezone(timedelta(minutes=zone))))
    about = f"“{subject}”" if subject else "that you wrote"
    words = f"The message {about} was opened on {when}.\nThis does not say that it was read or understood.\n"
    lines = [
        f"Reporting-UA: qtmail/{__version__}",
        f"Final-Recipient: rfc822;{wire_address(me.address)}",
        f"Original-Message-ID: {message_id}" if message_id.isascii() and message_id.startswith("<") else "",
        "Disposition: manual-action/MDN-sent-manually; displayed",
    ]
    fields = "".join(f"{line}\r\n" for line in lines if line).encode("ascii", "replace")
    kind = "message/disposition-notification"
    machine = Body((f"Content-Type: {kind}", "Content-Transfer-Encoding: 7bit"), fields, kind)
    whole = join("report", [text_part(words, "plain"), machine])
    first, *rest = whole.lines
    first = first.replace("multipart/report;", "multipart/report; report-type=disposition-notification;")
    return Body((first, *rest), whole.content, whole.kind)
