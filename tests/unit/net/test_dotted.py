"""Messages with dots, cut anywhere by the network: in memory or a piece at a time, the same octets."""

import contextlib
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtmail.errors import ProtocolError
from qtmail.model import Server
from qtmail.net.wire import Wire

PIECES = st.lists(st.sampled_from([b".", b"\r\n", b"\n", b"\r", b"a", b"..", b"x" * 70, b"y" * 300_000]), max_size=30)


def dotted(body: bytes, ending: bytes) -> bytes:
    """As a server sends it."""
    stuffed = (ending + body).replace(ending + b".", ending + b"..")[len(ending) :]
    return stuffed + b"." + ending + b"+OK next" + ending


def received(data: bytes, cuts: list[int]) -> tuple[Wire, threading.Thread, socket.socket]:
    near, far = socket.socketpair()
    wire = Wire(near, Server("test", 1), 5.0)

    def send() -> None:
        with contextlib.suppress(OSError):
            parts()

    def parts() -> None:
        at = 0
        for cut in sorted({min(cut, len(data)) for cut in cuts} | {len(data)}):
            far.sendall(data[at:cut])
            at = cut

    thread = threading.Thread(target=send)
    thread.start()
    return wire, thread, far


@settings(max_examples=150, deadline=None)
@given(PIECES, st.lists(st.integers(0, 2000), max_size=6), st.sampled_from([b"\r\n", b"\n"]))
def test_read_whole_or_in_pieces(pieces: list[bytes], cuts: list[int], ending: bytes) -> None:
    body = b"".join(pieces) + ending
    for whole in (True, False):
        wire, thread, far = received(dotted(body, ending), cuts)
        try:
            if whole:
                found = wire.read_dotted(2**30, ending)
            else:
                taken: list[bytes] = []
                wire.dotted_into(taken.append, 2**30, ending)
                found = b"".join(taken)
            assert found == body
            assert wire.readline() == b"+OK next" + ending
        finally:
            thread.join()
            wire.close()
            far.close()


def test_what_never_ends_is_given_up() -> None:
    wire, thread, far = received(b"words\r\n" * 400_000, [])
    with pytest.raises(ProtocolError):
        wire.dotted_into(lambda _piece: None, 1_000_000)
    thread.join()
    far.close()
