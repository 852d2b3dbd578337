"""What SMTP replies mean, as errors a person can read (RFC 5321, 4.2; RFC 3463)."""

from typing import NamedTuple

from qtmail.errors import MailError, ProtocolError, Refused, TemporarilyRefused, Uncertain
from qtmail.model import Server
from qtmail.net.smtp_dialog import Reply


class RefusedRecipient(NamedTuple):
    """One RCPT TO that was answered with `code` (4xx or 5xx) and these words, the enhanced status before them."""

    address: str
    code: int
    words: str

    @property
    def for_now(self) -> bool:
        """It may be taken later."""
        return 400 <= self.code < 500


class RecipientsRefused(Refused):
    """Not one recipient was taken, at least one of them for good; `recipients` names each."""

    recipients: tuple[RefusedRecipient, ...] = ()


class RecipientsDeferred(TemporarilyRefused):
    """Not one recipient was taken, all of them only for now."""

    recipients: tuple[RefusedRecipient, ...] = ()


_AGAIN = "It will be tried again."
_STATUS: dict[str, tuple[str, str]] = {
    "1.1": ("There is no such mailbox.", "Check the address."),
    "1.2": ("There is no such mail domain.", "Check what comes after the @."),
    "1.3": ("The address is not written as one.", "Check the address."),
    "1.6": ("The mailbox has moved, nobody says where to.", "Ask the recipient for the new address."),
    "1.8": ("The sender's address is not known there.", "Check the address of this account."),
    "1.10": ("The recipient's domain takes no mail at all.", "Check what comes after the @."),
    "2.1": ("The mailbox is switched off.", "Reach the recipient in another way."),
    "2.2": ("The mailbox is full.", "Try later, or reach the recipient in another way."),
    "2.3": ("The message is too big for this mailbox.", "Send fewer or smaller attachments."),
    "3.4": ("The message is too big for the server.", "Send fewer or smaller attachments."),
    "6.7": ("The server on the way cannot take letters beyond ASCII in an address.", "Use another address."),
    "7.0": ("The server does not want this message.", "What it says may tell why."),
    "7.1": ("The server does not let this be sent.", "Check the account's address and login for sending."),
    "7.8": ("The user name or the password for sending is wrong.", "Check both in the account's settings."),
    "7.26": ("The sender's domain does not allow its mail to be sent by this server.", "Ask who runs your domain."),
}
"""By the enhanced status without its class: (what it means, what to do)."""


def meaning(where: str, reply: Reply) -> MailError:
    """What a reply that is not the one hoped for means."""
    code, said = reply.code, str(reply)
    known = _STATUS.get(reply.status.partition(".")[2])
    if 400 <= code < 500:
        if "greylist" in said.lower() or "graylist" in said.lower():
            what = f"{where} takes mail from those it does not know yet only at the second try, some minutes later."
            return TemporarilyRefused(what, server_words=said, hint=_AGAIN)
        of_the_mailbox = known and reply.status.startswith("4.2")
        what = known[0] if known and of_the_mailbox else f"{where} cannot take it now."
        return TemporarilyRefused(what, server_words=said, hint=_AGAIN)
    if 500 <= code < 600 and known:
        return Refused(known[0], server_words=said, hint=known[1])
    if code == 552 or (code == 554 and "size" in said.lower()):
        return Refused("The message is too big for the server, or the mailbox is full.", server_words=said)
    if 500 <= code < 600:
        return Refused("The server refused the message.", server_words=said)
    return ProtocolError(f"{where} answered what is not SMTP.", server_words=said)


def nobody(refused: tuple[RefusedRecipient, ...]) -> MailError:
    """Not one recipient was taken."""
    said = "; ".join(f"{one.address}: {one.code} {one.words}" for one in refused[:5])
    if all(one.for_now for one in refused):
        later = RecipientsDeferred("The server cannot take mail for the recipient now.", server_words=said, hint=_AGAIN)
        later.recipients = refused
        return later
    error = RecipientsRefused(
        "The server refused the recipient." if len(refused) == 1 else "The server refused every recipient.",
        server_words=said,
        hint="Check the address." if len(refused) == 1 else "Check the addresses.",
    )
    error.recipients = refused
    return error


def uncertain(where: str, why: str, words: str = "") -> Uncertain:
    """The end of the story is not known."""
    return Uncertain(
        "The message was handed over, but the server's answer did not come: it may have been sent or not. "
        f"({why.rstrip('.')})",
        hint=f"Look in Sent, or ask a recipient, before sending it again through {where}.",
        server_words=words,
    )


def not_smtp(server: Server, greeting: Reply) -> MailError:
    """A greeting other than 220."""
    where = f"{server.host}:{server.port}"
    if 400 <= greeting.code < 600:
        return meaning(where, greeting)
    words = str(greeting)[:200]
    return ProtocolError(f"{where} does not speak SMTP.", retry=False, hint="Check the port.", server_words=words)


def megabytes(octets: int) -> str:
    """For people."""
    return f"{octets / 1_000_000:,.1f} MB"
