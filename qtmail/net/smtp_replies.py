"""What SMTP replies mean, as errors a person can read (RFC 5321, 4.2)."""

from typing import NamedTuple

from qtmail.errors import MailError, ProtocolError, Refused, TemporarilyRefused, Uncertain
from qtmail.model import Server


class RefusedRecipient(NamedTuple):
    """One RCPT TO that was answered with `code` (4xx or 5xx) and these words."""

    address: str
    code: int
    words: str


class RecipientsRefused(Refused):
    """Not one recipient was taken, at least one of them for good; `recipients` names each."""

    recipients: tuple[RefusedRecipient, ...] = ()


class RecipientsDeferred(TemporarilyRefused):
    """Not one recipient was taken, all of them only for now."""

    recipients: tuple[RefusedRecipient, ...] = ()


def meaning(where: str, code: int, words: str) -> MailError:
    """What a reply that is not the one hoped for means."""
    said = f"{code} {words}"
    if 400 <= code < 500:
        return TemporarilyRefused(f"{where} cannot take it now.", server_words=said, hint="It will be tried again.")
    if code == 552 or (code == 554 and "size" in words.lower()):
        return Refused("The message is too big for the server, or the mailbox is full.", server_words=said)
    if 500 <= code < 600:
        return Refused("The server refused the message.", server_words=said)
    return ProtocolError(f"{where} answered what is not SMTP.", server_words=words)


def nobody(refused: tuple[RefusedRecipient, ...]) -> MailError:
    """Not one recipient was taken."""
    said = "; ".join(f"{one.address}: {one.code} {one.words}" for one in refused[:5])
    if all(400 <= one.code < 500 for one in refused):
        later = RecipientsDeferred(
            "The server cannot take mail for the recipient now.", server_words=said, hint="It will be tried again."
        )
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


def not_smtp(server: Server, code: int, words: str) -> MailError:
    """A greeting other than 220."""
    where = f"{server.host}:{server.port}"
    if 400 <= code < 600:
        return meaning(where, code, words)
    return ProtocolError(f"{where} does not speak SMTP.", retry=False, hint="Check the port.", server_words=words[:200])


def megabytes(octets: int) -> str:
    """For people."""
    return f"{octets / 1_000_000:,.1f} MB"


def text(words: bytes | str) -> str:
    """The words of a reply on one line."""
    decoded = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(decoded.split())
