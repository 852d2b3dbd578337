"""The facade for the reader: how a message is to be seen, its thread, what is known of its author."""

from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.engine import clock
from qtmail.engine.checking import Checking
from qtmail.engine.facade import Done
from qtmail.engine.indexing import new_messages
from qtmail.mime.authentication import Authentication, Verdict, authentication
from qtmail.model import Address, Message, Role, RowId
from qtmail.operations import Append, Expunge, Move, Operation
from qtmail.store import add, journal, lists, people, threads, views


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user chose for one message; empty where nothing was."""

    colours: str = ""
    """"light" or "dark"."""
    form: str = ""
    """"text", "simple" or "html"."""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of who wrote a message: mails before, and what the receiving server found out."""

    heard: int = 0
    """Mails that came from this address, this one included."""
    wrote: int = 0
    known: Authentication = Authentication()

    @property
    def stranger(self) -> bool:
        """Whether nothing came from this address before, and nothing went to it."""
        return self.heard <= 1 and not self.wrote

    @property
    def forged(self) -> bool:
        return self.known.verdict is Verdict.FAILED


class Viewing(Checking):
    """Reads, but for `choose` and `remove_parts`."""

    def choices(self, row: RowId) -> Choices:
        """How this message is to be seen. Raises BadInput for no such row."""
        found = views.choices(self._read(), self._opened(row).message)
        return Choices(*(found.get(what, "") for what in ("colours", "form", "charset")))

    def choose(self, row: RowId, what: str, value: str) -> None:
        """Remember one choice ("colours", "form" or "charset") for a message; an empty value forgets it."""
        message = self._opened(row).message
        with self._store.transaction("view choice") as tx:
            views.choose(tx, message, what, value)

    def remove_parts(self, row: RowId, indexes: Sequence[int]) -> Done:
        """Put a copy without these attachments (Part.index) in the message's place; the whole one goes to Trash.

        One gesture: undo brings the whole one back. Raises BadInput (see mime.detach), BodyMissing, StoreError.
        """
        from qtmail.mime.detach import without_parts

        place = self._movable([row])[row]
        old = lists.rows(self._read(), [row])[row]
        now, remote = self._now(), self._remote()
        raw = without_parts(self.raw(row), indexes, clock.header_date(now))
        kept = new_messages(self._store.content, [raw], now=now, received=old.received, flags=old.flags)
        going: Operation = Expunge((row,))
        if not self._folders_that({row: place}, self._is_trash):
            going = Move((row,), (), self.folder_of_role(place.account, Role.TRASH).id)
        label = "Remove 1 attachment" if len(indexes) == 1 else f"Remove {len(indexes)} attachments"
        with self._store.transaction("remove attachments") as tx:
            rows = add.add_messages(tx, place.folder, kept, now=now, why="A copy without attachments")
            done = journal.perform(tx, [Append(rows), going], now=now, remote=remote, label=label)
        return Done(done.gesture, done.label, tx.events)

    def message_in(self, row: RowId, charset: str, *, words: bool = True) -> Message:
        """`message`, its body read as this charset (empty: as it says). words: see mime.parse."""
        from qtmail.mime.parse import parse

        return parse(self.raw(row), charset_override=charset, words=words)

    def thread(self, row: RowId) -> tuple[RowId, ...]:
        """A row of each message of its thread, oldest first, those in Sent too, those in Drafts not."""
        return threads.thread(self._read(), self._opened(row).message)

    def standing(self, row: RowId, author: Address) -> Standing:
        """What is known of the author of this message. Raises what `raw` raises."""
        (key,) = self.account_of([row])
        account = next((one for one in self.accounts() if one.key == key), None)
        receivers = [account.incoming.host, account.address.rpartition("@")[2]] if account else []
        heard, wrote = people.met(self._read(), author.address) if author.address else (0, 0)
        return Standing(heard, wrote, authentication(self.raw(row), author.address, receivers))
