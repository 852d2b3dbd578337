"""The lean reader of FETCH replies: one pattern for what every server sends, the tolerant tokenizer for the rest.

send UID FETCH 1..n --+--> line matches _LEAN -> literal -> ")"  ------------> record        (5 us a message)
  (window in flight)  +--> anything else that is FETCH -> tokens ----------+-> record, or a note of changed flags
                      |                                                    +-> cannot be read: quarantined
                      +--> EXISTS, EXPUNGE, VANISHED -> noted in Unasked
                      +--> tagged NO -> what is missing is asked again in halves, down to the one to blame
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qtmail.errors import ProtocolError, TemporarilyRefused
from qtmail.net import imap_spool
from qtmail.net.imap_answers import Reply, bye, refusal, tagged
from qtmail.net.imap_flags import fast_epoch, flag_set, label_set
from qtmail.net.imap_pace import MOST_MESSAGES, Pace
from qtmail.net.imap_tokens import Malformed, compact, expand, literal_size
from qtmail.net.imap_transport import LITERAL_LIMIT, ImapClient
from qtmail.net.imap_unasked import UID_LIMIT, Unasked, record
from qtmail.net.imap_values import FetchedFlags, FetchedHeader, Quarantined, Spooled

_ITEMS = (
    rb"\* \d+ FETCH \((?:UID (\d{1,10})|FLAGS \(([^()]*)\)|RFC822\.SIZE (\d{1,15})"
    rb"|INTERNALDATE \"([^\"\\]*)\"|MODSEQ \((\d{1,20})\)| |EMAILID \(([^() ]*)\)|X-GM-MSGID (\d{1,20})"
    rb"|X-GM-LABELS \(([^()]*)\))*"
)
_LEAN = re.compile(_ITEMS + rb"BODY\[[^\]]*\](?:<0>)? \{(\d{1,15})\}\r\n\Z")
_LEAN_FLAGS = re.compile(_ITEMS + rb"\)\r\n\Z")
_UID = re.compile(rb"[ (]UID (\d{1,10})[ )\r]", re.IGNORECASE)
_NO_FLAGS: frozenset[str] = frozenset()
WINDOW = 4
"""Commands on the way at a time."""
SKIPPED_LIMIT = 8 * 1024**3
"""Octets of a literal that is read past; what claims more is no message."""
_LINES = 5_000_000
"""Replies to one command, whatever they say: a folder's worth of flags, and then something is wrong."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is done with the literals of one fetch."""

    limit: Callable[[int], int]
    spool: Path | None


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
        self.header_pace = Pace()
        self.body_pace = Pace()
        self.spooled: dict[int, Spooled] = {}
        """Of the record just handed out whose content is in a file, by its UID."""

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
                wire.skip(min(size, SKIPPED_LIMIT))
                line = wire.readline()
            if line.startswith(self._flying[0] + b" "):
                self._flying.popleft()
            else:
                self._unasked.note((line,))

    def contents(
        self,
        items: bytes,
        uids: Iterable[int],
        *,
        pace: Pace,
        weigh: Callable[[int], int],
        limit: Callable[[int], int],
        spool: Path | None = None,
    ) -> Iterator[FetchedHeader]:
        """FETCH `items` (with one BODY.PEEK) of these, WINDOW commands on the way at a time, of `pace`'s size.

        `uids` is read only as far as commands are sent. `weigh(uid)`: the octets it is expected to have;
        `limit(uid)`: those a literal may have; what is larger is read past and quarantined. `spool`: a directory for
        what is too large for memory; such a record has no content, `spooled` has it.
        """
        settled = self._settled
        coming = iter(uids)
        again: deque[Sequence[int]] = deque()
        asked: deque[tuple[bytes, Sequence[int]]] = deque()
        wanted = _Wanted(limit, spool)
        first = True
        while True:
            while len(asked) < WINDOW and (part := again.popleft() if again else _batch(coming, pace, weigh)):
                asked.extend(self._send_sets(part, items))
            if not asked:
                return
            tag, part = asked.popleft()
            arrived = set()
            wire = self._client.wire
            waited, octets = wire.waited, wire.bytes_in
            for one in self._until(tag, wanted):
                arrived.add(one.uid)
                yield one
                self._still(settled)
            pace.learn(wire.waited - waited, wire.bytes_in - octets, first=first)
            first = not asked
            if self._end and self._end.status != "OK":
                self._ask_again([uid for uid in part if uid not in arrived], self._end, again)

    def _send_sets(self, part: Sequence[int], items: bytes) -> Iterator[tuple[bytes, Sequence[int]]]:
        """Ask for these, in more than one command where their set is too long for a line. -> tags, with their UIDs."""
        sets = list(compact(part))
        for uid_set in sets:
            yield self._send(uid_set, items), part if len(sets) == 1 else expand(uid_set, len(part))

    def flags(self, uid_set: bytes, items: bytes) -> Iterator[FetchedFlags]:
        """FETCH `items` (flags, no content; modifiers after them) of this set."""
        tag = self._send(uid_set, items)
        wire, lean, settled = self._client.wire, _LEAN_FLAGS.match, self._settled
        for _ in range(_LINES):
            self._still(settled)
            line = wire.readline()
            if (found := lean(line)) and found[1] and found[2] is not None:
                modseq = found[5]
                yield FetchedFlags(int(found[1]), flag_set(found[2]), int(modseq) if modseq else None)
            elif line.startswith(tag + b" "):
                self._flying.popleft()
                if (end := tagged(line)).status != "OK":
                    raise refusal(end, wire.where)
                return
            elif (one := self._other_flags(line)) is not None:
                yield one
        self._endless()

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

    def _until(self, tag: bytes, wanted: _Wanted) -> Iterator[FetchedHeader]:
        """Records up to the end of this command, whose reply is then in `_end`."""
        wire, lean, mark, limit = self._client.wire, _LEAN.match, tag + b" ", wanted.limit
        readline, read = wire.readline, wire.read
        most = imap_spool.LARGE if wanted.spool else LITERAL_LIMIT
        wire.begin()
        for _ in range(_LINES):
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
            uid, flags, size, date, modseq, emailid, gm_msgid, labels, octets = found.groups()
            count = int(octets)
            if not uid or not 0 < int(uid) <= UID_LIMIT or count > limit(int(uid)):
                if (one := self._other(line, limit)) is not None:
                    yield one
                continue
            if count > most and wanted.spool:
                content = self._spool(int(uid), count, wanted.spool)
            else:
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
                (emailid or gm_msgid or b"").decode("ascii", "replace"),
                label_set(labels) if labels is not None else None,
            )
        self._endless()

    def _spool(self, uid: int, count: int, directory: Path) -> bytes:
        """A literal to a file, noted in `spooled`. -> what stands for its content."""
        if (before := self.spooled.pop(uid, None)) is not None:
            before.discard()
        self.spooled[uid] = imap_spool.take(self._client.wire, count, directory)
        return b""

    def _endless(self) -> None:
        wire = self._client.wire
        wire.close()
        raise ProtocolError(f"{wire.where} does not come to an end.", hint="The connection was given up.")

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
            if size > SKIPPED_LIMIT:
                wire.close()
                raise ProtocolError(f"{wire.where} announced {size:,} bytes.", hint="The connection was given up.")
            if size > allowed:
                wire.skip(size)
                parts += [b"", wire.readline()]
                self.quarantined.append(
                    Quarantined(int(found[1]) if found else None, f"{size:,} bytes, far more than was announced")
                )
                return None
            parts += [wire.read(size), wire.readline()]
        return tuple(parts)

    def forget_spooled(self) -> None:
        """Remove the files nobody was given."""
        for spooled in self.spooled.values():
            spooled.discard()
        self.spooled.clear()

    def _blame(self, parts: Sequence[bytes], why: str) -> None:
        text = next((found for part in parts[::2] if (found := _UID.search(part))), None)
        uid = int(text[1]) if text else 0
        self.quarantined.append(Quarantined(uid if 0 < uid <= UID_LIMIT else None, why))


def _batch(coming: Iterator[int], pace: Pace, weigh: Callable[[int], int]) -> Sequence[int]:
    """The next UIDs to ask for in one command; at least one, unless there is none."""
    part: list[int] = []
    octets = 0
    for uid in coming:
        part.append(uid)
        octets += weigh(uid)
        if octets >= pace.octets or len(part) >= MOST_MESSAGES:
            break
    return part
