"""The facade for searching: what it covers, what attachments say, searches that are kept.

Finding itself is in `reading`, which a command has without loading all of this.
"""

from collections.abc import Callable

from qtmail.engine.facade import Done
from qtmail.engine.popping import Popping
from qtmail.errors import BadInput
from qtmail.operations import KeepSearch, SavedSearch
from qtmail.store import saved, search
from qtmail.store.query import Marks, understood

__all__ = ["Marks", "Searching", "understood"]

LONGEST_NAME = 100


class Searching(Popping):
    """Saving, changing and deleting a search are acts like any other: undo takes them back."""

    def save_search(self, name: str, query: str) -> Done:
        """Keep a search under this name. Raises BadInput: what is wrong with the name or the query."""
        one = SavedSearch(saved.next_id(self._read()), self._name(name), self._checked(query))
        return self._act([KeepSearch(None, one)])

    def change_search(self, before: SavedSearch, *, name: str = "", query: str = "") -> Done:
        """Another name, or other words. Raises BadInput."""
        after = SavedSearch(
            before.id,
            self._name(name, besides=before.id) if name else before.name,
            self._checked(query) if query else before.query,
        )
        return Done(None, "", ()) if after == before else self._act([KeepSearch(before, after)])

    def delete_search(self, one: SavedSearch) -> Done:
        """Forget a search; what it finds stays where it is."""
        return self._act([KeepSearch(one, None)])

    def read_attachments(self, most: int | None = None, said: Callable[[int], None] = lambda left: None) -> int:
        """Read what attachments say, of at most about so many messages (None: all) -> how many are left. `said`: told
        how many are left, now and then. Takes 1 to 100 ms a message; killed, it goes on where it was. Raises
        StoreError."""
        from qtmail.engine.extracting import Extractor, read_some

        done = 0
        with Extractor() as extractor:
            while (most is None or done < most) and (some := read_some(self._store, extractor)):
                done += some
                said(self.attachments_left())
        return self.attachments_left()

    def _name(self, name: str, besides: int = 0) -> str:
        name = " ".join(name.split())
        if not name or len(name) > LONGEST_NAME:
            raise BadInput("A saved search needs a name." if not name else "This name is too long.")
        if any(one.name.casefold() == name.casefold() and one.id != besides for one in self.saved_searches()):
            raise BadInput(f"There is already a search “{name}”.", hint="Choose another name.")
        return name

    def _checked(self, query: str) -> str:
        query = query.strip()
        search.check(query, accounts=self._account_names())
        return query
