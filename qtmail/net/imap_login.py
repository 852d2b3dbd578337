"""Getting in: STARTTLS when asked for, then the best way of giving the password that the server offers."""

import base64
import hmac
from collections.abc import Callable

import scramp

from qtmail.errors import LoginFailed, MailError, Refused, TlsFailed
from qtmail.model import Security, Server
from qtmail.net import tls
from qtmail.net.imap_tokens import Atom, parse
from qtmail.net.imap_transport import Granted, ImapClient, Reply, astring, connect, refusal, speaking

Responder = Callable[[bytes], bytes]
"""From the server's challenge to our answer."""


def log_in(server: Server, password: str, timeout: float) -> tuple[ImapClient, frozenset[str]]:
    """A connection that is let in, and what the server can do for this user. Raises as `ImapSession.connect` says."""
    client = connect(server, timeout)
    try:
        if server.security is Security.STARTTLS:
            _protect(client, server)
        if client._imap.state == "AUTH":  # PREAUTH: the server knows us by other means
            return client, _capabilities(client, None)
        return client, _capabilities(client, _authenticate(client, server, password))
    except MailError:
        client.wire.close()
        raise


def _protect(client: ImapClient, server: Server) -> None:
    if client._imap.state == "AUTH" or b"STARTTLS" not in client.capabilities():
        raise tls.no_starttls(server)

    def start() -> ImapClient:
        client.starttls(client.wire)
        return client

    speaking(start, server)


def _authenticate(client: ImapClient, server: Server, password: str) -> Reply:
    offered = {name.decode("ascii", "replace") for name in client.capabilities()}
    user, secret = server.username.encode(), password.encode()
    if "AUTH=PLAIN" in offered:
        return _sasl(client, "PLAIN", lambda _: b"\0" + user + b"\0" + secret, ir="SASL-IR" in offered)
    if "LOGINDISABLED" not in offered:
        return _login(client, user, secret)
    for mechanism, responder in (
        ("SCRAM-SHA-256", scram(server.username, password, "SCRAM-SHA-256")),
        ("SCRAM-SHA-1", scram(server.username, password, "SCRAM-SHA-1")),
        ("LOGIN", lambda challenge: user if b"user" in challenge.lower() else secret),
        ("CRAM-MD5", cram_md5(user, secret)),
    ):
        if f"AUTH={mechanism}" in offered:
            return _sasl(client, mechanism, responder, ir=False)
    if not client.wire.protected:
        raise TlsFailed(
            f"{server.host} takes no password on an unprotected connection.", hint="Choose TLS or STARTTLS."
        )
    raise LoginFailed(
        f"{server.host} takes no password.", hint="It may want another kind of login, which is not known here yet."
    )


def _login(client: ImapClient, user: bytes, secret: bytes) -> Reply:
    return _let_in(client, client.send(b"LOGIN", astring(user), astring(secret)))


def _sasl(client: ImapClient, mechanism: str, responder: Responder, *, ir: bool) -> Reply:
    """AUTHENTICATE (RFC 9051, 6.2.2); `ir`: the first answer in the same line (RFC 4959)."""
    if ir:
        tag = client.send(b"AUTHENTICATE", mechanism.encode(), base64.b64encode(responder(b"")))
        return _let_in(client, tag)
    tag = client.send(b"AUTHENTICATE", mechanism.encode())
    while True:
        try:
            challenge = client.await_continuation(tag)
        except Granted as granted:
            return granted.reply
        except Refused as error:
            raise _sharper(error, client) from error
        client.wire.sendall(base64.b64encode(responder(_decoded(challenge))) + b"\r\n")


def _let_in(client: ImapClient, tag: bytes) -> Reply:
    """The end of a login command. A NO without a code is about the password: old servers send no codes."""
    reply = client.finish(tag)
    if reply.status != "OK":
        raise _sharper(refusal(reply, client.wire.where), client)
    return reply


def _sharper(error: MailError, client: ImapClient) -> MailError:
    if type(error) is not Refused:
        return error
    return LoginFailed(
        f"{client.wire.where} does not accept the user name or the password.",
        server_words=error.server_words,
        hint="Check both. Some providers want a password made for mail programs.",
    )


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


def _decoded(challenge: bytes) -> bytes:
    try:
        return base64.b64decode(challenge)
    except ValueError:
        return b""


def scram(user: str, password: str, mechanism: str) -> Responder:
    """RFC 5802 and 7677, by scramp. The server's proof is checked: raises LoginFailed if it is wrong."""
    steps: list[Callable[[str], str]] = []
    client = scramp.ScramClient([mechanism], user, password)

    def second(challenge: str) -> str:
        client.set_server_first(challenge)
        return str(client.get_client_final())

    def third(challenge: str) -> str:
        client.set_server_final(challenge)
        return ""

    steps = [lambda _: str(client.get_client_first()), second, third]

    def respond(challenge: bytes) -> bytes:
        try:
            return steps.pop(0)(challenge.decode()).encode()
        except (scramp.ScramException, UnicodeDecodeError, IndexError) as error:
            raise LoginFailed("The server could not prove that it knows the password.", hint=str(error)) from error

    return respond


def cram_md5(user: bytes, secret: bytes) -> Responder:
    """RFC 2195."""
    return lambda challenge: user + b" " + hmac.new(secret, challenge, "md5").hexdigest().encode()
