"""A line to a real server that takes its time: every octet arrives so many seconds later, as over a continent."""

import contextlib
import queue
import socket
import threading
import time
from types import TracebackType

from tests.servers.process import HOST

_Due = tuple[float, bytes]


class DelayingProxy:
    """Passes everything between clients and `port`, each way `one_way` seconds late; as fast as it comes otherwise.

    `freeze()`: from then on nothing arrives on the connections there are, and nobody is told: they are half open.
    freeze_after: each connection is frozen after so many octets one way.
    """

    def __init__(self, port: int, one_way: float = 0.025, *, freeze_after: int | None = None) -> None:
        self._target = port
        self.one_way = one_way
        self._freeze_after = freeze_after
        self._lines: list[threading.Event] = []
        """Of each connection, in the order they were made: set when it is frozen."""
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "DelayingProxy":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in list(self._threads):
            thread.join(10)

    def freeze(self) -> None:
        """Swallow everything on the connections there are; they stay open."""
        for frozen in self._lines:
            frozen.set()

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="delaying-proxy")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection((HOST, self._target))
            frozen = threading.Event()
            self._lines.append(frozen)
            self._sockets += [client, server]
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink in ((client, server), (server, client)):
                line: queue.Queue[_Due] = queue.Queue()
                self._spawn(self._take, source, line, frozen)
                self._spawn(self._give, sink, line)

    def _take(self, source: socket.socket, line: "queue.Queue[_Due]", frozen: threading.Event) -> None:
        data, left = b"-", self._freeze_after
        while data:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            if left is not None:
                left -= len(data)
                if left < 0:
                    frozen.set()
            if not frozen.is_set():
                line.put((time.monotonic() + self.one_way, data))
        line.put((0.0, b""))

    def _give(self, sink: socket.socket, line: "queue.Queue[_Due]") -> None:
        while True:
            due, data = line.get()
            if not data:
                break
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                sink.sendall(data)
            except OSError:
                break
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
