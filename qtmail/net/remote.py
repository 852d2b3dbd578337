"""Pictures from the web, fetched by us and only on the user's word: no cookie, no referrer, no name of ours.

The address is resolved here and checked before connecting to exactly that address, at every redirect again, so that a
mail can make nobody's router, printer or cloud metadata service be asked.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from qtmail.errors import BadInput, ProtocolError, Refused, TlsFailed, Unreachable
from qtmail.net.contacts import Open, Why, noted

MOST_OCTETS = 10_000_000
MOST_REDIRECTS = 5
TIMEOUT = 10.0
"""Seconds for each wait; a picture as a whole gets three times that."""
_KINDS = frozenset(
    {"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/avif", "image/x-icon"}
)
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Mozilla/5.0", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class RemotePicture:
    """A fetched picture and the type its server gave it."""

    type: str
    data: bytes


def fetch_picture(url: str, *, private_allowed: bool = False) -> RemotePicture:
    """GET one http(s) picture. `private_allowed` is for tests alone: it lets loopback and private hosts be asked.

    Raises Unreachable, TlsFailed, Refused (not a picture, not found, a private host), ProtocolError (too large, too
    slow, not HTTP), BadInput (not a web address).
    """
    deadline = time.monotonic() + 3 * TIMEOUT
    for _ in range(MOST_REDIRECTS + 1):
        answer = _get(_checked(url), private_allowed=private_allowed, deadline=deadline)
        if isinstance(answer, RemotePicture):
            return answer
        url = urljoin(url, answer)
    raise Refused("The picture's address leads round in circles.")


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput("That is not the address of a picture.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise BadInput("That is not the address of a picture.")
    if any(ord(c) <= 32 or ord(c) == 127 for c in parts.netloc):
        raise BadInput("That is not the address of a picture.")
    return parts


def _address(host: str, port: int, *, private_allowed: bool) -> str:
    """The address to connect to. Raises Unreachable or, where any of the host's addresses is not public, Refused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The server {host} was not found.") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not private_allowed and not all(_public(address) for address in addresses):
        raise Refused(f"The picture is on {host}, which is not on the internet.")
    return addresses[0]


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


class _Connection(http.client.HTTPConnection):
    """To the address that was checked, whatever the name would say a moment later."""

    def __init__(self, parts: SplitResult, address: str) -> None:
        host = parts.hostname or ""
        self._secure = parts.scheme == "https"
        self._address = address
        super().__init__(host, parts.port or (443 if self._secure else 80), timeout=TIMEOUT)

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _get(parts: SplitResult, *, private_allowed: bool, deadline: float) -> RemotePicture | str:
    """One request -> the picture, or where it has moved to."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with noted(Why.PICTURE, host, port) as contact:
        return _asked(parts, _address(host, port, private_allowed=private_allowed), contact, deadline)


def _asked(parts: SplitResult, address: str, contact: Open, deadline: float) -> RemotePicture | str:
    host = parts.hostname or ""
    connection = _Connection(parts, address)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (
        "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
    )
    try:
        connection.request("GET", target, headers=_HEADERS)
        response = connection.getresponse()
        if response.status in (301, 302, 303, 307, 308):
            return response.getheader("Location") or ""
        if response.status != 200:
            raise Refused("The server does not have the picture.", server_words=f"{response.status} {response.reason}")
        kind = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        if kind not in _KINDS:
            raise Refused("What the server sent is not a picture.", server_words=kind)
        body = _body(response, deadline)
        contact.end(len(body), len(target))
        return RemotePicture(kind, body)
    except ssl.SSLError as error:
        raise TlsFailed(f"There is no safe connection to {host}: {error.reason or error}.") from error
    except TimeoutError as error:
        raise Unreachable(f"The server {host} did not answer in time.") from error
    except http.client.HTTPException as error:
        raise ProtocolError(f"The server {host} does not speak HTTP.") from error
    except OSError as error:
        raise Unreachable(f"The server {host} cannot be reached.") from error
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(65_536):
        size += len(piece)
        pieces.append(piece)
        if size > MOST_OCTETS:
            raise ProtocolError("The picture is too large.", retry=False)
        if time.monotonic() > deadline:
            raise ProtocolError("The picture takes too long.", retry=False)
    return b"".join(pieces)
