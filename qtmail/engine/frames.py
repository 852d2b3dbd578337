"""Values between the engine and its helper processes: a length, then msgpack; raw octets may follow."""

import struct
from typing import IO

import msgspec

_LENGTH = struct.Struct("<I")
_encoder = msgspec.msgpack.Encoder()


def put(out: IO[bytes], value: msgspec.Struct) -> None:
    """Write one frame; the caller flushes. Raises OSError, ValueError when nobody takes it any more."""
    frame = _encoder.encode(value)
    out.write(_LENGTH.pack(len(frame)) + frame)


def take(source: IO[bytes]) -> bytes | None:
    """The next frame; None at the end of the stream."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    frame = source.read(length)
    return frame if len(frame) == length else None
