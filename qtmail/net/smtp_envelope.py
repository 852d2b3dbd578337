"""What MAIL and RCPT say of a message: sizes, letters, reports, times (RFC 1870, 6152, 6531, 3461, 2852, 4865)."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.errors import BadInput, Refused
from qtmail.model import Delivery
from qtmail.net.smtp_hello import Extensions
from qtmail.net.smtp_replies import megabytes

NOT_OFFERED = {
    "DSN": "reports about the delivery",
    "DELIVERBY": "a time until which it must be delivered",
    "FUTURERELEASE": "keeping it until a time",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """The commands of one message, and which of the author's wishes this server does not know."""

    mail: str
    recipients: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        return [self.mail, *self.recipients]


def envelope(
    where: str, offered: Extensions, sender: str, recipients: Sequence[str], content: bytes, delivery: Delivery
) -> Envelope:
    """Raises BadInput and Refused for everything that can be known before a single octet of it is sent."""
    _check(sender, recipients, content)
    if offered.max_size is not None and len(content) > offered.max_size:
        raise Refused(
            f"The message is too big: {megabytes(len(content))}, and {where} takes "
            f"{megabytes(offered.max_size)} at most.",
            hint="Send fewer or smaller attachments.",
        )
    options = [f"SIZE={len(content)}"] if "SIZE" in offered else []
    if "8BITMIME" in offered and not content.isascii():
        options.append("BODY=8BITMIME")
    if _needs_utf8(where, offered, sender, recipients, content):
        options.append("SMTPUTF8")
    missing: list[str] = []
    options += _reports(offered, delivery, missing)
    options += _times(where, offered, delivery, missing)
    mail = " ".join([f"MAIL FROM:<{sender}>", *options])
    wishes = _notify(offered, delivery)
    return Envelope(mail, tuple(f"RCPT TO:<{one}>{wishes}" for one in recipients), tuple(missing))


def _check(sender: str, recipients: Sequence[str], content: bytes) -> None:
    if not recipients:
        raise BadInput("The message has no recipient.", hint="Fill in To, Cc or Bcc.")
    for address in (sender, *recipients):
        if any(c in "<> \t" or ord(c) < 32 or ord(c) == 127 for c in address) or (
            "@" not in address and address is not sender
        ):
            raise BadInput(f"“{address}” is not an address.", hint="It looks like name@example.org.")
    if content.count(b"\n") != content.count(b"\r\n") or content.count(b"\r") != content.count(b"\r\n"):
        raise BadInput("The message has bare line ends; it must have CR LF at the end of each line.")


def _needs_utf8(where: str, offered: Extensions, sender: str, recipients: Sequence[str], content: bytes) -> bool:
    """Only where an address (its domain is in ASCII already) or the header cannot do without."""
    international = [one for one in (sender, *recipients) if not one.isascii()]
    header = content.partition(b"\r\n\r\n")[0]
    if not international and header.isascii():
        return False
    if "SMTPUTF8" not in offered and international:
        raise Refused(
            f"{where} cannot send to or from an address with letters beyond ASCII: {international[0]}.",
            hint="Use another address, if there is one.",
        )
    return "SMTPUTF8" in offered


def _reports(offered: Extensions, delivery: Delivery, missing: list[str]) -> list[str]:
    if not delivery.notify:
        return []
    if "DSN" not in offered:
        missing.append("DSN")
        return []
    return [f"RET={'FULL' if delivery.whole else 'HDRS'}"]


def _notify(offered: Extensions, delivery: Delivery) -> str:
    wanted = [one.upper() for one in ("success", "failure", "delay") if one in delivery.notify]
    return f" NOTIFY={','.join(wanted)}" if wanted and "DSN" in offered else ""


def _times(where: str, offered: Extensions, delivery: Delivery, missing: list[str]) -> list[str]:
    options = []
    if delivery.within:
        least = offered.offered.get("DELIVERBY", "")
        seconds = max(delivery.within, int(least) if least.isdigit() else 0)
        # N: "tell me", not R: "give up": mail that is late is still mail.
        options += [f"BY={seconds};N"] if "DELIVERBY" in offered else []
        missing += [] if "DELIVERBY" in offered else ["DELIVERBY"]
    if delivery.hold_until:
        options += _hold(where, offered, delivery.hold_until)
    return options


def _hold(where: str, offered: Extensions, until: int) -> list[str]:
    """HOLDFOR: seconds need no agreement on what time it is. Not offered is a no: it would go out at once."""
    left = until - int(time.time())
    if left <= 0:
        return []
    if "FUTURERELEASE" not in offered:
        raise Refused(
            f"{where} cannot keep a message until a later time.",
            hint="Edit it and let qtmail send it later; qtmail must run then.",
        )
    longest = offered.offered["FUTURERELEASE"].partition(" ")[0]
    if longest.isdigit() and left > int(longest):
        raise Refused(
            f"{where} keeps a message for {int(longest) // 86400} days at most.", hint="Choose an earlier time."
        )
    return [f"HOLDFOR={left}"]
