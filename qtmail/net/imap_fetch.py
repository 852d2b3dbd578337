"""The lean reader of FETCH replies: one pattern for what every server sends, the tolerant tokenizer for the rest.

send UID FETCH 1..n --+--> line matches _LEAN -> literal -> ")"  ------------> record        (5 us a message)
  (window in flight)  +--> anything else that is FETCH -> tokens ----------+-> record, or a note of changed flags
                      |                                                    +-> cannot be read: quarantined
                      +--> EXISTS, EXPUNGE, VANISHED -> noted in Unasked
                      +--> tagged NO -> what is missing is asked again in halves, down to the one to blame
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from qtmail.errors import ProtocolError, TemporarilyRefused
from qtmail.net.imap_tokens import Malformed, Token, compact, epoch, expand, literal_size, parse
from qtmail.net.imap_transport import LITERAL_LIMIT, ImapClient, Reply, bye, refusal, tagged
from qtmail.net.imap_values import Changes, FetchedFlags, FetchedHeader, Quarantined

_ITEMS = (
    rb"\* \d+ FETCH \((?:UID (\d{1,10})|FLAGS \(([^()]*)\)|RFC822\.SIZE (\d{1,15})"
    rb"|INTERNALDATE \"([^\"\\]*)\"|MODSEQ \((\d{1,20})\)| )*"
)
_LEAN = re.compile(_ITEMS + rb"BODY\[[^\]]*\] \{(\d{1,15})\}\r\n\Z")
_LEAN_FLAGS = re.compile(_ITEMS + rb"\)\r\n\Z")
_UID = re.compile(rb"[ (]UID (\d{1,10})[ )\r]", re.IGNORECASE)
_COUNT = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\r?\n", re.IGNORECASE)
_VANISHED = re.compile(rb"\* VANISHED (?:\(EARLIER\) )?([0-9:,]+)\r?\n", re.IGNORECASE)
_VANISHED_LIMIT = 2_000_000
_CACHED = 10_000
_NO_FLAGS: frozenset[str] = frozenset()
_SYSTEM = {f"\\{name}".lower(): f"\\{name}" for name in ("Seen", "Answered", "Flagged", "Deleted", "Draft")}


def flag_set(raw: bytes, cache: dict[bytes, frozenset[str]] = {}) -> frozenset[str]:  # noqa: B006 - the cache is the point
    """Flags of the text between FLAGS' parentheses; system flags in their usual case, \\\\Recent left out."""
    known = cache.get(raw)
    if known is None:
        names = (name.decode("utf-8", "replace") for name in raw.split())
        known = frozenset(_SYSTEM.get(name.lower(), name) for name in names if name.lower() != "\\recent")
        if len(cache) < _CACHED:
            cache[raw] = known
    return known


def fast_epoch(raw: bytes, days: dict[bytes, int] = {}) -> int:  # noqa: B006
    """As `epoch`, eight times faster for the usual form: the day and zone are computed once."""
    if len(raw) != 26:
        return epoch(raw)
    key = raw[:11] + raw[20:]
    day = days.get(key)
    if day is None:
        day = epoch(raw[:12] + b"00:00:00" + raw[20:])
        if not day:
            return epoch(raw)
        if len(days) < _CACHED:
            days[key] = day
    try:
        return day + int(raw[12:14]) * 3600 + int(raw[15:17]) * 60 + int(raw[18:20])
    except ValueError:
        return 0


class Record(NamedTuple):
    """A FETCH reply read by the tokenizer; uid 0: it was not told."""

    items: FetchedHeader
    has_content: bool
    has_flags: bool


def record(parts: Sequence[bytes]) -> Record:
    """Any FETCH reply, in whatever order and with whatever else in it. Raises Malformed."""
    tokens = parse((parts[0][2:], *parts[1:]))
    items = tokens[2] if len(tokens) > 2 else None
    if not isinstance(items, list):
        raise Malformed("FETCH without its list")
    uid = size = date = 0
    flags: frozenset[str] | None = None
    modseq: int | None = None
    content: bytes | None = None
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = key.upper() if isinstance(key, bytes) else b""
        if name == b"UID":
            uid = _number(value)
        elif name == b"RFC822.SIZE":
            size = _number(value)
        elif name == b"FLAGS" and isinstance(value, list):
            flags = flag_set(b" ".join(flag for flag in value if isinstance(flag, bytes)))
        elif name == b"INTERNALDATE" and isinstance(value, bytes):
            date = epoch(value)
        elif name == b"MODSEQ" and isinstance(value, list) and value:
            modseq = _number(value[0])
        elif name.startswith(b"BODY[") and isinstance(value, bytes):
            content = value
    header = FetchedHeader(uid, flags or _NO_FLAGS, size, date, content or b"", modseq)
    return Record(header, content is not None, flags is not None)


def _number(token: Token) -> int:
    if not isinstance(token, bytes) or not token.isdigit() or len(token) > 20:
        raise Malformed("not a number: " + repr(token)[:60])
    return int(token)


class Unasked:
    """What the server told about the selected folder in passing, until somebody takes it."""

    def __init__(self) -> None:
        self._exists: int | None = None
        self._expunged = 0
        self._unnamed = 0
        self._vanished: list[int] = []
        self._flags: list[FetchedFlags] = []
        self.total = 0
        """The latest EXISTS, EXPUNGEs taken off."""

    def note(self, parts: Sequence[bytes]) -> None:
        """Keep what this untagged reply says, if it says anything about messages."""
        line = parts[0]
        if found := _COUNT.match(line):
            if found[2].upper() == b"EXISTS":
                self._exists = self.total = int(found[1])
            else:
                self._expunged += 1
                self.total = max(0, self.total - 1)
        elif found := _VANISHED.match(line):
            try:
                self._vanished.extend(expand(found[1], _VANISHED_LIMIT))
            except Malformed:
                self._expunged += 1
        elif b" FETCH " in line[:24].upper():
            try:
                self.flags(record(parts))
            except Malformed:
                self._unnamed += 1

    def flags(self, seen: Record) -> None:
        """A FETCH nobody asked for: somebody else changed flags (only a MODSEQ: our own STORE's echo)."""
        items = seen.items
        if items.uid and seen.has_flags:
            self._flags.append(FetchedFlags(items.uid, items.flags, items.modseq))
        elif seen.has_flags:
            self._unnamed += 1

    def __bool__(self) -> bool:
        return self._exists is not None or bool(self._expunged or self._unnamed or self._vanished or self._flags)

    def take(self) -> Changes:
        """What was noted, once."""
        changes = Changes(
            self._exists, self._expunged, tuple(self._vanished), tuple(self._flags), unnamed=self._unnamed
        )
        self._exists, self._expunged, self._unnamed, self._vanished, self._flags = None, 0, 0, [], []
        return changes


class FetchStream:
    """UID FETCH commands in flight and the records they bring. One for a session; one iterator at a time.

    An iterator that is left early leaves its replies on the wire; `settle()` reads past them before the next command.
    """

    def __init__(self, client: ImapClient, unasked: Unasked) -> None:
        self._client = client
        self._unasked = unasked
        self._flying: deque[bytes] = deque()
        self._end: Reply | None = None
        self.quarantined: list[Quarantined] = []

    @property
    def busy(self) -> bool:
        """True while replies are on the way that nobody waits for."""
        return bool(self._flying)

    def settle(self) -> None:
        """Read past what an iterator left early did not take, holding no literal."""
        wire = self._client.wire
        wire.begin()
        while self._flying:
            line = wire.readline()
            while (size := literal_size(line)) is not None:
                wire.skip(size)
                line = wire.readline()
            if line.startswith(self._flying[0] + b" "):
                self._flying.popleft()
            else:
                self._unasked.note((line,))

    def contents(
        self, items: bytes, uids: Sequence[int], *, chunk: int, window: int, limit: Callable[[int], int]
    ) -> Iterator[FetchedHeader]:
        """FETCH `items` (with one BODY.PEEK) of these, `chunk` UIDs a command, `window` commands on the way at a time.

        `limit(uid)`: the octets a literal may have; what is larger is read past and quarantined.
        """
        waiting = deque(uids[start : start + chunk] for start in range(0, len(uids), chunk))
        asked: deque[tuple[bytes, Sequence[int]]] = deque()
        while waiting or asked:
            while waiting and len(asked) < window:
                part = waiting.popleft()
                for line in compact(part):
                    asked.append((self._send(line, items), part))
            tag, part = asked.popleft()
            arrived = set()
            for one in self._until(tag, limit):
                arrived.add(one.uid)
                yield one
            if self._end and self._end.status != "OK":
                self._ask_again([uid for uid in part if uid not in arrived], self._end, waiting)

    def flags(self, uid_set: bytes, items: bytes) -> Iterator[FetchedFlags]:
        """FETCH `items` (flags, no content; modifiers after them) of this set."""
        tag = self._send(uid_set, items)
        wire, lean = self._client.wire, _LEAN_FLAGS.match
        while True:
            line = wire.readline()
            if (found := lean(line)) and found[1]:
                modseq = found[5]
                yield FetchedFlags(int(found[1]), flag_set(found[2] or b""), int(modseq) if modseq else None)
            elif line.startswith(tag + b" "):
                self._flying.popleft()
                if (end := tagged(line)).status != "OK":
                    raise refusal(end, wire.where)
                return
            elif (one := self._other_flags(line)) is not None:
                yield one

    def _send(self, uid_set: bytes, items: bytes) -> bytes:
        tag = self._client.send(b"UID FETCH", uid_set, items)
        self._flying.append(tag)
        return tag

    def _ask_again(self, missing: list[int], end: Reply, waiting: deque[Sequence[int]]) -> None:
        """The server said NO to a batch: find the message to blame by halves, and lose only that one."""
        error = refusal(end, self._client.wire.where)
        if isinstance(error, TemporarilyRefused):
            raise error
        if len(missing) == 1:
            self.quarantined.append(Quarantined(missing[0], f"The server refused: {end.words}"))
        elif missing:
            half = len(missing) // 2
            waiting.extendleft((missing[half:], missing[:half]))

    def _until(self, tag: bytes, limit: Callable[[int], int]) -> Iterator[FetchedHeader]:
        """Records up to the end of this command, whose reply is then in `_end`."""
        wire, lean, mark = self._client.wire, _LEAN.match, tag + b" "
        readline, read = wire.readline, wire.read
        wire.begin()
        while True:
            line = readline()
            found = lean(line)
            if not found:
                if line.startswith(mark):
                    self._flying.popleft()
                    self._end = tagged(line)
                    return
                if (one := self._other(line, limit)) is not None:
                    yield one
                continue
            uid, flags, size, date, modseq, octets = found.groups()
            count = int(octets)
            if not uid or count > limit(int(uid)):
                if (one := self._other(line, limit)) is not None:
                    yield one
                continue
            content = read(count)
            tail = readline()
            if tail != b")\r\n":
                if (one := self._other(line, limit, content, tail)) is not None:
                    yield one
                continue
            yield FetchedHeader(
                int(uid),
                flag_set(flags) if flags is not None else _NO_FLAGS,
                int(size) if size else 0,
                fast_epoch(date) if date else 0,
                content,
                int(modseq) if modseq else None,
            )

    def _other(self, line: bytes, limit: Callable[[int], int], *more: bytes) -> FetchedHeader | None:
        """A reply that is not of the usual form: a record all the same, or noted, or quarantined. -> the record."""
        parts = self._complete(line, limit, *more)
        if parts is None:
            return None
        if b" FETCH " not in line[:24].upper():
            self._unasked.note(parts)
            return None
        try:
            seen = record(parts)
        except Malformed as error:
            self._blame(parts, str(error))
            return None
        if seen.has_content and seen.items.uid:
            return seen.items
        if b"BODY[" in parts[0].upper():
            self._blame(parts, "the server has no content, or no UID, for it")
        else:
            self._unasked.flags(seen)
        return None

    def _other_flags(self, line: bytes) -> FetchedFlags | None:
        """The same for a reply to FETCH (FLAGS)."""
        parts = self._complete(line)
        if parts is None or b" FETCH " not in line[:24].upper():
            self._unasked.note(parts or (b"",))
            return None
        try:
            seen = record(parts)
        except Malformed as error:
            self._blame(parts, str(error))
            return None
        if seen.items.uid and seen.has_flags:
            return FetchedFlags(seen.items.uid, seen.items.flags, seen.items.modseq)
        self._unasked.flags(seen)
        return None

    def _complete(
        self, line: bytes, limit: Callable[[int], int] | None = None, *more: bytes
    ) -> tuple[bytes, ...] | None:
        """The reply that begins with `line`, `more` of it read already; None if a literal was past the limit.

        Raises ServerClosed and the like for BYE, ProtocolError for what is no reply at all: then the stream is out of
        step (a literal of another size than announced), and nothing that follows can be believed.
        """
        wire = self._client.wire
        parts = [line, *more]
        if not line.startswith((b"* ", b"+")):
            wire.close()
            raise ProtocolError(f"{wire.where} sent something that is not IMAP.", hint="It will be tried again.")
        if ended := bye(parts, wire.where):
            wire.close()
            raise ended
        while (size := literal_size(parts[-1])) is not None:
            found = _UID.search(parts[0])
            allowed = limit(int(found[1]) if found else 0) if limit else LITERAL_LIMIT
            if size > allowed:
                wire.skip(size)
                parts += [b"", wire.readline()]
                self.quarantined.append(
                    Quarantined(int(found[1]) if found else None, f"{size:,} bytes, far more than was announced")
                )
                return None
            parts += [wire.read(size), wire.readline()]
        return tuple(parts)

    def _blame(self, parts: Sequence[bytes], why: str) -> None:
        text = next((found for part in parts[::2] if (found := _UID.search(part))), None)
        self.quarantined.append(Quarantined(int(text[1]) if text else None, why))
