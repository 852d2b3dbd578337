"""One visit to the provider's page in the user's own browser, and its answer heard on loopback (RFC 8252, 7.3).

The address that comes back is only believed with the state of this visit, and the name of this provider; everything
else that knocks is turned away and the waiting goes on. The page shown then loads nothing.
"""

import base64
import hashlib
import html
import secrets
import selectors
import socket
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from qtmail.errors import SignInNeeded
from qtmail.net.connect import Wake
from qtmail.net.oauth.providers import Provider

PATIENCE_S = 600.0
"""So long somebody may take to find a password and a telephone."""
REQUEST_S = 5.0
_LONGEST = 16 * 1024
_HEAD = (
    "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: no-referrer\r\n"
    "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
)
_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>qtmail</title>"
    "<style>:root{{color-scheme:light dark}}body{{font:17px/1.5 system-ui,sans-serif;margin:20vh auto;max-width:28em;"
    "padding:0 1em}}h1{{font-size:1.4em}}</style><h1>{title}</h1><p>{words}</p></html>"
)


class Visit:
    """Listens from its making on. Use as a context manager; `address` is for the browser, then `await_code`."""

    def __init__(self, provider: Provider, login: str) -> None:
        """`login`: the mail address, shown filled in on the provider's page."""
        self._provider = provider
        self._state = secrets.token_urlsafe(32)
        self.verifier = secrets.token_urlsafe(64)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.redirect = f"http://{provider.redirect_host}:{self._listener.getsockname()[1]}/"
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": self.redirect,
            "scope": " ".join(provider.scopes),
            "state": self._state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "login_hint": login,
            **provider.extra,
        }
        joint = "&" if urlsplit(provider.authorization_endpoint).query else "?"
        self.address = f"{provider.authorization_endpoint}{joint}{urlencode(asked)}"

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def await_code(self, halt: Wake, patience: float = PATIENCE_S) -> str:
        """What the provider's page gave for this visit. Raises SignInNeeded when it said no, when `halt` was set, and
        when nobody came."""
        deadline = time.monotonic() + patience
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._listener, selectors.EVENT_READ)
            waiting.register(halt, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                ready = waiting.select(left)
                if halt.is_set():
                    raise SignInNeeded("The sign-in was cancelled.")
                if ready and (code := self._hear()):
                    return code
        raise SignInNeeded(f"Nobody signed in at {self._provider.name}.", hint="Begin again.")

    def _hear(self) -> str:
        """One request. -> the code; "" for what is not the provider's answer to this visit."""
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return ""
        with sock:
            sock.settimeout(REQUEST_S)
            try:
                target = _target(sock)
                code, title, words = self._judge(target)
            except _NotOurs as error:
                _answer(sock, "400 Bad Request", "This is not what qtmail waits for", str(error))
                return ""
            except SignInNeeded as error:
                _answer(sock, "200 OK", "Not signed in", error.sentence())
                raise
            except OSError:
                return ""
            _answer(sock, "200 OK", title, words)
            return code

    def _judge(self, target: str) -> tuple[str, str, str]:
        parts = urlsplit(target)
        told = {name: values[0] for name, values in parse_qs(parts.query).items() if len(values) == 1}
        if parts.path != "/" or not secrets.compare_digest(told.get("state", "").encode(), self._state.encode()):
            raise _NotOurs("It does not belong to a sign-in that was begun here.")
        provider = self._provider
        if provider.issuer and told.get("iss", "" if provider.names_itself else provider.issuer) != provider.issuer:
            raise SignInNeeded(
                f"The answer did not come from {provider.name}, so it was not used.",
                hint="Somebody may be trying to mislead you. Begin again.",
            )
        if "error" in told:
            words = f"{told['error']} {told.get('error_description', '')}".strip()[:300]
            raise SignInNeeded(f"{provider.name} did not let qtmail in.", server_words=words, hint="Begin again.")
        if not told.get("code"):
            raise _NotOurs("It has no code in it.")
        return told["code"], "You are signed in", "You can close this page and go back to qtmail."


class _NotOurs(Exception):
    """Something knocked that is not the provider's answer. Never leaves this module."""


def _target(sock: socket.socket) -> str:
    """Of a GET request line (RFC 9112, 3); raises _NotOurs for anything else, OSError when it does not come."""
    deadline = time.monotonic() + REQUEST_S
    head = b""
    while b"\r\n\r\n" not in head:
        chunk = sock.recv(4096)
        head += chunk
        if not chunk or len(head) > _LONGEST or time.monotonic() > deadline:
            raise _NotOurs("It is not a request.")
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) != 3 or words[0] != b"GET":
        raise _NotOurs("It is not a request for a page.")
    return words[1].decode("ascii", "replace")


def _answer(sock: socket.socket, status: str, title: str, words: str) -> None:
    page = _PAGE.format(title=html.escape(title), words=html.escape(words)).encode()
    try:
        sock.sendall(_HEAD.format(status=status, length=len(page)).encode() + page)
    except OSError:
        return  # the browser has gone; what it brought is here
