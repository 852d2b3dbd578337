"""The second process of a bulk fetch: raw messages in on stdin, what was made of them out on stdout, in order.

    engine --- Asked, bodies ---> [parse] ---> [hash, compress, make durable, answer] --- Answer ---> engine

Python's lock lets one thread compute at a time, so that half of a first sync's work is done here. It knows no account
and no server, writes content only (harmless if the engine dies before a fact refers to it), and ends when its stdin
closes: it never outlives the engine.
"""

import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from qtmail.engine import protecting
from qtmail.engine.frames import put, take
from qtmail.engine.overlap import Overlap
from qtmail.engine.preparing import Prepared, read_all
from qtmail.errors import StoreError
from qtmail.store.content import Content
from qtmail.store.values import BodyFacts, HeaderFacts

log = logging.getLogger(__name__)

ARGUMENT = "--prepare"
"""How a bundle, which has no `python -m`, starts this."""
_BUFFER = 1024 * 1024


class Opening(msgspec.Struct, array_like=True, frozen=True):
    """What comes before everything else: the key of an encrypted store, or nothing."""

    key: str

    def __repr__(self) -> str:
        return "Opening()"


class Asked(msgspec.Struct, array_like=True, frozen=True):
    """What precedes the bytes of a batch."""

    now: int
    sizes: tuple[int, ...]
    received: tuple[int, ...] | None = None
    """When each arrived; None: where nobody looks at their dates."""


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """What became of a batch. Without `records`: what the store said, or nothing for what only the log can tell."""

    records: tuple[Prepared, ...] | None = None
    problem: str = ""
    hint: str = ""
    retry: bool = False


_opening = msgspec.msgpack.Decoder(Opening)
_asked = msgspec.msgpack.Decoder(Asked)
_answer = msgspec.msgpack.Decoder(Answer)


def begin(out: IO[bytes], key: str) -> None:
    """The engine's side, first of all: the key of an encrypted store, or nothing; never on a command line. Raises
    OSError, ValueError."""
    put(out, Opening(key))
    out.flush()


def ask(out: IO[bytes], raws: Sequence[bytes], *, now: int, received: Sequence[int] | None = None) -> None:
    """The engine's side: send a batch. Raises OSError, ValueError when nobody takes it any more."""
    put(out, Asked(now, tuple(map(len, raws)), None if received is None else tuple(received)))
    for raw in raws:
        out.write(raw)
    out.flush()


def answered(source: IO[bytes]) -> Answer | None:
    """The engine's side: the next answer; None when there will be none."""
    frame = take(source)
    return None if frame is None else _answer.decode(frame)


def main(path: str) -> int:
    """Work on the content database at `path` until stdin closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the engine, which closes our stdin in order
    gc.disable()  # what is made here has no cycles, and looking for them takes a tenth of the time
    source, out = open(0, "rb", _BUFFER), open(1, "wb", _BUFFER)  # noqa: SIM115 - those of the process
    opening = take(source)
    if opening is not None and (key := _opening.decode(opening).key):
        protecting.learn(key)
    try:
        content = Content(Path(path))
    except StoreError:
        log.exception("the content database cannot be opened")
        return 1
    try:
        with contextlib.suppress(BrokenPipeError), Overlap(_Keeper(content, out), "content", ahead=1) as keeper:
            while (batch := _next(source)) is not None:
                asked, raws = batch
                keeper.put(_Batch(raws, asked.now, _read(raws, asked)))
    finally:
        content.close()
    return 0


class _Batch(NamedTuple):
    """Messages with what was read of them; None where that failed by a bug."""

    raws: list[bytes]
    now: int
    found: list[tuple[HeaderFacts, BodyFacts]] | None


class _Keeper:
    """Makes a batch durable and answers, while the next one is read: hashing, compressing and writing are not held up
    by Python's lock."""

    def __init__(self, content: Content, out: IO[bytes]) -> None:
        self._content = content
        self._out = out

    def __call__(self, batch: _Batch) -> None:
        try:
            packed = self._content.pack(batch.raws, now=batch.now)
            self._content.keep(packed)
            answer = Answer()
            if batch.found is not None:
                pairs = zip(packed, batch.found, strict=True)
                answer = Answer(tuple(Prepared(one.hash, one.size, *found) for one, found in pairs))
        except StoreError as error:
            answer = Answer(None, str(error), error.hint, error.retry)
        put(self._out, answer)
        self._out.flush()


def _read(raws: Sequence[bytes], asked: Asked) -> list[tuple[HeaderFacts, BodyFacts]] | None:
    """None where that fails by a bug: the engine then meets it itself, and tells it."""
    try:
        return read_all(raws, asked.received, asked.now)
    except Exception:
        log.exception("a message cannot be read")
        return None


def _next(source: IO[bytes]) -> tuple[Asked, list[bytes]] | None:
    frame = take(source)
    if frame is None:
        return None
    asked = _asked.decode(frame)
    raws = [source.read(size) for size in asked.sizes]
    return (asked, raws) if list(map(len, raws)) == list(asked.sizes) else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
