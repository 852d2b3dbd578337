"""Leaving a mailing list by one request (RFC 8058): only on the user's word, telling only what it needs."""

import http.client
import ssl
from urllib.parse import SplitResult, urljoin

from qtmail.errors import ProtocolError, Refused, TlsFailed, Unreachable
from qtmail.net.contacts import Why, noted
from qtmail.net.guarded import USER_AGENT, Connection, address, checked, port_of, target_of

MOST_REDIRECTS = 5
_BODY = b"List-Unsubscribe=One-Click"
_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "User-Agent": USER_AGENT,
    "Connection": "close",
}
_MOVED = frozenset({301, 302, 303, 307, 308})
_WHAT = "the list's page"


def unsubscribe(url: str, *, private_allowed: bool = False) -> None:
    """POST to this https address what takes one off its list. No cookie, no referrer; nothing but https, and only
    hosts on the internet (`private_allowed` is for tests alone).

    Raises Unreachable, TlsFailed, Refused (the server says no, a private host), ProtocolError, BadInput.
    """
    for _ in range(MOST_REDIRECTS + 1):
        parts = checked(url, _WHAT, ("https",))
        with noted(Why.UNSUBSCRIBE, parts.hostname or "", port_of(parts)) as contact:
            to = address(parts.hostname or "", port_of(parts), _WHAT, private_allowed=private_allowed)
            moved = _post(parts, to)
            contact.end(0, len(_BODY))
        if not moved:
            return
        url = urljoin(url, moved)
    raise Refused("The list's address leads round in circles.")


def _post(parts: SplitResult, to: str) -> str:
    """-> where it has moved to; empty: done."""
    host = parts.hostname or ""
    connection = Connection(parts, to)
    try:
        connection.request("POST", target_of(parts), body=_BODY, headers=_HEADERS)
        response = connection.getresponse()
        if response.status in _MOVED:
            return response.getheader("Location") or ""
        if not 200 <= response.status < 300:
            raise Refused(
                f"{host} did not take you off its list.",
                hint="Open its page, or write to it.",
                server_words=f"{response.status} {response.reason}"[:200],
            )
        return ""
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
