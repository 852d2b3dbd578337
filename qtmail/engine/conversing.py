"""The facade for conversations: lists of them, and the user's word on what belongs together. Local only: no server is
told of it."""

from array import array
from collections.abc import Iterable, Sequence

from qtmail.engine.viewing import Viewing
from qtmail.model import FolderId, RowId, SortKey
from qtmail.store import conversations
from qtmail.store.conversations import Conversation, ThreadId

__all__ = ["Conversation", "Conversing", "ThreadId"]


class Conversing(Viewing):
    """Conversations go across folders and accounts; a list shows those that have a row in its folders."""

    def conversation_ids(
        self, folders: Sequence[FolderId], sort: SortKey = SortKey.DATE, *, descending: bool = True
    ) -> "array[int]":
        """The newest row of each conversation in these folders, in order: array('q') of RowId. As quick as `ids`."""
        return conversations.ids(self._read(), folders, sort, descending=descending)

    def conversations(self, rows: Iterable[RowId], folders: Sequence[FolderId]) -> dict[RowId, Conversation]:
        """Row (any of it) -> its conversation, seen from these folders (60 of five messages: 2 ms)."""
        return conversations.conversations(self._read(), rows, folders, mine=self._mine())

    def conversation_heads(self, rows: Iterable[RowId], folders: Sequence[FolderId]) -> dict[RowId, RowId]:
        """Row (of any folder) -> the newest row, in these folders, of its conversation; not those that have none."""
        return conversations.heads(self._read(), rows, folders)

    def _mine(self) -> frozenset[str]:
        """Every address the user writes as, lower case."""
        return frozenset(
            address.lower()
            for account in self.accounts()
            for address in (account.address, *(identity.address for identity in account.identities))
        )
