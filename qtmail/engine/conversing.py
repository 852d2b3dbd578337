"""The facade for conversations: lists of them, and the user's word on what belongs together. Local only: no server is
told of it."""

from array import array
from collections.abc import Iterable, Sequence

from qtmail.engine.facade import Done
from qtmail.engine.viewing import Viewing
from qtmail.errors import BadInput
from qtmail.model import FolderId, RowId, SortKey
from qtmail.operations import Mute, Regroup
from qtmail.store import conversations, regrouping, threads
from qtmail.store.conversations import Conversation, ThreadId

__all__ = ["Conversation", "Conversing", "ThreadId"]


class Conversing(Viewing):
    """Conversations go across folders and accounts; a list shows those that have a row in its folders."""

    def conversation_ids(
        self, folders: Sequence[FolderId], sort: SortKey = SortKey.DATE, *, descending: bool = True
    ) -> "array[int]":
        """The newest row of each conversation in these folders, in order: array('q') of RowId. As quick as `ids`."""
        return conversations.ids(self._read(), folders, sort, descending=descending)

    def first_conversation_ids(self, folder: FolderId, most: int, *, descending: bool = True) -> "array[int]":
        """Where `conversation_ids` by date begins: at once."""
        return conversations.first_ids(self._read(), folder, most, descending=descending)

    def conversation_count(self, folder: FolderId) -> int:
        """How many there are in it (1,000,000: 30 ms)."""
        return conversations.count(self._read(), folder)

    def conversations(self, rows: Iterable[RowId], folders: Sequence[FolderId]) -> dict[RowId, Conversation]:
        """Row (any of it) -> its conversation, seen from these folders (60 of five messages: 2 ms)."""
        return conversations.conversations(self._read(), rows, folders, mine=self.own_addresses())

    def conversation_heads(self, rows: Iterable[RowId], folders: Sequence[FolderId]) -> dict[RowId, RowId]:
        """Row (of any folder) -> the newest row, in these folders, of its conversation; not those that have none."""
        return conversations.heads(self._read(), rows, folders)

    def split(self, row: RowId) -> Done:
        """This message begins a conversation, with what answers it. Raises BadInput where it does already."""
        before, after = regrouping.split(self._read(), row)
        if not after:
            raise BadInput("This message begins its conversation already.")
        return self._act([Regroup(before, after, "Split")])

    def join(self, rows: Sequence[RowId]) -> Done:
        """The conversations of these messages become one: the one of the first. Raises BadInput where they are one."""
        before, after = regrouping.join(self._read(), rows[1:], rows[0]) if rows else ((), ())
        if not after:
            raise BadInput("These messages are one conversation already.", hint="Choose messages of several.")
        return self._act([Regroup(before, after, "Join")])

    def mute(self, rows: Sequence[RowId], on: bool) -> Done:
        """New mail in the conversations of these is marked read and not told of; or is again."""
        nodes = regrouping.to_mute(self._read(), rows, on)
        return self._act([Mute(nodes, on)]) if nodes else Done(None, "", ())

    def rows_of_conversations(self, rows: Sequence[RowId], folders: Sequence[FolderId]) -> list[RowId]:
        """Every row that these folders have of the conversations of these, newest first in each."""
        return conversations.rows_of(self._read(), rows, folders)

    def catch_up_conversations(self) -> bool:
        """Find some more of the conversations of mail from before there were any -> whether there is more of it."""
        if not threads.behind(self._read()):
            return False
        with self._store.transaction("conversations") as tx:
            return threads.catch_up(tx) > 0

    def own_addresses(self) -> frozenset[str]:
        """Every address the user writes as, lower case."""
        return frozenset(
            address.lower()
            for account in self.accounts()
            for address in (account.address, *(identity.address for identity in account.identities))
        )
