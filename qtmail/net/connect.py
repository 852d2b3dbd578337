"""From a host name to a connected wire, within a deadline, with plain words for what went wrong."""

import contextlib
import errno
import socket
import threading

from qtmail.accounts import is_loopback
from qtmail.errors import MailError, TlsFailed, Unreachable
from qtmail.model import Security, Server
from qtmail.net import contacts
from qtmail.net.contacts import Why
from qtmail.net.reach import reach
from qtmail.net.wire import Wire


class Wake:
    """An event a socket wait can be interrupted by: like threading.Event, and selectable.

    `set()` may be called from any thread, any number of times; it costs one byte on a socket pair.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on = False
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def set(self) -> None:
        """End every wait that watches this, now and until `clear()`."""
        with self._lock:
            if not self._on:
                self._on = True
                with contextlib.suppress(OSError):
                    self._far.send(b"!")

    def clear(self) -> None:
        with self._lock:
            self._on = False
            with contextlib.suppress(OSError):
                while self._near.recv(64):
                    pass

    def is_set(self) -> bool:
        return self._on

    def fileno(self) -> int:
        """Readable while set."""
        return self._near.fileno()

    def close(self) -> None:
        """Give the sockets back; nothing may wait on it any more."""
        with self._lock:
            self._near.close()
            self._far.close()


def open_wire(server: Server, timeout: float, why: Why) -> Wire:
    """A connection to this server; protected already where its security is TLS. Raises Unreachable, TlsFailed, and
    BadInput for a proxy that is none."""
    contact = contacts.Open(why, server.host, server.port)
    try:
        sock = reach(server.host, server.port, timeout, server.proxy)
    except (OSError, UnicodeError, MailError) as error:
        contact.end(trouble=type(error).__name__)
        if isinstance(error, MailError):
            raise
        raise _unreachable(error, server) from error
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # an IDLE through a router that forgot us
    wire = Wire(sock, server, timeout, contact)
    if server.security is Security.TLS:
        try:
            wire.protect()
        except MailError:
            wire.close()
            raise
    return wire


def refuse_clear_text(server: Server) -> None:
    """Raise TlsFailed if a password for this server would travel unprotected over a network (design 6, Secrets)."""
    if server.security is not Security.NONE or server.clear_text_allowed or is_loopback(server.host):
        return
    raise TlsFailed(
        f"The password for {server.host} would travel unprotected, so it was not sent.",
        hint="Choose TLS or STARTTLS; or allow clear text for this account, if you trust the whole way there.",
    )


def _unreachable(error: OSError | UnicodeError, server: Server) -> Unreachable:
    where = f"{server.host}:{server.port}"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        again = getattr(error, "errno", None) == getattr(socket, "EAI_AGAIN", None)
        return Unreachable(
            f"The server {server.host} cannot be found.",
            hint="Check the network." if again else "Check the spelling of its name, and the network.",
        )
    if isinstance(error, TimeoutError):
        return Unreachable(
            f"{where} does not answer.", hint="Check the port and the network; a firewall may be between."
        )
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(f"{where} refused the connection.", hint="Check the port; the server may be down.")
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN):
        return Unreachable(f"There is no way to {server.host} from here.", hint="Check the network.")
    return Unreachable(f"No connection to {where}: {error.strerror or error}.", hint="Check the network.")
