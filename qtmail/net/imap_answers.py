"""How IMAP commands end, and the errors that NO, BAD and BYE mean (RFC 5530)."""

import imaplib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.errors import (
    FolderGone,
    LoginFailed,
    MailboxFull,
    MailError,
    ProtocolError,
    Refused,
    ServerClosed,
    TemporarilyRefused,
    Unreachable,
)
from qtmail.net.imap_tokens import response_code
from qtmail.net.portal import web_page

_LATER = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED"}
_GONE = {"NONEXISTENT", "TRYCREATE"}
_NO_SUCH = re.compile(
    r"mailbox does ?(n't|not) exist|no such (mailbox|folder)|(mailbox|folder) not found", re.IGNORECASE
)
"""What servers say that send no code (Dovecot on SELECT)."""
_LOGIN = {"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED"}


@dataclass(frozen=True, slots=True)
class Reply:
    """How a command ended: "OK", "NO" or "BAD", the code in brackets, its argument, the words; and what came before."""

    status: str
    code: str
    argument: bytes
    words: str
    untagged: tuple[tuple[bytes, ...], ...] = ()
    """Each as text, literal, text ...; without the leading "* "."""


def odd(error: imaplib.IMAP4.error, where: str) -> MailError:
    """What imaplib raises where a reply is not as it should be."""
    return ProtocolError(f"{where} answered what is not IMAP.", server_words=printable(error.args[0]))


def tagged(line: bytes, untagged: tuple[tuple[bytes, ...], ...] = ()) -> Reply:
    """The end of a command, from its line."""
    fields = line.strip().split(b" ", 2)
    status = fields[1].decode("ascii", "replace").upper() if len(fields) > 1 else "BAD"
    code, argument, words = response_code(fields[2] if len(fields) > 2 else b"")
    return Reply(status if status in ("OK", "NO") else "BAD", code, argument, words, untagged)


def refusal(reply: Reply, where: str) -> MailError:
    """What a NO or BAD means (RFC 5530)."""
    words = f"[{reply.code}] {reply.words}".strip() if reply.code else reply.words
    if reply.code in _GONE or (not reply.code and _NO_SUCH.search(reply.words)):
        return FolderGone("The folder is not on the server.", server_words=words)
    if reply.code in _LATER:
        return TemporarilyRefused(f"{where} cannot do it now.", server_words=words, hint="It will be tried again.")
    if reply.code in _LOGIN:
        return LoginFailed(
            f"{where} does not accept the user name or the password.", server_words=words, hint="Check both."
        )
    if reply.code == "OVERQUOTA":
        return MailboxFull(
            "The mailbox on the server is full.", server_words=words, hint="Delete something there first."
        )
    if reply.code == "TOOBIG":
        return Refused("The server does not take a message as large as this.", server_words=words)
    if reply.code in ("NOPERM", "READ-ONLY"):
        return Refused("You are not allowed to do this on the server.", server_words=words)
    return Refused("The server refused.", server_words=words)


def bye(parts: Sequence[bytes], where: str) -> Unreachable | TemporarilyRefused | None:
    """The error an untagged BYE means, if this is one."""
    if not parts[0][:6].upper().startswith(b"* BYE"):
        return None
    code, _, words = response_code(parts[0][5:].strip())
    if code in _LATER:
        return TemporarilyRefused(f"{where} ended the session.", server_words=words)
    return ServerClosed(f"{where} ended the session.", server_words=words)


def no_greeting(line: bytes, where: str) -> MailError:
    """What a first line means that is neither OK nor PREAUTH."""
    if line[:5].upper() == b"* BYE":
        _, _, words = response_code(line[5:].strip())
        return TemporarilyRefused(f"{where} is not taking connections now.", server_words=words)
    return web_page(line, where) or ProtocolError(
        f"{where} does not speak IMAP.", retry=False, hint="Check the port.", server_words=printable(line)
    )


def printable(raw: object) -> str:
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    return "".join(c if c.isprintable() else " " for c in text).strip()[:300]
