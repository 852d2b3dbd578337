"""Signing in to a POP3 server: STLS (RFC 2595), SASL (RFC 5034), APOP, and USER/PASS where nothing better is there."""

import hashlib
import re

from qtmail.accounts import is_loopback
from qtmail.errors import LoginFailed, MailError, Refused, TemporarilyRefused, TlsFailed
from qtmail.model import CERTIFICATE_AUTH, TOKEN_AUTH, Security
from qtmail.net import sasl, tls
from qtmail.net.connect import refuse_clear_text
from qtmail.net.pop3_line import PopLine
from qtmail.net.pop3_replies import Capabilities, capabilities, failure, is_ok

_STAMP = re.compile(rb"<[\x21-\x3b\x3d\x3f-\x7e]+>")
"""The time stamp of a greeting that APOP is made from (RFC 1939, 7)."""
_LONGEST = 255
"""Octets of a command line with its end (RFC 2449, 4)."""


def sign_in(line: PopLine, secret: str) -> Capabilities:
    """Protect and log in, one attempt only; -> what the server can do now. Raises TlsFailed, LoginFailed,
    TemporarilyRefused ([IN-USE], [LOGIN-DELAY], [SYS/TEMP]), Refused ([SYS/PERM])."""
    offered = capa(line)
    if line.server.security is Security.STARTTLS:
        if "STLS" not in offered:
            raise tls.no_starttls(line.server, "STLS")
        try:
            line.command("STLS")
        except (Refused, TemporarilyRefused) as error:
            raise tls.starttls_refused(line.server, "STLS") from error
        line.wire.protect()
        offered = capa(line)
    if "UTF8" in offered:  # RFC 6856, 2: mail with such headers is refused or mangled without; harmless to all other
        _ignoring_refusal(line, "UTF8")
    _log_in(line, secret, offered)
    after = capa(line)
    if "LANG" in after:  # RFC 6856, 3: its words are shown beside ours, which are English
        _ignoring_refusal(line, "LANG en")
    return after


def capa(line: PopLine) -> Capabilities:
    """CAPA (RFC 2449); empty where it is not known."""
    try:
        line.command("CAPA")
    except Refused:
        return {}
    return capabilities(line.lines())


def _ignoring_refusal(line: PopLine, command: str) -> None:
    line.settle()
    line.send(command)
    line.raw_status()


def _log_in(line: PopLine, secret: str, offered: Capabilities) -> None:
    server, wire = line.server, line.wire
    clear = wire.protected or server.clear_text_allowed or is_loopback(server.host)
    mechanism = sasl.choose(
        offered.get("SASL", ()), server.username, secret, auth=server.auth, protected=wire.protected, clear=clear
    )
    stamp = _STAMP.search(line.greeting)
    try:
        if mechanism:
            _authenticate(line, mechanism)
        elif server.auth == TOKEN_AUTH:
            raise LoginFailed(
                f"{server.host} does not take tokens.", hint="Use a password made for mail programs, if it gives one."
            )
        elif server.auth == CERTIFICATE_AUTH:
            raise LoginFailed(f"{server.host} does not let anybody in by a certificate.", hint="Use a password.")
        elif stamp:
            digest = hashlib.md5(stamp[0] + secret.encode(), usedforsecurity=False).hexdigest()
            try:
                line.command(f"APOP {server.username} {digest}")
            except Refused:
                # Servers with hashed passwords greet with a stamp, and know no APOP for this user.
                if not clear or "USER" not in offered:
                    raise
                _bare(line, secret)
        elif "USER" in offered or "SASL" not in offered:
            _refuse_clear(line, clear=clear)
            _bare(line, secret)
        else:
            _refuse_clear(line, clear=clear)
            raise LoginFailed(f"{server.host} offers no login that is known here.", hint="Choose TLS or STARTTLS.")
    except Refused as error:
        raise error if _is_fault(error) else sasl.wrong(wire.where, error.server_words) from error


def _bare(line: PopLine, secret: str) -> None:
    line.command(f"USER {line.server.username}")
    line.command(f"PASS {secret}")


def _refuse_clear(line: PopLine, *, clear: bool) -> None:
    """Raise TlsFailed where only the bare password is left, and it may not be shown."""
    if not clear:
        refuse_clear_text(line.server)
        raise TlsFailed("The password would travel unprotected, so it was not sent.")


def _is_fault(error: MailError) -> bool:
    """[SYS/PERM]: it says nothing of the password."""
    return bool(error.hint)


def _authenticate(line: PopLine, mechanism: sasl.Mechanism) -> None:
    """RFC 5034, 4. Raises what -ERR means, LoginFailed where the server's own proof is wrong."""
    first = sasl.first(mechanism).decode() if mechanism.client_first else ""
    command = f"AUTH {mechanism.name} {first or '='}" if mechanism.client_first else f"AUTH {mechanism.name}"
    if len(command) + 2 > _LONGEST:
        command = f"AUTH {mechanism.name}"
    else:
        first = ""
    line.settle()
    line.send(command)
    while True:
        reply = line.raw_status()
        if is_ok(reply):
            return
        if not reply.startswith(b"+"):
            raise failure(line.wire.where, reply)
        if first:
            answer, first = first, ""
        else:
            answer = sasl.encode(mechanism.respond(sasl.decode(reply[1:].strip()))).decode()
        line.send(answer)
