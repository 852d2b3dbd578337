"""From a host name to a connected socket, within a deadline, with plain words for what went wrong."""

import socket

from qtmail.model import Server


class Wake:
    """An event a socket wait can be interrupted by: like threading.Event, and selectable.

    `set()` may be called from any thread, any number of times; it costs one byte on a socket pair.
    """

    def __init__(self) -> None:
        raise NotImplementedError

    def set(self) -> None:
        """End every wait that watches this, now and until `clear()`."""
        raise NotImplementedError

    def clear(self) -> None:
        raise NotImplementedError

    def is_set(self) -> bool:
        raise NotImplementedError

    def fileno(self) -> int:
        """Readable while set."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


def open_socket(server: Server, timeout: float) -> socket.socket:
    """A TCP connection; TLS on it already where `server.security` is TLS. Raises Unreachable or TlsFailed."""
    raise NotImplementedError


def refuse_clear_text(server: Server) -> None:
    """Raise TlsFailed if a password for this server would travel unprotected over a network (design 6, Secrets)."""
    raise NotImplementedError
