"""Pictures from the web, fetched by us and only on the user's word: no cookie, no referrer, no name of ours.

Only from the internet, checked at every redirect again: see `guarded`.
"""

import http.client
import ssl
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin

from qtmail.errors import ProtocolError, Refused, TlsFailed, Unreachable
from qtmail.net.contacts import Open, Why, noted
from qtmail.net.guarded import TIMEOUT, USER_AGENT, Connection, address, checked, port_of, target_of

MOST_OCTETS = 10_000_000
MOST_REDIRECTS = 5
_KINDS = frozenset(
    {"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp", "image/avif", "image/x-icon"}
)
_HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": USER_AGENT, "Connection": "close"}


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
    deadline = time.monotonic() + 3 * TIMEOUT  # for the picture as a whole
    for _ in range(MOST_REDIRECTS + 1):
        answer = _get(checked(url, "a picture"), private_allowed=private_allowed, deadline=deadline)
        if isinstance(answer, RemotePicture):
            return answer
        url = urljoin(url, answer)
    raise Refused("The picture's address leads round in circles.")


def _get(parts: SplitResult, *, private_allowed: bool, deadline: float) -> RemotePicture | str:
    """One request -> the picture, or where it has moved to."""
    host = parts.hostname or ""
    with noted(Why.PICTURE, host, port_of(parts)) as contact:
        to = address(host, port_of(parts), "the picture", private_allowed=private_allowed)
        return _asked(parts, to, contact, deadline)


def _asked(parts: SplitResult, to: str, contact: Open, deadline: float) -> RemotePicture | str:
    host = parts.hostname or ""
    connection = Connection(parts, to)
    target = target_of(parts)
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
