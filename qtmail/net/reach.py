"""From a host and a port to a connected socket: all of its addresses tried, the first that answers wins; or by a proxy.

RFC 8305 (happy eyeballs): the next address is tried a quarter of a second after the one before, or as soon as that
failed, the families in turn, so that a black hole in one of them costs that quarter and no more.
"""

import contextlib
import errno
import os
import selectors
import socket
import time
from itertools import chain, zip_longest
from urllib.parse import urlsplit

from qtmail.accounts import check_proxy, is_loopback
from qtmail.errors import Unreachable

STAGGER_S = 0.25
SYSTEM = "system"
"""A proxy as the system's settings say."""
_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)})
_Address = tuple[socket.AddressFamily, tuple[object, ...]]


def reach(host: str, port: int, timeout: float, proxy: str = "") -> socket.socket:
    """A blocking socket connected to it, within `timeout` seconds. proxy: "" (none), SYSTEM, or a URL.

    Raises OSError (socket.gaierror where the name is not known) and UnicodeError as socket.create_connection does;
    Unreachable for what a proxy says, BadInput for one that is none.
    """
    if proxy and not is_loopback(host) and (url := _system(host) if proxy == SYSTEM else check_proxy(proxy)):
        return _by_proxy(url, host, port, timeout)
    return _first(addresses(host, port), timeout)


def addresses(host: str, port: int) -> list[_Address]:
    """(family, address) of a name, the families in turn (RFC 8305, 4), in the resolver's order otherwise."""
    found = [(entry[0], entry[4]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    first = [one for one in found if one[0] == found[0][0]]
    other = [one for one in found if one[0] != found[0][0]]
    return [one for one in chain.from_iterable(zip_longest(first, other)) if one is not None]


def _system(host: str) -> str:
    """What the system or the environment says, for this host; "": go there directly."""
    import urllib.request  # 30 ms, and few have a proxy

    if urllib.request.proxy_bypass(host):
        return ""
    known = urllib.request.getproxies()
    for kind in ("socks", "all", "https"):
        if url := known.get(kind, ""):
            return check_proxy(url if "://" in url else f"{'socks5' if kind == 'socks' else 'http'}://{url}")
    return ""


def _by_proxy(url: str, host: str, port: int, timeout: float) -> socket.socket:
    """The proxy finds the host's address: nobody else is asked for it."""
    from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
    from python_socks.sync import Proxy

    where = urlsplit(url).netloc.rpartition("@")[2]
    try:
        sock: socket.socket = Proxy.from_url(url, rdns=True).connect(dest_host=host, dest_port=port, timeout=timeout)
    except (ProxyConnectionError, ProxyTimeoutError) as error:
        raise Unreachable(
            f"The proxy {where} does not answer.", hint="Check whether it runs, or take it out of the account."
        ) from error
    except ProxyError as error:
        raise Unreachable(
            f"The proxy {where} does not reach {host}:{port}.", hint="Check what it allows.", server_words=str(error)
        ) from error
    sock.settimeout(None)
    return sock


def _first(every: list[_Address], timeout: float) -> socket.socket:
    """The first that answers. Raises the last OSError, TimeoutError where nobody says anything."""
    deadline = time.monotonic() + timeout
    waiting: list[_Address] = list(every)
    tried: list[socket.socket] = []
    last: OSError = TimeoutError("timed out")
    next_at = 0.0
    with contextlib.ExitStack() as all_closed, selectors.DefaultSelector() as ready:
        while (now := time.monotonic()) < deadline and (waiting or ready.get_map()):
            if waiting and (now >= next_at or not ready.get_map()):
                family, address = waiting.pop(0)
                next_at = now + STAGGER_S
                try:
                    sock = all_closed.enter_context(socket.socket(family, socket.SOCK_STREAM))
                    sock.setblocking(False)
                    code = sock.connect_ex(address)
                except OSError as error:  # no such family here
                    last, next_at = error, now
                    continue
                if code and code not in _UNDER_WAY:
                    last, next_at = OSError(code, os.strerror(code)), now
                    continue
                tried.append(sock)
                ready.register(sock, selectors.EVENT_WRITE)
            until = min(deadline, next_at) if waiting else deadline
            for key, _ in ready.select(max(0.0, until - time.monotonic())):
                sock = tried[tried.index(key.fileobj)]  # type: ignore[arg-type]
                ready.unregister(sock)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if not code:
                    won = socket.socket(fileno=sock.detach())
                    won.setblocking(True)
                    return won
                last, next_at = OSError(code, os.strerror(code)), 0.0
    raise last
