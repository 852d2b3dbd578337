"""Ways to prove a password or a token (RFC 4422), the same for IMAP, POP3 and SMTP."""

import base64
import binascii
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from qtmail.errors import LoginFailed
from qtmail.model import CERTIFICATE_AUTH, PASSWORD_AUTH, TOKEN_AUTH

CHECK_BOTH = "Check both. Some providers want a password made for mail programs only."

Responder = Callable[[bytes], bytes]
"""From the server's challenge (decoded) to our answer; the first challenge of a client-first mechanism is b""."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One login attempt: its name, what to answer, and whether we speak first (so that it fits in one line)."""

    name: str
    respond: Responder
    client_first: bool


def choose(
    offered: Iterable[str],
    user: str,
    secret: str,
    *,
    auth: str = PASSWORD_AUTH,
    protected: bool = True,
    clear: bool = True,
) -> Mechanism | None:
    """The first of ours that the server offers; only one is ever tried, lest a wrong password counts three times.

    auth: `Server.auth`; a token is never given to a mechanism for passwords, nor the other way round. protected: under
    TLS PLAIN comes first, else what does not show the password. clear: False where the password must not be shown.
    """
    names = {name.upper() for name in offered}
    wanted = {TOKEN_AUTH: (_Kind.TOKEN,), CERTIFICATE_AUTH: (_Kind.NOTHING,)}.get(auth, (_Kind.CHALLENGE, _Kind.CLEAR))
    for name, client_first, kind, make in sorted(_KNOWN, key=lambda known: protected and known[0] != "PLAIN"):
        if name in names and kind in wanted and (clear or kind is not _Kind.CLEAR):
            return Mechanism(name, make(user, secret), client_first)
    return None


def decode(challenge: bytes) -> bytes:
    """From base64; b"" for what is not."""
    try:
        return base64.b64decode(challenge)
    except (ValueError, binascii.Error):
        return b""


def encode(answer: bytes) -> bytes:
    """To base64, as a line carries it."""
    return base64.b64encode(answer)


def first(mechanism: Mechanism) -> bytes:
    """Our first answer as the command's own line carries it: "=" where it has no octets (RFC 4954, 4)."""
    return encode(mechanism.respond(b"")) or b"="


def wrong(where: str, words: str) -> LoginFailed:
    """The server knows the answer and it is no."""
    return LoginFailed(f"{where} does not accept the user name or the password.", server_words=words, hint=CHECK_BOTH)


def _plain(user: str, password: str) -> Responder:
    """RFC 4616."""
    return lambda _: b"\0" + user.encode() + b"\0" + password.encode()


def _login(user: str, password: str) -> Responder:
    """Never a standard; servers ask "Username:" and "Password:", or nothing in particular, in this order."""
    answers = [password.encode(), user.encode()]
    return lambda _: answers.pop() if answers else b""


def _cram_md5(user: str, password: str) -> Responder:
    """RFC 2195."""
    return lambda challenge: user.encode() + b" " + hmac.new(password.encode(), challenge, "md5").hexdigest().encode()


def _scram(mechanism: str) -> Callable[[str, str], Responder]:
    """RFC 5802 and 7677, by scramp. The server's proof is checked: raises LoginFailed if it is wrong."""

    def make(user: str, password: str) -> Responder:
        import scramp  # 50 ms, and most servers are content with PLAIN over TLS

        client = scramp.ScramClient([mechanism], user, password)

        def second(challenge: str) -> str:
            client.set_server_first(challenge)
            return str(client.get_client_final())

        def third(challenge: str) -> str:
            client.set_server_final(challenge)
            return ""

        steps: list[Callable[[str], str]] = [lambda _: str(client.get_client_first()), second, third]

        def respond(challenge: bytes) -> bytes:
            try:
                return steps.pop(0)(challenge.decode()).encode()
            except (scramp.ScramException, UnicodeDecodeError, IndexError) as error:
                raise LoginFailed(
                    "The server could not prove that it knows the password.",
                    hint="Check the user name, the password and the server's name.",
                ) from error

        return respond

    return make


def _oauthbearer(user: str, token: str) -> Responder:
    """RFC 7628, 3.1. A refusal comes as a challenge that has to be answered with one octet."""
    answers = [b"\1", f"n,a={_saslname(user)},\1auth=Bearer {token}\1\1".encode()]
    return lambda _: answers.pop() if answers else b"\1"


def _xoauth2(user: str, token: str) -> Responder:
    """Google's and Microsoft's, older than the RFC. A refusal comes as a challenge to be answered with nothing."""
    answers = [b"", f"user={user}\1auth=Bearer {token}\1\1".encode()]
    return lambda _: answers.pop() if answers else b""


def _external(user: str, _: str) -> Responder:
    """RFC 4422, appendix A: the certificate has said who we are, the name says as whom we come."""
    return lambda _challenge: user.encode()


def _saslname(user: str) -> str:
    """RFC 5801, 4."""
    return user.replace("=", "=3D").replace(",", "=2C")


class _Kind(Enum):
    """What a listener on the line learns from it."""

    NOTHING = "who we are"
    CHALLENGE = "nothing of the password"
    CLEAR = "the password"
    TOKEN = "the token"  # noqa: S105


_KNOWN: tuple[tuple[str, bool, _Kind, Callable[[str, str], Responder]], ...] = (
    ("SCRAM-SHA-256", True, _Kind.CHALLENGE, _scram("SCRAM-SHA-256")),
    ("SCRAM-SHA-1", True, _Kind.CHALLENGE, _scram("SCRAM-SHA-1")),
    ("CRAM-MD5", False, _Kind.CHALLENGE, _cram_md5),
    ("PLAIN", True, _Kind.CLEAR, _plain),
    ("LOGIN", False, _Kind.CLEAR, _login),
    ("EXTERNAL", True, _Kind.NOTHING, _external),
    ("OAUTHBEARER", True, _Kind.TOKEN, _oauthbearer),
    ("XOAUTH2", True, _Kind.TOKEN, _xoauth2),
)
