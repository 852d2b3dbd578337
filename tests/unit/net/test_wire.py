"""Compression on the wire: whatever the pieces, the same octets; however much they stand for, bounded memory."""

import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtmail.net.wire import Inflate


def deflated(*pieces: bytes) -> bytes:
    """As a server sends them, flushed after each."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return b"".join(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces)


def everything(inflate: Inflate, raw: bytes) -> bytes:
    data = inflate.take(raw)
    while inflate.more:
        data += inflate.take(b"")
    return data


@given(st.lists(st.binary(max_size=2000), max_size=6), st.lists(st.integers(0, 4000), max_size=8))
def test_cut_anywhere(pieces: list[bytes], cuts: list[int]) -> None:
    raw = deflated(*pieces)
    places = sorted({min(cut, len(raw)) for cut in cuts} | {0, len(raw)})
    inflate = Inflate()
    assert b"".join(everything(inflate, raw[a:b]) for a, b in itertools.pairwise(places)) == b"".join(pieces)


def test_a_few_octets_that_stand_for_many_come_in_bounded_pieces() -> None:
    raw = deflated(b"\0" * 50_000_000)
    assert len(raw) < 100_000
    inflate = Inflate()
    pieces = [inflate.take(raw)]
    while inflate.more:
        pieces.append(inflate.take(b""))
    assert max(map(len, pieces)) <= 256 * 1024
    assert sum(map(len, pieces)) == 50_000_000


def test_nonsense_is_an_error() -> None:
    with pytest.raises(zlib.error):
        Inflate().take(b"\xff" * 20)
