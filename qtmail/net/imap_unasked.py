"""FETCH replies of any form, and what else a server tells about the selected folder without being asked."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qtmail.net.imap_flags import flag_set
from qtmail.net.imap_names import decode, from_utf8, parse_status
from qtmail.net.imap_tokens import Malformed, Token, epoch, expand, parse
from qtmail.net.imap_values import Changes, FetchedFlags, FetchedHeader, FetchedPreview, FolderNews, FolderStatus

_COUNT = re.compile(rb"\* (\d{1,10}) (EXISTS|EXPUNGE)\r?\n", re.IGNORECASE)
_VANISHED = re.compile(rb"\* VANISHED (?:\(EARLIER\) )?([0-9:,]+)\r?\n", re.IGNORECASE)
UID_LIMIT = 0xFFFFFFFF
_VANISHED_LIMIT = 2_000_000
_LEAN_FLAGS = re.compile(rb"\* \d+ FETCH \((?:UID (\d{1,10})|FLAGS \(([^()]*)\)|MODSEQ \((\d{1,20})\)| )*\)\r\n\Z")
_NO_FLAGS: frozenset[str] = frozenset()


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
    emailid = ""
    labels: frozenset[str] | None = None
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = key.upper() if isinstance(key, bytes) else b""
        if name == b"UID":
            uid = _number(value)
            if not 0 < uid <= UID_LIMIT:
                raise Malformed("not a UID")
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
        elif name == b"EMAILID" and isinstance(value, list) and value and isinstance(value[0], bytes):
            emailid = value[0].decode("ascii", "replace")
        elif name == b"X-GM-MSGID" and isinstance(value, bytes):
            emailid = value.decode("ascii", "replace")
        elif name == b"X-GM-LABELS" and isinstance(value, list):
            labels = frozenset(decode(label) for label in value if isinstance(label, bytes))
    header = FetchedHeader(uid, flags or _NO_FLAGS, size, date, content or b"", modseq, emailid, labels)
    return Record(header, content is not None, flags is not None)


def _number(token: Token) -> int:
    if not isinstance(token, bytes) or not token.isdigit() or len(token) > 20:
        raise Malformed("not a number: " + repr(token)[:60])
    return int(token)


def flags_of(parts: Sequence[bytes]) -> FetchedFlags | None:
    """Of a FETCH reply that tells flags; None where it does not, or does not tell the UID. Raises Malformed."""
    if len(parts) == 1 and (found := _LEAN_FLAGS.match(parts[0])):
        uid, flags, modseq = found.groups()
        if not uid or flags is None:
            return None
        return FetchedFlags(int(uid), flag_set(flags), int(modseq) if modseq else None)
    seen = record(parts)
    if not seen.items.uid or not seen.has_flags:
        return None
    return FetchedFlags(seen.items.uid, seen.items.flags, seen.items.modseq)


def previews(untagged: Sequence[Sequence[bytes]]) -> Iterator[FetchedPreview]:
    """PREVIEW (RFC 8970) of FETCH replies without their "* "; what cannot be read is left out."""
    for text in untagged:
        if b" FETCH " not in text[0][:24].upper():
            continue
        try:
            tokens = parse(text)
            items = tokens[2] if len(tokens) > 2 and isinstance(tokens[2], list) else []
            told = {
                key.upper(): value
                for key, value in zip(items[::2], items[1::2], strict=False)
                if isinstance(key, bytes)
            }
            uid = _number(told.get(b"UID"))
        except Malformed:
            continue
        value = told.get(b"PREVIEW")
        if b"PREVIEW" in told and (value is None or isinstance(value, bytes)):
            yield FetchedPreview(uid, None if value is None else " ".join(value.decode("utf-8", "replace").split()))


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
        self.utf8 = False
        """Names of folders come in UTF-8 (RFC 6855)."""
        self._watching = False
        self._folders: dict[bytes, FolderStatus] = {}
        self._listed = False

    def watch(self) -> None:
        """From now on a STATUS or LIST reply is news about other folders (RFC 5465)."""
        self._watching = True

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
                if len(parts) == 1 and _LEAN_FLAGS.match(line) and (one := flags_of(parts)):
                    self._flags.append(one)
                else:
                    self.flags(record(parts))
            except Malformed:
                self._unnamed += 1
        elif self._watching:
            self._note_folder(parts)

    def _note_folder(self, parts: Sequence[bytes]) -> None:
        kind = parts[0][2:9].upper()
        if kind == b"STATUS " and (told := parse_status((parts[0][2:], *parts[1:]))):
            self._folders[from_utf8(told[0]) if self.utf8 else told[0]] = told[1]
        elif kind[:5] in (b"LIST ", b"LSUB "):
            self._listed = True

    def flags(self, seen: Record) -> None:
        """A FETCH nobody asked for: somebody else changed flags (only a MODSEQ: our own STORE's echo)."""
        items = seen.items
        if items.uid and seen.has_flags:
            self._flags.append(FetchedFlags(items.uid, items.flags, items.modseq))
        elif seen.has_flags:
            self._unnamed += 1

    def __bool__(self) -> bool:
        told = self._expunged or self._unnamed or self._vanished or self._flags or self._folders or self._listed
        return self._exists is not None or bool(told)

    def take_folders(self) -> FolderNews:
        """What was noted of other folders, once."""
        news = FolderNews(self._folders, self._listed)
        self._folders, self._listed = {}, False
        return news

    def take(self) -> Changes:
        """What was noted, once."""
        changes = Changes(
            self._exists, self._expunged, tuple(self._vanished), tuple(self._flags), unnamed=self._unnamed
        )
        self._exists, self._expunged, self._unnamed, self._vanished, self._flags = None, 0, 0, [], []
        return changes
