"""One IMAP connection, from greeting to LOGOUT (RFC 3501, 9051 and the extensions a client lives by).

Every method raises MailErrors only: Unreachable / ServerClosed (make a new session), ProtocolError (same),
TemporarilyRefused, FolderGone, Refused (the session goes on). UIDs are unsigned 32-bit ints; flags are strings as
on the wire ("\\\\Seen", "$Forwarded"); `wire_name` comes from `folders()` or `wire_name(path)`.
"""

import contextlib
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from operator import lt
from pathlib import Path

from qtmail.errors import MailError
from qtmail.model import Server
from qtmail.net import imap_quirks
from qtmail.net.connect import Wake, refuse_clear_text
from qtmail.net.imap_answers import refusal
from qtmail.net.imap_finding import FindingCommands
from qtmail.net.imap_login import log_in
from qtmail.net.imap_replies import MANY, copyuid
from qtmail.net.imap_tokens import compact, expand
from qtmail.net.imap_unasked import previews
from qtmail.net.imap_values import (
    Changes,
    FetchedBody,
    FetchedFlags,
    FetchedHeader,
    FetchedPreview,
    Moved,
    Quarantined,
)
from qtmail.net.wire import Wire

HEADER_FIELDS = b"DATE FROM SENDER REPLY-TO TO CC SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE LIST-ID"
_HEADER_LIMIT = 1024 * 1024
"""Octets of the fields above; more is an attack or a fault."""
_BODY_MOST = 512 * 1024 * 1024
_BODY_SLACK = 1024 * 1024
"""RFC822.SIZE is a guess on some servers: four times of it and this much is let through."""


_HEADER_GUESS = 1024
_BODY_GUESS = 32 * 1024
"""Octets on the wire of a message whose size is not known."""
_NAP = 60.0
"""Seconds between two looks at the clock while nothing happens."""
_LEAP = 30.0
"""Seconds by which the wall clock may be set without our thinking that the computer slept."""


class ImapSession(FindingCommands):
    """A logged-in connection. Fetches stream: records come as they arrive; an iterator may be left early."""

    @classmethod
    def connect(
        cls, server: Server, password: str, *, timeout: float = 30, set_aside: Iterable[str] = ()
    ) -> "ImapSession":
        """Connect, protect, log in. Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused.

        STARTTLS is never skipped; no password leaves on an unprotected connection unless loopback or allowed.
        `timeout`: seconds the server may keep us waiting, all together, in one command (plus 1 s per 4 kB received).
        `set_aside`: names of extensions not to use whatever the server says, because it was caught lying about them.
        """
        refuse_clear_text(server)
        known = imap_quirks.of_host(server.host)
        session = cls(*log_in(server, password, timeout), (*set_aside, *imap_quirks.set_aside(known)))
        if session._client.said_more:
            session._ledger.note("SASL-IR")
        return session

    # Reading

    def uids(self, since_uid: int | None = None) -> "array[int]":
        """UIDs of the selected folder from `since_uid` on (all: None), ascending, typecode "I"."""
        wanted = b"UID %d:*" % since_uid if since_uid else b"ALL"
        returning = (b"RETURN (ALL)",) if self._use("ESEARCH") else ()
        found = self._found(self._run(b"UID SEARCH", *returning, wanted))
        if since_uid:
            found = array("I", (uid for uid in found if uid >= since_uid))
        ascending = all(map(lt, found, islice(found, 1, None)))  # nearly always, and sorting takes much memory
        return found if ascending else array("I", sorted(found))

    def present(self, uids: Iterable[int]) -> "array[int]":
        """Those of these UIDs that the selected folder has, ascending, typecode "I"."""
        found = array("I")
        for part in compact(uids):
            found.extend(self._present(part))
        return array("I", sorted(found))

    def fetch_headers(self, uids: Iterable[int]) -> Iterator[FetchedHeader]:
        """Headers, flags, size and date of these; in the server's order, missing ones left out.

        `uids` is read as far ahead as a few commands need, so it may be an iterator that ends early.
        """
        return self._beginnings(b"HEADER.FIELDS (" + HEADER_FIELDS + b")", b"", uids, _HEADER_GUESS)

    def fetch_beginnings(self, uids: Iterable[int], most: int, *, guess: int) -> Iterator[FetchedHeader]:
        """The same, but `header` is the beginning of the whole message, at most `most` octets of it: what is shorter
        is all of it. `guess`: how long they are on average."""
        return self._beginnings(b"", b"<0.%d>" % most, uids, guess)

    def _beginnings(self, section: bytes, part: bytes, uids: Iterable[int], guess: int) -> Iterator[FetchedHeader]:
        more = b" MODSEQ" if self._selected and self._selected.highestmodseq is not None else b""
        if self._use("X-GM-EXT-1"):
            more += b" X-GM-MSGID X-GM-LABELS"
        elif self._use("OBJECTID"):
            more += b" EMAILID"
        items = b"(UID FLAGS INTERNALDATE RFC822.SIZE" + more + b" BODY.PEEK[" + section + b"]" + part + b")"
        self._stream.settle()
        return self._stream.contents(
            items, uids, pace=self._stream.header_pace, weigh=lambda _: guess, limit=lambda _: _HEADER_LIMIT
        )

    @property
    def header_speed(self) -> int:
        """Octets a second at which `fetch_headers` and `fetch_beginnings` brought theirs, at least."""
        return self._stream.header_pace.slowest

    def fetch_bodies(
        self, uids: Iterable[int], *, size_hint: Mapping[int, int] | None = None, spool: Path | None = None
    ) -> Iterator[FetchedBody]:
        """Whole messages (BODY.PEEK[]). `size_hint`: RFC822.SIZE per UID; what is grossly larger is quarantined.

        `uids` is read as far ahead as a few commands need: one iterator over much, which ends when something else is
        to be done, keeps the line busy; many short calls do not. `size_hint` may grow with it.
        `spool`: a directory; messages over 1 MiB are not held in memory but written there (see `Spooled`). Raises
        MailError where the disk is full.
        """
        hints = size_hint if size_hint is not None else {}

        def limit(uid: int) -> int:
            return min(_BODY_MOST, 4 * hints[uid] + _BODY_SLACK) if uid in hints else _BODY_MOST

        self._stream.settle()
        for one in self._stream.contents(
            b"(UID BODY.PEEK[])",
            uids,
            pace=self._stream.body_pace,
            weigh=lambda uid: hints.get(uid, _BODY_GUESS),
            limit=limit,
            spool=spool,
        ):
            yield FetchedBody(one.uid, one.header, self._stream.spooled.pop(one.uid, None))

    def fetch_previews(self, uids: Iterable[int]) -> Iterator[FetchedPreview]:
        """The first words of these (RFC 8970), without fetching them; nothing where PREVIEW is not offered."""
        if not self._use("PREVIEW"):
            return
        for part in compact(uids):
            yield from previews(self._run(b"UID FETCH", part, b"(UID PREVIEW)").untagged)

    def fetch_flags(
        self, first_uid: int, last_uid: int | None = None, changed_since: int | None = None
    ) -> Iterator[FetchedFlags]:
        """Flags of the UIDs in first..last (None: to the end); with CHANGEDSINCE (RFC 7162) only what changed.

        With `changed_since` and QRESYNC enabled, what vanished since then is in `take_changes().vanished` afterwards.
        """
        modifiers = b""
        if changed_since is not None:
            vanished = b" VANISHED" if self.enabled and "QRESYNC" in self.enabled and self._use("QRESYNC") else b""
            self._use("CONDSTORE")
            modifiers = b" (CHANGEDSINCE %d%s)" % (changed_since, vanished)
        last = b"*" if last_uid is None else b"%d" % last_uid
        self._stream.settle()
        items = b"(UID FLAGS MODSEQ)" if self._selected and self._selected.highestmodseq else b"(UID FLAGS)"
        for one in self._stream.flags(b"%d:%s" % (first_uid, last), items + modifiers):
            if first_uid <= one.uid and (last_uid is None or one.uid <= last_uid):
                yield one

    def take_quarantined(self) -> tuple[Quarantined, ...]:
        """What the fetches since last time could not use."""
        taken = tuple(self._stream.quarantined)
        self._stream.quarantined.clear()
        return taken

    def take_changes(self) -> Changes:
        """What the server reported unasked since last time (EXISTS, EXPUNGE, VANISHED, FETCH of others' changes)."""
        return self._unasked.take()

    # Changing

    def move(self, uids: Iterable[int], dest: bytes) -> Moved:
        """Move to another folder, exactly these, never a bare EXPUNGE. Raises FolderGone if `dest` is not there.

        MOVE (RFC 6851) where offered; else COPY, verified, then STORE \\Deleted and UID EXPUNGE (RFC 4315). With
        neither: COPY, verified, and the source is left marked \\Deleted (hidden by every client, expunged by none of
        our commands); its UIDs are in the answer all the same.
        """
        if self._use("MOVE"):
            return self._transfer(b"UID MOVE", uids, dest)
        copied = self.copy(uids, dest)
        self.expunge(copied.uids)
        return copied

    def copy(self, uids: Iterable[int], dest: bytes) -> Moved:
        """The same answer as `move`; the source stays."""
        return self._transfer(b"UID COPY", uids, dest)

    def _transfer(self, command: bytes, uids: Iterable[int], dest: bytes) -> Moved:
        """COPY or MOVE in as many commands as it takes. What the server did not have is not in the answer.

        Without COPYUID: what was copied is still there; what was moved was reported as expunged.
        """
        validity: int | None = None
        done: dict[int, int | None] = {}
        for part in compact(uids):
            reply = self._run(command, part, self._mailbox(dest))
            if told := copyuid(reply):
                validity = told[0]
                done.update(told[1])
            elif command == b"UID COPY":
                done.update(dict.fromkeys(self._present(part)))
            elif any(b" EXPUNGE" in text[0].upper() or text[0][:8].upper() == b"VANISHED" for text in reply.untagged):
                done.update(dict.fromkeys(expand(part, MANY)))
        return Moved(validity, done)

    def _present(self, uid_set: bytes) -> "array[int]":
        return self._found(self._run(b"UID SEARCH", b"UID", uid_set))

    # Waiting

    def noop(self) -> None:
        """Lets the server report changes, and proves that the connection lives."""
        self._run(b"NOOP")

    def idle(self, stop: Wake, seconds: float) -> bool:
        """Wait for changes in the selected folder (RFC 2177). True: something changed (see `take_changes`).

        False: `stop` was set, `seconds` went by, or the clock says that the computer slept. Ends within 0.2 s of
        `stop.set()`. Where IDLE is not offered it waits in the same way and asks NOOP once a minute. Raises
        ServerClosed when the connection ends.
        """
        end = time.monotonic() + seconds
        self._stream.settle()
        if not self._use("IDLE"):
            return self._poll(stop, end)
        tag = self._client.send(b"IDLE")
        self._client.await_continuation(tag)
        wire = self._client.wire
        while not self._unasked and _wait(wire, stop, end):
            wire.begin()
            if self._client.take_one(tag):
                return bool(self._unasked)
        wire.begin()
        wire.sendall(b"DONE\r\n")
        reply = self._client.finish(tag)
        if reply.status != "OK":
            raise refusal(reply, wire.where)
        return bool(self._unasked)

    def _poll(self, stop: Wake, end: float) -> bool:
        while not self._unasked and (left := end - time.monotonic()) > 0 and not stop.is_set():
            if self._client.wire.wait(stop, min(60.0, left)) or not stop.is_set():
                self.noop()
        return bool(self._unasked)

    def abort(self) -> None:
        """Cut the connection at once; may be called from any thread. What waits for it fails with ServerClosed."""
        self._client.wire.abort()

    def close(self) -> None:
        """LOGOUT if that is quick, then close. Never raises; may be called twice."""
        wire = self._client.wire
        wire.patience = min(wire.patience, 2.0)
        with contextlib.suppress(MailError):
            if not self._stream.busy:
                self._client.run(b"LOGOUT")
        wire.close()
        self._stream.forget_spooled()


def _wait(wire: Wire, stop: Wake, end: float) -> bool:
    """Until there is something to read (True), `stop` is set, it is `end` (of time.monotonic), or the wall clock leapt.

    While a computer sleeps the monotonic clock stands still on Linux, and so do waits; the server has long hung up.
    """
    apart = time.time() - time.monotonic()
    while (left := end - time.monotonic()) > 0 and not stop.is_set():
        if wire.wait(stop, min(left, _NAP)):
            return True
        if abs(time.time() - time.monotonic() - apart) > _LEAP:
            return False
    return wire.buffered()
