"""One IMAP connection, from greeting to LOGOUT (RFC 3501, 9051 and the extensions a client lives by).

Every method raises MailErrors only: Unreachable / ServerClosed (make a new session), ProtocolError (same),
TemporarilyRefused, FolderGone, Refused (the session goes on). UIDs are unsigned 32-bit ints; flags are strings as
on the wire ("\\\\Seen", "$Forwarded"); `wire_name` comes from `folders()` or `wire_name(path)`.
"""

import contextlib
import time
from array import array
from collections.abc import Iterable, Iterator, Mapping
from email.utils import formatdate

from qtmail.errors import FolderGone, MailError, ProtocolError, Refused
from qtmail.model import Server
from qtmail.net import imap_names
from qtmail.net.connect import Wake, refuse_clear_text
from qtmail.net.imap_fetch import FetchStream, Unasked, flag_set
from qtmail.net.imap_login import log_in
from qtmail.net.imap_names import Namespace
from qtmail.net.imap_tokens import Atom, Malformed, compact, expand, parse, quoted, response_code
from qtmail.net.imap_transport import ImapClient, Literal, Reply, astring, refusal
from qtmail.net.imap_values import (
    Appended,
    Changes,
    FetchedBody,
    FetchedFlags,
    FetchedHeader,
    FolderStatus,
    Moved,
    Quarantined,
    RemoteFolder,
    Selected,
)

HEADER_FIELDS = b"DATE FROM SENDER REPLY-TO TO CC SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES CONTENT-TYPE LIST-ID"
_HEADER_LIMIT = 1024 * 1024
"""Octets of the fields above; more is an attack or a fault."""
_BODY_SLACK = 1024 * 1024
"""RFC822.SIZE is a guess on some servers: four times of it and this much is let through."""
_MANY = 50_000_000
"""UIDs in one folder; a reply that claims more is not believed."""


class ImapSession:
    """A logged-in connection. Fetches stream: records come as they arrive; an iterator may be left early."""

    capabilities: frozenset[str]
    """As the server said after login, upper case."""

    def __init__(self, client: ImapClient, capabilities: frozenset[str]) -> None:
        """For `connect` and tests; the client is logged in."""
        self._client = client
        self.capabilities = capabilities
        self.enabled: frozenset[str] | None = None
        """What ENABLE was granted; None before it was asked (by the first `folders` or `select`)."""
        self._namespace: Namespace | None = None
        self._wire_names: dict[str, bytes] = {}
        self._unasked = Unasked()
        self._stream = FetchStream(client, self._unasked)
        self._selected: Selected | None = None
        client.on_untagged = self._unasked.note  # type: ignore[method-assign]

    @classmethod
    def connect(cls, server: Server, password: str, *, timeout: float = 30) -> "ImapSession":
        """Connect, protect, log in. Raises Unreachable, TlsFailed, LoginFailed, TemporarilyRefused.

        STARTTLS is never skipped; no password leaves on an unprotected connection unless loopback or allowed.
        `timeout`: seconds the server may keep us waiting, all together, in one command (plus 1 s per 4 kB received).
        """
        refuse_clear_text(server)
        return cls(*log_in(server, password, timeout))

    @property
    def bytes_in(self) -> int:
        """Octets received so far (inside TLS)."""
        return self._client.wire.bytes_in

    @property
    def bytes_out(self) -> int:
        return self._client.wire.bytes_out

    def supports(self, name: str) -> bool:
        """True if the capability was offered after login, e.g. "CONDSTORE", "MOVE", "UIDPLUS"."""
        return name.upper() in self.capabilities or (name.upper() in _REV2 and "IMAP4REV2" in self.capabilities)

    # Folders

    def folders(self) -> tuple[RemoteFolder, ...]:
        """Every mailbox; with its status in the same round trip where LIST-STATUS is offered."""
        asked: list[tuple[bytes | Literal, ...]] = [(b"LIST", b'""', b'"*"', *self._list_return())]
        lsub = not self.supports("LIST-EXTENDED")
        if lsub:
            asked.append((b"LSUB", b'""', b'"*"'))
        replies = self._ask(asked)
        if replies[0].status != "OK":
            raise refusal(replies[0], self._client.wire.where)
        listed = [one for text in _only(replies[0], b"LIST") if (one := imap_names.parse_list(text))]
        status = dict(found for text in _only(replies[0], b"STATUS") if (found := imap_names.parse_status(text)))
        subscribed = (
            [one.wire_name for text in _only(replies[1], b"LSUB") if (one := imap_names.parse_list(text))]
            if lsub
            else None
        )
        found_folders = imap_names.arrange(listed, subscribed, status, self._namespace or Namespace())
        self._wire_names = {folder.path: folder.wire_name for folder in found_folders}
        return found_folders

    def wire_name(self, path: str) -> bytes:
        """The server's name for a folder path of ours that may not exist yet (to create or rename).

        Raises Refused for a name this server cannot have.
        """
        if path in self._wire_names:
            return self._wire_names[path]
        if self._namespace is None:
            self._ask([])
        return imap_names.wire_path(path, self._namespace or Namespace())

    def _list_return(self) -> tuple[bytes, ...]:
        if not self.supports("LIST-EXTENDED"):
            return ()
        options = [b"SUBSCRIBED"]
        if self.supports("SPECIAL-USE"):
            options.append(b"SPECIAL-USE")
        if self.supports("LIST-STATUS"):
            options.append(b"STATUS " + self._status_items())
        return (b"RETURN (" + b" ".join(options) + b")",)

    def _status_items(self) -> bytes:
        modseq = b" HIGHESTMODSEQ" if self._condstore() else b""
        return b"(MESSAGES UIDNEXT UIDVALIDITY UNSEEN" + modseq + b")"

    def _condstore(self) -> bool:
        return self.supports("CONDSTORE") or self.supports("QRESYNC")

    def _ask(self, commands: list[tuple[bytes | Literal, ...]]) -> list[Reply]:
        """These commands in one round trip; the first time with ENABLE and NAMESPACE before them."""
        self._stream.settle()
        first: list[tuple[bytes | Literal, ...]] = []
        wanted = [name for name in ("CONDSTORE", "QRESYNC") if name in self.capabilities]
        enable = self.enabled is None and bool(wanted) and self.supports("ENABLE")
        if enable:
            first.append((b"ENABLE", " ".join(wanted).encode()))
        namespace = self._namespace is None and self.supports("NAMESPACE")
        if namespace:
            first.append((b"NAMESPACE",))
        replies = list(self._client.run_all([*first, *commands]))
        granted: set[str] = set()
        if enable:
            for text in _only(replies.pop(0), b"ENABLED"):
                granted.update(text[0].decode("ascii", "replace").upper().split()[1:])
        if self.enabled is None:
            self.enabled = frozenset(granted)
        if namespace:
            for text in _only(replies.pop(0), b"NAMESPACE"):
                self._namespace = imap_names.parse_namespace(text)
        if self._namespace is None:
            self._namespace = Namespace()
        return replies

    def status(self, wire_name: bytes) -> FolderStatus:
        """Raises FolderGone."""
        reply = self._run(b"STATUS", astring(wire_name), self._status_items())
        found = [one for text in _only(reply, b"STATUS") if (one := imap_names.parse_status(text))]
        if not found:
            raise ProtocolError(f"{self._client.wire.where} did not tell the folder's state.")
        return found[-1][1]

    def create(self, wire_name: bytes) -> None:
        """CREATE and SUBSCRIBE; that it already exists is no error."""
        created, subscribed = self._ask([(b"CREATE", astring(wire_name)), (b"SUBSCRIBE", astring(wire_name))])
        if created.status != "OK" and created.code != "ALREADYEXISTS" and subscribed.status != "OK":
            raise refusal(created, self._client.wire.where)
        if created.status != "OK" and created.code != "ALREADYEXISTS":
            self.status(wire_name)

    def rename(self, old: bytes, new: bytes) -> None:
        """RENAME, with those below it; the subscription goes along. Raises FolderGone, Refused."""
        self._run(b"RENAME", astring(old), astring(new))
        self._wire_names = {path: name for path, name in self._wire_names.items() if name != old}
        self._ask([(b"SUBSCRIBE", astring(new)), (b"UNSUBSCRIBE", astring(old))])

    def delete(self, wire_name: bytes) -> None:
        """DELETE and UNSUBSCRIBE; that it is gone already is no error."""
        deleted, _ = self._ask([(b"DELETE", astring(wire_name)), (b"UNSUBSCRIBE", astring(wire_name))])
        self._wire_names = {path: name for path, name in self._wire_names.items() if name != wire_name}
        if deleted.status != "OK":
            error = refusal(deleted, self._client.wire.where)
            if not isinstance(error, FolderGone):
                raise error

    def subscribe(self, wire_name: bytes, on: bool = True) -> None:
        """SUBSCRIBE or UNSUBSCRIBE."""
        self._run(b"SUBSCRIBE" if on else b"UNSUBSCRIBE", astring(wire_name))

    def select(self, wire_name: bytes, readonly: bool = False) -> Selected:
        """Raises FolderGone, Refused. What was reported about the folder before is dropped."""
        if self.enabled is None:
            self._ask([])
        self._selected = None
        plain = self._condstore() and not self.enabled
        reply = self._run(
            b"EXAMINE" if readonly else b"SELECT", astring(wire_name), *((b"(CONDSTORE)",) if plain else ())
        )
        self._unasked.take()
        self._selected = _selected(reply, readonly)
        self._unasked.total = self._selected.exists
        return self._selected

    # Reading

    def uids(self, since_uid: int | None = None) -> "array[int]":
        """UIDs of the selected folder from `since_uid` on (all: None), ascending, typecode "I"."""
        wanted = b"UID %d:*" % since_uid if since_uid else b"ALL"
        returning = (b"RETURN (ALL)",) if self.supports("ESEARCH") else ()
        found = self._numbers(self._run(b"UID SEARCH", *returning, wanted))
        return array("I", sorted(uid for uid in found if uid >= (since_uid or 0)))

    def fetch_headers(self, uids: Iterable[int]) -> Iterator[FetchedHeader]:
        """Headers, flags, size and date of these; in the server's order, missing ones left out."""
        modseq = b" MODSEQ" if self._selected and self._selected.highestmodseq is not None else b""
        items = b"(UID FLAGS INTERNALDATE RFC822.SIZE" + modseq + b" BODY.PEEK[HEADER.FIELDS (" + HEADER_FIELDS + b")])"
        self._stream.settle()
        return self._stream.contents(items, list(uids), chunk=500, window=4, limit=lambda _: _HEADER_LIMIT)

    def fetch_bodies(self, uids: Iterable[int], *, size_hint: Mapping[int, int] | None = None) -> Iterator[FetchedBody]:
        """Whole messages (BODY.PEEK[]). `size_hint`: RFC822.SIZE per UID; what is grossly larger is quarantined."""
        hints = size_hint or {}

        def limit(uid: int) -> int:
            return min(_BODY_MOST, 4 * hints[uid] + _BODY_SLACK) if uid in hints else _BODY_MOST

        self._stream.settle()
        for one in self._stream.contents(b"(UID BODY.PEEK[])", list(uids), chunk=50, window=4, limit=limit):
            yield FetchedBody(one.uid, one.header)

    def fetch_flags(
        self, first_uid: int, last_uid: int | None = None, changed_since: int | None = None
    ) -> Iterator[FetchedFlags]:
        """Flags of the UIDs in first..last (None: to the end); with CHANGEDSINCE (RFC 7162) only what changed.

        With `changed_since` and QRESYNC enabled, what vanished since then is in `take_changes().vanished` afterwards.
        """
        modifiers = b""
        if changed_since is not None:
            vanished = b" VANISHED" if self.enabled and "QRESYNC" in self.enabled else b""
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

    def find_message_id(self, message_id: str) -> tuple[int, ...]:
        """UIDs in the selected folder whose Message-ID header is this."""
        wanted = message_id.encode("utf-8", "replace")
        argument = quoted(wanted) or Literal(wanted)
        return tuple(sorted(self._numbers(self._run(b"UID SEARCH", b"HEADER", b"MESSAGE-ID", argument))))

    def _numbers(self, reply: Reply) -> "array[int]":
        """Of SEARCH or ESEARCH (RFC 4731) replies."""
        found = array("I")
        try:
            for text in reply.untagged:
                if text[0][:7].upper() == b"SEARCH ":
                    numbers = text[0][7:].partition(b"(")[0].split()
                    found.extend(expand(b",".join(numbers), _MANY) if numbers else ())
                elif text[0][:8].upper() == b"ESEARCH ":
                    tokens = parse(text)
                    upper = [token.upper() if isinstance(token, Atom) else b"" for token in tokens]
                    if b"ALL" in upper:
                        numbers_set = tokens[upper.index(b"ALL") + 1]
                        found.extend(expand(numbers_set if isinstance(numbers_set, bytes) else b"", _MANY))
        except (Malformed, IndexError) as error:
            raise ProtocolError(f"{self._client.wire.where} sent a search result that makes no sense.") from error
        return found

    # Changing

    def set_flags(self, uids: Iterable[int], flags: Iterable[str], on: bool) -> None:
        """UID STORE +FLAGS.SILENT or -FLAGS.SILENT."""
        names = " ".join(flags).encode("utf-8", "replace")
        if not names or any((octet < 33 and octet != 32) or octet in b'(){%*"' for octet in names):
            raise Refused("This is not a flag a server can keep.", hint="Use letters, digits, “$”, “-” and “_”.")
        sign = b"+FLAGS.SILENT" if on else b"-FLAGS.SILENT"
        for part in compact(uids):
            self._run(b"UID STORE", part, sign, b"(" + names + b")")

    def move(self, uids: Iterable[int], dest: bytes) -> Moved:
        """Move to another folder, exactly these, never a bare EXPUNGE. Raises FolderGone if `dest` is not there.

        MOVE (RFC 6851) where offered; else COPY, verified, then STORE \\Deleted and UID EXPUNGE (RFC 4315). With
        neither: COPY, verified, and the source is left marked \\Deleted (hidden by every client, expunged by none of
        our commands); its UIDs are in the answer all the same.
        """
        if self.supports("MOVE"):
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
            reply = self._run(command, part, astring(dest))
            if told := _copyuid(reply):
                validity = told[0]
                done.update(told[1])
            elif command == b"UID COPY":
                done.update(dict.fromkeys(self._present(part)))
            elif any(b" EXPUNGE" in text[0].upper() or text[0][:8].upper() == b"VANISHED" for text in reply.untagged):
                done.update(dict.fromkeys(expand(part, _MANY)))
        return Moved(validity, done)

    def _present(self, uid_set: bytes) -> "array[int]":
        return self._numbers(self._run(b"UID SEARCH", b"UID", uid_set))

    def append(
        self, dest: bytes, content: bytes, flags: Iterable[str] = (), date: int | None = None
    ) -> Appended | None:
        """Add a message (`date`: INTERNALDATE, epoch). None: added, but the server does not tell its UID.

        Raises FolderGone, Refused (over quota, too big). ServerClosed after the last byte leaves it open whether the
        message is there: look with `find_message_id` first.
        """
        names = b"(" + " ".join(flags).encode("ascii", "replace") + b")"
        when = (b'"' + _internaldate(date) + b'"',) if date is not None else ()
        plus = self.supports("LITERAL+") or (self.supports("LITERAL-") and len(content) <= 4096)
        self._stream.settle()
        reply = self._client.run(b"APPEND", astring(dest), names, *when, Literal(content), literal_plus=plus)
        fields = reply.argument.split()
        if reply.code == "APPENDUID" and len(fields) == 2 and fields[0].isdigit() and fields[1].isdigit():
            return Appended(int(fields[0]), int(fields[1]))
        return None

    def expunge(self, uids: Iterable[int]) -> None:
        """Remove exactly these for good: \\Deleted, then UID EXPUNGE. Without UIDPLUS they only stay marked."""
        gone = list(uids)
        if gone:
            self.set_flags(gone, ("\\Deleted",), True)
        if self.supports("UIDPLUS"):
            for part in compact(gone):
                self._run(b"UID EXPUNGE", part)

    # Waiting

    def noop(self) -> None:
        """Lets the server report changes, and proves that the connection lives."""
        self._run(b"NOOP")

    def idle(self, stop: Wake, seconds: float) -> bool:
        """Wait for changes in the selected folder (RFC 2177). True: something changed (see `take_changes`).

        False: `stop` was set, or `seconds` went by. Ends within 0.2 s of `stop.set()`. Where IDLE is not offered it
        waits in the same way and asks NOOP once a minute. Raises ServerClosed when the connection ends.
        """
        end = time.monotonic() + seconds
        self._stream.settle()
        if not self.supports("IDLE"):
            return self._poll(stop, end)
        tag = self._client.send(b"IDLE")
        self._client.await_continuation(tag)
        wire = self._client.wire
        while not self._unasked and wire.wait(stop, end - time.monotonic()):
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

    def _run(self, *arguments: bytes | Literal) -> Reply:
        self._stream.settle()
        return self._client.run(*arguments)


_REV2 = frozenset(
    (
        *("NAMESPACE", "UIDPLUS", "ESEARCH", "ENABLE", "IDLE", "LIST-EXTENDED", "LIST-STATUS", "MOVE"),
        *("LITERAL-", "SPECIAL-USE"),
    )
)
"""What IMAP4rev2 (RFC 9051) includes without saying so."""
_BODY_MOST = 512 * 1024 * 1024


def _only(reply: Reply, name: bytes) -> Iterator[tuple[bytes, ...]]:
    """The untagged replies of this kind."""
    start = name + b" "
    return (text for text in reply.untagged if text[0][: len(start)].upper() == start)


def _selected(reply: Reply, readonly: bool) -> Selected:
    numbers: dict[str, int] = {}
    exists = 0
    permanent: frozenset[str] | None = None
    flags: frozenset[str] = frozenset()
    for text in reply.untagged:
        first, _, rest = text[0].strip().partition(b" ")
        if rest.upper() == b"EXISTS" and first.isdigit():
            exists = int(first)
        elif first.upper() == b"FLAGS":
            flags = flag_set(rest.strip(b"()"))
        elif first.upper() == b"OK":
            code, argument, _ = response_code(rest)
            if argument.isdigit():
                numbers[code] = int(argument)
            elif code == "PERMANENTFLAGS":
                permanent = flag_set(argument.strip(b"()"))
    kept = flags if permanent is None else permanent
    return Selected(
        numbers.get("UIDVALIDITY", 0),
        numbers.get("UIDNEXT"),
        exists,
        numbers.get("HIGHESTMODSEQ") or None,
        readonly or reply.code == "READ-ONLY",
        kept - {"\\*"},
        "\\*" in kept,
    )


def _copyuid(reply: Reply) -> tuple[int, dict[int, int | None]] | None:
    """COPYUID (RFC 4315, 3), in the tagged reply (COPY) or an untagged OK before it (MOVE)."""
    told = [(reply.code, reply.argument)]
    told += [response_code(text[0][3:])[:2] for text in reply.untagged if text[0][:3].upper() == b"OK "]
    for code, argument in told:
        fields = argument.split()
        if code == "COPYUID" and len(fields) == 3 and fields[0].isdigit():
            try:
                old, new = expand(fields[1], _MANY), expand(fields[2], _MANY)
            except Malformed:
                return None
            if len(old) == len(new):
                return int(fields[0]), dict(zip(old, new, strict=True))
    return None


def _internaldate(date: int) -> bytes:
    """RFC 3501 date-time, in UTC."""
    _, day, month, year, clock, _ = formatdate(date).split()
    return f"{int(day):2}-{month}-{year} {clock} +0000".encode()
