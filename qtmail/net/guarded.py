"""Hosts that a mail names, asked so that they learn nothing and reach nothing: only on the internet, only as checked.

The name is resolved here and connected to at exactly the address that was checked, so that a mail can make nobody's
router, printer or cloud metadata service be asked.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection
from urllib.parse import SplitResult, quote, urlsplit

from qtmail.errors import BadInput, Refused, Unreachable

TIMEOUT = 10.0
"""Seconds for each wait."""
USER_AGENT = "Mozilla/5.0"


def checked(url: str, what: str, schemes: Collection[str] = ("http", "https")) -> SplitResult:
    """The parts of a web address. what: "a picture". Raises BadInput."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadInput(f"That is not the address of {what}.") from error
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise BadInput(f"That is not the address of {what}.")
    if any(ord(c) <= 32 or ord(c) == 127 for c in parts.netloc):
        raise BadInput(f"That is not the address of {what}.")
    return parts


def port_of(parts: SplitResult) -> int:
    """Where it is asked."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def target_of(parts: SplitResult) -> str:
    """Path and query as they go on the wire."""
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
    return quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + query


def address(host: str, port: int, what: str, *, private_allowed: bool) -> str:
    """The address to connect to. Raises Unreachable or, where any of the host's addresses is not public, Refused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The server {host} was not found.") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not private_allowed and not all(_public(one) for one in addresses):
        raise Refused(f"{what[0].upper()}{what[1:]} is on {host}, which is not on the internet.")
    return addresses[0]


def _public(one: str) -> bool:
    ip = ipaddress.ip_address(one)
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


class Connection(http.client.HTTPConnection):
    """To the address that was checked, whatever the name would say a moment later."""

    def __init__(self, parts: SplitResult, address: str) -> None:
        self._secure = parts.scheme == "https"
        self._address = address
        super().__init__(parts.hostname or "", port_of(parts), timeout=TIMEOUT)

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), TIMEOUT)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
