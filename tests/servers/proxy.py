"""A line to a real server that can be cut: after so many octets, or now."""

import contextlib
import selectors
import socket
import threading
from types import TracebackType

from tests.servers.process import HOST


class CuttingProxy:
    """Passes everything between clients and `port`, until told otherwise.

    after: octets from the server to a client, then that connection is cut (None: never). Counted per connection.
    after_sent: the same for octets from the client.
    Both may be changed while it runs, for connections to come.
    """

    def __init__(self, port: int, after: int | None = None, after_sent: int | None = None) -> None:
        self._target = port
        self.after = after
        self.after_sent = after_sent
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.refusing = False
        """While true, new connections are closed at once: an unplugged network."""
        self.connections = 0
        self.octets_down = 0
        self.octets_up = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def __enter__(self) -> "CuttingProxy":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in list(self._threads):
            thread.join(10)

    def cut(self) -> None:
        """End every connection now."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for sock in pair:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def unplug(self) -> None:
        """Cut, and let nobody in until `plug()`."""
        self.refusing = True
        self.cut()

    def plug(self) -> None:
        self.refusing = False

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="cutting-proxy")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.refusing:
                client.close()
                continue
            self.connections += 1
            try:
                server = socket.create_connection((HOST, self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._pairs.append((client, server))
            self._spawn(self._pass_on, client, server, self.after, self.after_sent)

    def _pass_on(self, client: socket.socket, server: socket.socket, down: int | None, up: int | None) -> None:
        left = {server: down, client: up}
        other = {server: client, client: server}
        with client, server, selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            selector.register(client, selectors.EVENT_READ)
            selector.register(server, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    data = source.recv(65536)
                    allowed = left[source]
                    if allowed is not None:
                        data = data[:allowed]
                        left[source] = allowed - len(data)
                    if source is server:
                        self.octets_down += len(data)
                    else:
                        self.octets_up += len(data)
                    if data:
                        other[source].sendall(data)
                    if not data or left[source] == 0:
                        return
