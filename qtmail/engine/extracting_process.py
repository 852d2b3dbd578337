"""The process that reads what strangers attach: one attachment in on stdin, its words out on stdout, in order.

It has no account, no store, no network and no file: what a hostile attachment could reach in here is the attachment
itself. Time, memory and what it may write are limited by the system where that can (not on Windows, where only the
engine's clock ends it); the engine kills it when it takes too long. It ends when its stdin closes.
"""

import contextlib
import logging
import os
import signal
import sys

import msgspec

from qtmail.engine.frames import put, take

ARGUMENT = "--extract"
"""How a bundle, which has no `python -m`, starts this."""
MEMORY = 1536 * 1024 * 1024
"""Octets of address space; an ordinary PDF of 300 pages takes 150 MB."""
CPU_S = 30
"""Seconds of one attachment."""
_BUFFER = 1024 * 1024


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """What precedes the octets of an attachment."""

    kind: str
    label: str
    size: int


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """Its words, or why there are none."""

    text: str = ""
    problem: str = ""


def main() -> int:
    """Read attachments until stdin closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the engine, which closes our stdin in order
    source, out = open(0, "rb", _BUFFER), open(1, "wb", _BUFFER)  # noqa: SIM115 - those of the process
    logging.disable()  # libraries complain about every bad file, at length
    _be_modest()
    decoder = msgspec.msgpack.Decoder(Asked)
    with contextlib.suppress(BrokenPipeError):
        while (frame := take(source)) is not None:
            asked = decoder.decode(frame)
            data = source.read(asked.size)
            if len(data) < asked.size:
                break
            _limit_time()
            put(out, _read(asked, data))
            out.flush()
    return 0


def _read(asked: Asked, data: bytes) -> Answer:
    from qtmail.mime.extract import text_of
    from qtmail.mime.unreadable import Unreadable

    try:
        return Answer(text_of(asked.kind, data, asked.label))
    except Unreadable as error:
        return Answer("", str(error))
    except MemoryError:
        return Answer("", "it takes too much memory")
    except Exception:  # noqa: BLE001 - whatever a reader trips over in a file made to trip it up
        return Answer("", "it is damaged")


def _be_modest() -> None:
    """Behind everything else, and with a limit on memory; no file, no core dump."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError):
        os.nice(15)
    limits = ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0))
    for what, most in limits:
        with contextlib.suppress(OSError, ValueError):  # macOS knows no limit on address space
            resource.setrlimit(what, (most, most))


def _limit_time() -> None:
    """From now on so many seconds of processor time; then the system ends this process."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + CPU_S, hard))


if __name__ == "__main__":
    sys.exit(main())
