"""Getting in: STARTTLS when asked for, then the best way of giving the password that the server offers."""

import imaplib

from qtmail.errors import LoginFailed, MailError, Refused, TlsFailed
from qtmail.model import CERTIFICATE_AUTH, PASSWORD_AUTH, TOKEN_AUTH, Security, Server
from qtmail.net import sasl, tls
from qtmail.net.imap_answers import Reply, odd, refusal
from qtmail.net.imap_tokens import Atom, parse
from qtmail.net.imap_transport import Granted, ImapClient, astring
from qtmail.net.sasl import Mechanism


def log_in(server: Server, password: str, timeout: float) -> tuple[ImapClient, frozenset[str]]:
    """A connection that is let in, and what the server can do for this user. Raises as `ImapSession.connect` says."""
    client = ImapClient(server, timeout)
    try:
        if server.security is Security.STARTTLS:
            _protect(client, server)
        if client._imap.state == "AUTH":  # PREAUTH: the server knows us by other means
            return client, _capabilities(client, None)
        return client, _capabilities(client, _authenticate(client, server, password))
    except MailError:
        client.wire.close()
        raise
    except imaplib.IMAP4.error as error:
        client.wire.close()
        raise odd(error, client.wire.where) from error


def _protect(client: ImapClient, server: Server) -> None:
    if client._imap.state == "AUTH" or b"STARTTLS" not in client.capabilities():
        raise tls.no_starttls(server)

    try:
        client.starttls(client.wire)
    except imaplib.IMAP4.error as error:
        raise tls.starttls_refused(server) from error


def _authenticate(client: ImapClient, server: Server, password: str) -> Reply:
    offered = {name.decode("ascii", "replace") for name in client.capabilities()}
    mechanisms = {name.removeprefix("AUTH=") for name in offered if name.startswith("AUTH=")}
    with_token = server.auth == TOKEN_AUTH
    if server.auth == PASSWORD_AUTH and "PLAIN" not in mechanisms and "LOGINDISABLED" not in offered:
        return _let_in(client, client.send(b"LOGIN", *map(astring, (server.username.encode(), password.encode()))))
    mechanism = sasl.choose(mechanisms, server.username, password, auth=server.auth)
    if mechanism:
        return _sasl(client, mechanism, initial="SASL-IR" in offered)
    if not client.wire.protected:
        raise TlsFailed(
            f"{server.host} takes no password on an unprotected connection.", hint="Choose TLS or STARTTLS."
        )
    if with_token:
        raise LoginFailed(f"{server.host} does not take a sign-in at its provider.", hint="Use a password.")
    if server.auth == CERTIFICATE_AUTH:
        raise LoginFailed(f"{server.host} does not let anybody in by a certificate.", hint="Use a password.")
    raise LoginFailed(
        f"{server.host} takes no password.", hint="It may want another kind of login, which is not known here yet."
    )


def _sasl(client: ImapClient, mechanism: Mechanism, *, initial: bool) -> Reply:
    """AUTHENTICATE (RFC 9051, 6.2.2); `initial`: the first answer may go in the same line (RFC 4959)."""
    first = (sasl.first(mechanism),) if initial and mechanism.client_first else ()
    client.said_more = bool(first)
    tag = client.send(b"AUTHENTICATE", mechanism.name.encode(), *first)
    while True:
        try:
            challenge = client.await_continuation(tag)
        except Granted as granted:
            return granted.reply
        except (Refused, LoginFailed) as error:
            raise _sharper(error, client) from error
        client.wire.sendall(sasl.encode(mechanism.respond(sasl.decode(challenge))) + b"\r\n")


def _let_in(client: ImapClient, tag: bytes) -> Reply:
    """The end of a login command."""
    reply = client.finish(tag)
    if reply.status != "OK":
        raise _sharper(refusal(reply, client.wire.where), client)
    return reply


def _sharper(error: MailError, client: ImapClient) -> MailError:
    """A NO without a code is about the password: old servers send none."""
    if isinstance(error, LoginFailed) or type(error) is Refused:
        return sasl.wrong(client.wire.where, error.server_words)
    return error


def _capabilities(client: ImapClient, login: Reply | None) -> frozenset[str]:
    """Those after login: told in the reply or before it, else asked for."""
    if login and login.code == "CAPABILITY":
        return _names(login.argument)
    reply = login if login and _told(login) else client.run(b"CAPABILITY")
    return _names(_told(reply))


def _told(reply: Reply) -> bytes:
    told = [text[0] for text in reply.untagged if text[0][:11].upper() == b"CAPABILITY "]
    return told[-1][11:] if told else b""


def _names(text: bytes) -> frozenset[str]:
    return frozenset(token.decode("ascii", "replace").upper() for token in parse((text,)) if isinstance(token, Atom))
