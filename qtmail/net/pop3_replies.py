"""What a POP3 server's words mean: -ERR and its codes (RFC 2449, 8; RFC 3206; RFC 6856, 2), CAPA, listings."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from qtmail.errors import MailError, ProtocolError, Refused, TemporarilyRefused
from qtmail.net import sasl
from qtmail.net.portal import web_page

Capabilities = Mapping[str, Sequence[str]]
"""Name in capitals -> its arguments as written. Empty where the server knows no CAPA."""

_CODE = re.compile(rb"-ERR\s*(?:\[([A-Z0-9/\-]+)\])?\s*(.*)", re.IGNORECASE | re.DOTALL)
_BUSY = re.compile(r"\block|in use|busy|another session|too many|try (again )?later", re.IGNORECASE)
"""What servers without RESP-CODES say when another program has the maildrop."""
_SHOWN = 300


def is_ok(line: bytes) -> bool:
    """Whether a status line says +OK."""
    return line[:3].upper() == b"+OK"


def failure(where: str, line: bytes, *, greeting: bool = False) -> MailError:
    """What a status line that is not +OK stands for."""
    found = _CODE.match(line)
    if not found:
        words = line[:_SHOWN].decode("utf-8", "replace")
        if greeting:
            return web_page(line, where) or ProtocolError(
                f"{where} does not speak POP3.", retry=False, hint="Check the port.", server_words=words
            )
        return ProtocolError(
            f"{where} gave an answer that makes no sense.", hint="It will be tried again.", server_words=words
        )
    code = (found[1] or b"").decode("ascii").upper()
    words = found[2].strip()[:_SHOWN].decode("utf-8", "replace")
    kind = _KINDS.get(code)
    if kind is None:
        kind = _busy if not code and _BUSY.search(words) else _refused
    return kind(where, words)


def capabilities(lines: Sequence[bytes]) -> dict[str, list[str]]:
    """Of the answer to CAPA; what is odd in it is left out."""
    found: dict[str, list[str]] = {}
    for line in lines:
        words = line.decode("ascii", "replace").split()
        if words:
            found.setdefault(words[0].upper(), []).extend(words[1:])
    return found


def numbered(lines: Sequence[bytes]) -> Iterator[tuple[int, str]]:
    """Of "number rest" lines; what is not like that is left out. The rest may be empty."""
    for line in lines:
        number, _, rest = line.strip().partition(b" ")
        if number.isdigit() and len(number) < 10:
            yield int(number), rest.strip().decode("ascii", "backslashreplace")


def _refused(where: str, words: str) -> MailError:
    return Refused("The server refused.", server_words=words)


def _busy(where: str, words: str) -> MailError:
    return TemporarilyRefused(
        f"{where}: another program is reading this mailbox.", server_words=words, hint="It will be tried again."
    )


def _later(where: str, words: str) -> MailError:
    return TemporarilyRefused(f"{where} cannot do it now.", server_words=words, hint="It will be tried again.")


def _too_often(where: str, words: str) -> MailError:
    return TemporarilyRefused(
        f"{where} was asked for mail too often.",
        server_words=words,
        hint="It will be tried again; check less often if this comes back.",
    )


def _faulty(where: str, words: str) -> MailError:
    return Refused(f"{where} has a fault with this mailbox.", server_words=words, hint="Tell its provider.")


_KINDS: dict[str, Callable[[str, str], MailError]] = {
    "IN-USE": _busy,
    "LOGIN-DELAY": _too_often,
    "SYS/TEMP": _later,
    "SYS/PERM": _faulty,
    "AUTH": sasl.wrong,
}
