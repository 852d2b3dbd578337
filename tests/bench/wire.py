"""What went over the line to a Dovecot: octets from its log, round trips from a proxy that listens along."""

import contextlib
import re
import selectors
import socket
import threading
from types import TracebackType

from tests.servers import Dovecot
from tests.servers.process import HOST, wait_until

_ENDED = re.compile(r"imap\(([^)]*)\).*: (?:Disconnected|Connection closed|Logged out).* in=(\d+) out=(\d+)")


def octets(server: Dovecot, since: int, sessions: int = 1) -> int:
    """Both ways together, of the sessions that ended after `since` characters of the log (at least so many)."""

    def ended() -> list[re.Match[str]]:
        return list(_ENDED.finditer(server.log, since))

    wait_until(lambda: len(ended()) >= sessions, "the sessions to end in Dovecot's log")
    return sum(int(one[2]) + int(one[3]) for one in ended())


class TurnCounter:
    """Passes everything between clients and `port`, and counts how often a client spoke after it had been answered."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.turns = 0
        """Round trips so far, login included, over all connections."""
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "TurnCounter":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="turn-counter")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._spawn(self._pass_on, client, socket.create_connection((HOST, self._target)))

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        other = {client: server, server: client}
        answered = True
        with client, server, selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    data = source.recv(65536)
                    if not data:
                        return
                    if source is client and answered:
                        self.turns += 1
                    answered = source is server
                    other[source].sendall(data)
