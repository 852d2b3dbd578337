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

from qtmail.errors import ProtocolError, TemporarilyRefused
from qtmail.net.imap_flags import fast_epoch, flag_set
from qtmail.net.imap_tokens import Malformed, compact, literal_size
from qtmail.net.imap_transport import LITERAL_LIMIT, ImapClient, Reply, bye, refusal, tagged
from qtmail.net.imap_unasked import Unasked, record
from qtmail.net.imap_values import FetchedFlags, FetchedHeader, Quarantined

_ITEMS = (
    rb"\* \d+ FETCH \((?:UID (\d{1,10})|FLAGS \(([^()]*)\)|RFC822\.SIZE (\d{1,15})"
    rb"|INTERNALDATE \"([^\"\\]*)\"|MODSEQ \((\d{1,20})\)| )*"
)
_LEAN = re.compile(_ITEMS + rb"BODY\[[^\]]*\] \{(\d{1,15})\}\r\n\Z")
_LEAN_FLAGS = re.compile(_ITEMS + rb"\)\r\n\Z")
_UID = re.compile(rb"[ (]UID (\d{1,10})[ )\r]", re.IGNORECASE)
_NO_FLAGS: frozenset[str] = frozenset()


class FetchStream:
    """UID FETCH commands in flight and the records they bring. One for a session; one iterator at a time.

    An iterator that is left early leaves its replies on the wire; `settle()` reads past them before the next command.
    """

    def __init__(self, client: ImapClient, unasked: Unasked) -> None:
        self._client = client
        self._unasked = unasked
        self._flying: deque[bytes] = deque()
        self._settled = 0
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
        self._settled += bool(self._flying)
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
        settled = self._settled
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
                self._still(settled)
            if self._end and self._end.status != "OK":
                self._ask_again([uid for uid in part if uid not in arrived], self._end, waiting)

    def flags(self, uid_set: bytes, items: bytes) -> Iterator[FetchedFlags]:
        """FETCH `items` (flags, no content; modifiers after them) of this set."""
        tag = self._send(uid_set, items)
        wire, lean, settled = self._client.wire, _LEAN_FLAGS.match, self._settled
        while True:
            self._still(settled)
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

    def _still(self, settled: int) -> None:
        """Raise RuntimeError (a bug of the caller) if another command took this iterator's replies off the wire."""
        if self._settled != settled:
            raise RuntimeError("another command was sent while a fetch was being read")

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
