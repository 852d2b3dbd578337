"""Putting messages into folders: APPEND, several at once, and a draft in place of its older version."""

from collections.abc import Iterable, Iterator, Sequence

from qtmail.errors import Refused
from qtmail.net.imap_answers import Reply
from qtmail.net.imap_replies import appenduids, internaldate
from qtmail.net.imap_selecting import SelectingCommands
from qtmail.net.imap_tokens import compact
from qtmail.net.imap_transport import Literal
from qtmail.net.imap_values import Adding, Appended

TOGETHER = 4 * 1024 * 1024
"""Octets in one MULTIAPPEND: if it is cut off, so much is sent again."""
_MANY = 100


class AddingCommands(SelectingCommands):
    """What adds to a folder, and removes exactly what was named."""

    def append(
        self, dest: bytes, content: bytes, flags: Iterable[str] = (), date: int | None = None
    ) -> Appended | None:
        """Add a message (`date`: INTERNALDATE, epoch). None: added, but the server does not tell its UID.

        Raises FolderGone, Refused (over quota, too big). ServerClosed after the last byte leaves it open whether the
        message is there: look with `find_message_id` first.
        """
        return self._append(dest, [Adding(content, tuple(flags), date)])[0]

    def append_many(self, dest: bytes, messages: Iterable[Adding]) -> Iterator[Appended | None]:
        """The same for several, in few commands where MULTIAPPEND (RFC 3502) is offered: all of a command or none.

        One answer a message, in order, as soon as it is known; what it raises leaves all further ones not added.
        """
        several = self._use("MULTIAPPEND")
        batch: list[Adding] = []
        for one in messages:
            if batch and (
                not several
                or len(batch) >= _MANY
                or sum(len(other.content) for other in batch) + len(one.content) > TOGETHER
            ):
                yield from self._append(dest, batch)
                batch = []
            batch.append(one)
        if batch:
            yield from self._append(dest, batch)

    def replace(
        self, uid: int, dest: bytes, content: bytes, flags: Iterable[str] = (), date: int | None = None
    ) -> Appended | None:
        """Add this and remove `uid` of the selected folder, in one step where REPLACE (RFC 8508) is offered.

        Else the new one is added first, then the old one expunged: cut between, both are there, never none.
        """
        self._refuse_large(content)
        if self._use("REPLACE"):
            reply = self._run(
                b"UID REPLACE", b"%d" % uid, self._mailbox(dest), *self._arguments(Adding(content, tuple(flags), date))
            )
            return _appended(reply, 1)[0]
        added = self.append(dest, content, flags, date)
        self.expunge((uid,))
        return added

    def append_limit(self) -> int | None:
        """The octets the server takes in one message, where it says so for all folders (APPENDLIMIT, RFC 7889)."""
        return self._ledger.value("APPENDLIMIT") if self.supports("APPENDLIMIT") else None

    def _append(self, dest: bytes, messages: Sequence[Adding]) -> list[Appended | None]:
        for one in messages:
            self._refuse_large(one.content)
        arguments = [argument for one in messages for argument in self._arguments(one)]
        return _appended(self._run(b"APPEND", self._mailbox(dest), *arguments), len(messages))

    def _arguments(self, one: Adding) -> list[bytes | Literal]:
        names = b"(" + " ".join(one.flags).encode("ascii", "replace") + b")"
        when = [b'"' + internaldate(one.date) + b'"'] if one.date is not None else []
        if self.enabled and "UTF8=ACCEPT" in self.enabled and not one.content.partition(b"\r\n\r\n")[0].isascii():
            return [names, *when, Literal(one.content, binary=True, before=b"UTF8 (", after=b")")]
        binary = b"\0" in one.content and self._use("BINARY")
        return [names, *when, Literal(one.content, binary)]

    def _refuse_large(self, content: bytes) -> None:
        limit = self.append_limit()
        if limit is not None and len(content) > limit:
            self._use("APPENDLIMIT")
            raise Refused(
                f"The message has {len(content):,} bytes; the server takes {limit:,} at most.",
                hint="Leave out an attachment, or make it smaller.",
            )

    def set_flags(self, uids: Iterable[int], flags: Iterable[str], on: bool) -> None:
        """UID STORE +FLAGS.SILENT or -FLAGS.SILENT."""
        names = " ".join(flags).encode("utf-8", "replace")
        if not names or any((octet < 33 and octet != 32) or octet in b'(){%*"' for octet in names):
            raise Refused("This is not a flag a server can keep.", hint="Use letters, digits, “$”, “-” and “_”.")
        sign = b"+FLAGS.SILENT" if on else b"-FLAGS.SILENT"
        for part in compact(uids):
            self._run(b"UID STORE", part, sign, b"(" + names + b")")

    def expunge(self, uids: Iterable[int]) -> None:
        """Remove exactly these for good: \\Deleted, then UID EXPUNGE. Without UIDPLUS they only stay marked."""
        gone = list(uids)
        if gone:
            self.set_flags(gone, ("\\Deleted",), True)
        if self._use("UIDPLUS"):
            for part in compact(gone):
                self._run(b"UID EXPUNGE", part)


def _appended(reply: Reply, count: int) -> list[Appended | None]:
    told = appenduids(reply)
    if told is None or len(told[1]) != count:
        return [None] * count
    return [Appended(told[0], uid) for uid in told[1]]
