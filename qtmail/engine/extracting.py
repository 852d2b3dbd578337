"""Reading what attachments say, for the search: when there is nothing else to do, a few messages at a time.

    attachment_wanted --> [cut the message here] --> Extractor (a process with limits) --> content, facts, index

Killed at any point it goes on where it was. An attachment that hangs, or eats memory, costs the process that reads it,
is marked as unreadable, and the next one goes to a new process.
"""

import contextlib
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Callable

import msgspec

from qtmail.engine import clock
from qtmail.engine import extracting_process as wire
from qtmail.engine.frames import put, take
from qtmail.engine.preparing import read
from qtmail.errors import StoreError
from qtmail.mime import bodies, parts
from qtmail.mime.extract import LARGEST, kind_of
from qtmail.store import attachments
from qtmail.store.attachments import Found, Part, ToRead
from qtmail.store.db import Store
from qtmail.store.search import Indexed

log = logging.getLogger(__name__)

BATCH = 20
"""Messages of one transaction."""
BATCH_CHARACTERS = 2_000_000
MOST_PARTS = 50
"""Attachments that are read of one message."""
CHARACTERS = 1_000_000
"""Of all attachments of one message, at most."""
LONGEST_S = 60.0
"""For one attachment, by the clock on the wall."""
_END_S = 5.0
_answer = msgspec.msgpack.Decoder(wire.Answer)


class Extractor:
    """The process that reads attachments; started when there is one to read. `text` belongs to one thread."""

    def __init__(self, longest_s: float = LONGEST_S) -> None:
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.SimpleQueue[wire.Answer | None] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None

    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def text(self, kind: str, data: bytes, label: str) -> wire.Answer:
        """What one attachment says. Never raises; after `close` it says nothing."""
        process = self._started()
        if process is None:
            return wire.Answer()
        assert process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it is gone: no answer will come
            put(process.stdin, wire.Asked(kind, label, len(data)))
            process.stdin.write(data)
            process.stdin.flush()
        try:
            answer = self._answers.get(timeout=self._longest_s)
        except queue.Empty:
            self._end()
            return wire.Answer("", "it takes too long")
        if answer is None:
            self._end()
            return wire.Answer("", "it takes too much time or memory")
        return answer

    def close(self) -> None:
        """End the process; from any thread. What is being read counts as not begun (see `is_closed`)."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def _started(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._process is None and not self._closed:
                self._answers = queue.SimpleQueue()
                self._process = subprocess.Popen(
                    command(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
                answers = (self._process, self._answers)
                self._reader = threading.Thread(target=_listen, args=answers, name="attachments", daemon=True)
                self._reader.start()
            return None if self._closed else self._process

    def _end(self) -> None:
        """Of this process; the next attachment gets a new one."""
        with self._lock:
            process, self._process = self._process, None
            reader, self._reader = self._reader, None
        if process is None or reader is None:
            return
        process.kill()
        process.wait(_END_S)
        reader.join(_END_S)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def __enter__(self) -> "Extractor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._end()


def command() -> list[str]:
    """The command line of the process."""
    if getattr(sys, "frozen", False):
        return [sys.executable, wire.ARGUMENT]
    return [sys.executable, "-m", wire.__name__]


def _listen(process: "subprocess.Popen[bytes]", answers: "queue.SimpleQueue[wire.Answer | None]") -> None:
    assert process.stdout is not None
    with contextlib.suppress(OSError, ValueError, msgspec.DecodeError):
        while (frame := take(process.stdout)) is not None:
            answers.put(_answer.decode(frame))
    answers.put(None)


def read_some(store: Store, extractor: Extractor) -> int:
    """Read the attachments of the newest few messages that wait for it -> how many messages; 0: none wait, or the
    extractor was closed. Raises StoreError."""
    chosen = attachments.wanted(store.read(), BATCH)
    if not chosen or extractor.is_closed():
        return 0
    with store.transaction("attachments begin") as tx:
        attachments.begin(tx, [one.message for one in chosen])
    found: list[Found] = []
    characters = 0
    for one in chosen:
        made = _found(store, extractor, one)
        if extractor.is_closed():
            break
        found.append(made)
        characters += len(made.indexed.attached)
        if characters > BATCH_CHARACTERS:
            break
    done = {one.indexed.message for one in found}
    with store.transaction("attachments") as tx:
        attachments.store(tx, found)
        attachments.give_back(tx, [one.message for one in chosen if one.message not in done])
    return len(found)


def read_all(store: Store, extractor: Extractor, said: Callable[[int], None] = lambda left: None) -> int:
    """All that wait -> how many are left all the same. `said`: told how many are left, after each few."""
    while read_some(store, extractor):
        said(attachments.left(store.read()))
    return attachments.left(store.read())


def _found(store: Store, extractor: Extractor, one: ToRead) -> Found:
    try:
        raw = store.content.get(one.content)
    except StoreError as error:  # `verify` tells of it; the search goes without
        log.warning("attachments of message %d cannot be read: %s", one.message, error)
        return Found(Indexed(one.message, *read(b"", clock.now())), ())
    texts: list[str] = []
    made: list[Part] = []
    room = CHARACTERS
    for number, leaf, kind in readable(raw):
        data = parts.content(raw, leaf)
        answer = wire.Answer("", "it is too large") if len(data) > LARGEST else extractor.text(kind, data, leaf.charset)
        if extractor.is_closed():
            break
        text = answer.text[:room]
        room -= len(text)
        words = store.content.put(text.encode("utf-8", "replace"), now=clock.now()) if text else None
        made.append(Part(number, leaf.name, words, answer.problem))
        texts.append(text)
    facts, body = read(raw, clock.now())
    return Found(Indexed(one.message, facts, body, "\n".join(filter(None, texts))), tuple(made))


def readable(raw: bytes) -> list[tuple[int, parts.Leaf, str]]:
    """(Part.index, leaf, kind) of the attachments of a message that can be read."""
    leaves = parts.cut(raw).leaves
    body = set(bodies.body_leaves(leaves))
    found = [
        (number, leaf, kind)
        for number, leaf in enumerate(leaves)
        if number not in body and not leaf.opened and bodies.counts(leaf.type, inline=False)
        if (kind := kind_of(leaf.name, leaf.type))
    ]
    return found[:MOST_PARTS]
