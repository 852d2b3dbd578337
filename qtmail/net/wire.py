"""A socket with manners: buffered lines and literals, limits on everything, and an overall deadline for a command.

It stands in for the socket and its file in imaplib, poplib and smtplib, and for the TLS context in their STARTTLS
methods, so that all three read through these limits and raise these errors.
"""

import contextlib
import selectors
import socket
import ssl
import time
import zlib
from collections.abc import Callable
from typing import Protocol

from qtmail.errors import MailError, ProtocolError, ServerClosed, TlsFailed, Unreachable
from qtmail.model import Server
from qtmail.net import tls
from qtmail.net.contacts import Open

LINE_LIMIT = 16 * 1024 * 1024
"""Octets in a line: room for a SEARCH reply with two million UIDs, not for an endless one."""
SLOWEST = 4096
"""Octets a second that count as progress: what has been received buys this much more time."""
_CHUNK = 256 * 1024
_RECORD = 16 * 1024
"""What one TLS record holds at most: asking for more only costs memory to be given back."""
_SEND_CHUNK = 64 * 1024


class Selectable(Protocol):
    """What `wait` can be interrupted by."""

    def fileno(self) -> int: ...


class Wire:
    """One connection. All failures are Unreachable, ServerClosed, TlsFailed or ProtocolError.

    The time a server may keep us waiting is counted over a whole command, from `begin()`: `patience` seconds and one
    more for every SLOWEST octets it sent. Time spent by the caller between reads does not count.

    `bytes_in` and `bytes_out` count what the network carries (inside TLS, compressed where it is); `waited` the
    seconds spent waiting for it, since the beginning.
    """

    def __init__(self, sock: socket.socket, server: Server, patience: float, contact: Open | None = None) -> None:
        """contact: told how much was carried when it is over."""
        self._contact = contact
        self._sock = sock
        self._server = server
        self._buffer = b""
        self._at = 0
        self._set_timeout = -1.0
        self._waited = 0.0
        self._received = 0
        self._inflate: Inflate | None = None
        self._deflate: zlib._Compress | None = None
        self.waited = 0.0
        self.patience = patience
        self.protected = False
        self.bytes_in = 0
        self.bytes_out = 0
        self.on_sent: Callable[[int], None] | None = None
        """Told the octets sent so far, after every chunk."""

    @property
    def where(self) -> str:
        return f"{self._server.host}:{self._server.port}"

    def begin(self) -> None:
        """A new command: the clock starts anew."""
        self._waited = 0.0
        self._received = 0

    def protect(self) -> None:
        """TLS from here on. Raises TlsFailed or Unreachable, and TlsFailed for words slipped in before it began."""
        if self._at < len(self._buffer):
            raise TlsFailed(
                f"{self.where} sent something between STARTTLS and the handshake.",
                hint="Somebody may be tampering with the connection.",
            )
        try:
            self._sock.settimeout(self.patience)
            wrapped = tls.context(self._server).wrap_socket(self._sock, server_hostname=self._server.host)
            self._sock = wrapped
            tls.check_exception(wrapped.getpeercert(binary_form=True) or b"", self._server)
        except (OSError, ValueError) as error:
            if isinstance(error, ValueError) and not isinstance(error, OSError):
                raise TlsFailed(f"“{self._server.host}” cannot be a server's name.") from error
            raise tls.explain(error, self._server) from error
        self._set_timeout = -1.0
        self.protected = True

    def compress(self) -> None:
        """DEFLATE in both directions from the next octet on (RFC 4978)."""
        self._inflate = Inflate()
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        rest = self._rest()
        if rest:
            self._buffer, self._at = self._inflated(rest), 0

    @property
    def compressed(self) -> bool:
        return self._inflate is not None

    # What the standard library's clients call on a TLS context, a socket and its file.

    def wrap_socket(self, sock: object, server_hostname: str | None = None) -> "Wire":
        """Stands in for SSLContext.wrap_socket in the libraries' own STARTTLS methods. -> itself, protected."""
        self.protect()
        return self

    def makefile(self, mode: str) -> "Wire":
        return self

    def settimeout(self, seconds: float | None) -> None:
        """Ignored: time is counted here."""

    def shutdown(self, how: int) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(how)

    def abort(self) -> None:
        """From any thread: every wait for this connection, now and later, ends with ServerClosed."""
        self.patience = min(self.patience, 1.0)
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)  # SSLSocket's own drops its state under the reader

    def close(self) -> None:
        """At once, unsent bytes dropped; may be called twice."""
        with contextlib.suppress(OSError):
            self._sock.close()
        if self._contact:
            self._contact.end(self.bytes_in, self.bytes_out)

    def fileno(self) -> int:
        return self._sock.fileno()

    # Reading and writing

    def readline(self, limit: int = LINE_LIMIT) -> bytes:
        """The next line with its ending. Raises ServerClosed at the end of the stream, ProtocolError past `limit`."""
        end = self._buffer.find(b"\n", self._at)
        if end >= 0:
            line = self._buffer[self._at : end + 1]
            self._at = end + 1
            return line
        return self._long_line(limit)

    def _long_line(self, limit: int) -> bytes:
        pieces = [self._rest()]
        size = len(pieces[0])
        while True:
            chunk = self._receive()
            end = chunk.find(b"\n")
            if end >= 0:
                self._buffer, self._at = chunk, end + 1
                pieces.append(chunk[: end + 1])
                return b"".join(pieces)
            pieces.append(chunk)
            size += len(chunk)
            if size > min(limit, LINE_LIMIT):
                self.close()
                raise ProtocolError(f"{self.where} sent an endless line.", hint="The connection was given up.")

    def read(self, size: int) -> bytes:
        """Exactly `size` octets."""
        end = self._at + size
        if end <= len(self._buffer):
            data = self._buffer[self._at : end]
            self._at = end
            return data
        pieces = [self._rest()]
        missing = size - len(pieces[0])
        while missing > 0:
            chunk = self._receive()
            if len(chunk) > missing:
                self._buffer, self._at = chunk, missing
                chunk = chunk[:missing]
            pieces.append(chunk)
            missing -= len(chunk)
        return b"".join(pieces)

    def skip(self, size: int) -> None:
        """Read and forget `size` octets, without holding them."""
        while size > 0:
            size -= len(self.read(min(size, _CHUNK)))

    def read_into(self, write: Callable[[bytes], object], size: int) -> None:
        """Hand `size` octets to `write`, a piece at a time. What `write` raises leaves the rest unread: see `skip`."""
        while size > 0:
            piece = self.read(min(size, _CHUNK))
            size -= len(piece)
            write(piece)

    def read_dotted(self, limit: int, ending: bytes = b"\r\n") -> bytes:
        """What comes before the line ".", dot-stuffing undone (RFC 1939, 3). Raises ProtocolError past `limit`."""
        mark = ending + b"." + ending
        end = self._buffer.find(mark, self._at)
        if end >= 0 and not self._buffer.startswith(mark[len(ending) :], self._at):
            data = self._buffer[self._at : end + len(ending)]
            self._at = end + len(mark)
        else:
            data = self._long_dotted(limit, mark, len(ending))
        return (ending + data).replace(ending + b"..", ending + b".")[len(ending) :]

    def _long_dotted(self, limit: int, mark: bytes, ending: int) -> bytes:
        """The same where it is not all in the buffer yet (or is empty): the line end before it is put back."""
        data = bytearray(mark[:ending] + self._rest())
        end = data.find(mark)
        while end < 0:
            if len(data) > limit:
                raise self._far_more()
            start = max(0, len(data) - len(mark) + 1)
            data += self._receive()
            end = data.find(mark, start)
        self._buffer, self._at = bytes(data[end + len(mark) :]), 0
        return bytes(data[ending : end + ending])

    def dotted_into(self, write: Callable[[bytes], object], limit: int, ending: bytes = b"\r\n") -> None:
        """As `read_dotted`, a piece at a time: handed to `write`, which must not raise."""
        mark, stuffed, plain = ending + b"." + ending, ending + b"..", ending + b"."
        data = ending + self._rest()
        prefix, size = len(ending), 0
        while (end := data.find(mark)) < 0:
            # Cut where a line ends, or in the middle of an endless one: never within what stands for a dot.
            cut = data.rfind(ending)
            cut = cut if cut > 0 else max(0, len(data) - len(mark))
            if cut > _CHUNK or len(data) > 2 * _CHUNK:
                write(data[:cut].replace(stuffed, plain)[prefix:])
                size += cut
                data, prefix = data[cut:], 0
            if size > limit:
                raise self._far_more()
            data += self._receive()
        self._buffer, self._at = data[end + len(mark) :], 0
        write(data[: end + len(ending)].replace(stuffed, plain)[prefix:])

    def dotted_here(self, ending: bytes = b"\r\n") -> bool:
        """True if the end of what `read_dotted` would give was received already."""
        return self._buffer.find(ending + b"." + ending, self._at) >= 0

    def _far_more(self) -> ProtocolError:
        self.close()
        return ProtocolError(f"{self.where} sent far more than was announced.")

    def buffered(self) -> bool:
        """True if something was received that nobody has read yet."""
        if self._at >= len(self._buffer) and self._inflate and self._inflate.more:
            self._buffer, self._at = self._inflated(b""), 0
        if self._at < len(self._buffer):
            return True
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def wait(self, stop: Selectable, seconds: float) -> bool:
        """Until there is something to read (True), or `stop` is readable or time is up (False)."""
        if self.buffered():
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            selector.register(stop, selectors.EVENT_READ)
            ready = [key.fileobj for key, _ in selector.select(max(0.0, seconds))]
        return bool(ready) and stop not in ready

    def sendall(self, data: bytes) -> None:
        """Send, within `patience` a chunk. Raises ServerClosed or Unreachable."""
        try:
            self._limit(self.patience)
            if self._deflate:
                data = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
            for start in range(0, len(data), _SEND_CHUNK):
                chunk = data[start : start + _SEND_CHUNK]
                self._sock.sendall(chunk)
                self.bytes_out += len(chunk)
                if self.on_sent:
                    self.on_sent(self.bytes_out)
        except OSError as error:
            raise self._broken(error) from error

    def _rest(self) -> bytes:
        rest = self._buffer[self._at :]
        self._buffer, self._at = b"", 0
        return rest

    def _receive(self) -> bytes:
        """Some octets, at least one, at most about _CHUNK: a few compressed ones may stand for gigabytes."""
        if self._inflate is None:
            return self._receive_raw()
        data = self._inflated(b"")
        while not data:
            data = self._inflated(self._receive_raw())
        return data

    def _inflated(self, raw: bytes) -> bytes:
        assert self._inflate
        try:
            return self._inflate.take(raw)
        except zlib.error as error:
            self.close()
            raise ProtocolError(f"{self.where} sent compressed data that makes no sense.") from error

    def _receive_raw(self) -> bytes:
        allowed = self.patience + self._received / SLOWEST - self._waited
        if allowed <= 0:
            raise self._broken(TimeoutError())
        self._limit(min(allowed, self.patience))
        began = time.monotonic()
        try:
            chunk = self._sock.recv(_RECORD if self.protected else _CHUNK)
        except OSError as error:
            raise self._broken(error) from error
        took = time.monotonic() - began
        self._waited += took
        self.waited += took
        if not chunk:
            raise self._broken(None)
        self._received += len(chunk)
        self.bytes_in += len(chunk)
        return chunk

    def _limit(self, seconds: float) -> None:
        """Set the socket's timeout, if it changed by more than the clock's noise (it is a system call)."""
        if abs(self._set_timeout - seconds) > 0.05:
            self._sock.settimeout(seconds)
            self._set_timeout = seconds

    def _broken(self, error: OSError | None) -> MailError:
        self.close()
        if isinstance(error, TimeoutError):
            hint = "It will be tried again."
            if not self.protected and not self.bytes_in:
                # A server on a TLS port waits for us to begin, and we for its greeting.
                hint = "If this port speaks only TLS, choose TLS as the security; if not, check the port."
            return Unreachable(f"{self.where} takes too long to answer.", hint=hint)
        return ServerClosed(f"{self.where} ended the connection.", hint="It will be tried again.")


class Inflate:
    """DEFLATE without headers (RFC 1951), unpacked in bounded pieces. Raises zlib.error for what is none."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        self.more = False
        """Something is left to be unpacked, without another octet from the network."""

    def take(self, raw: bytes) -> bytes:
        """The next piece, of at most _CHUNK octets, of what was left and then this; b"" only when nothing is left."""
        if not raw and not self.more:
            return b""
        data = self._object.decompress(self._object.unconsumed_tail + raw, _CHUNK)
        self.more = len(data) == _CHUNK or bool(self._object.unconsumed_tail)
        return data
