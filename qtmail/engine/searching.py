"""The facade for searching: what it covers, what attachments say, searches that are kept."""

from collections.abc import Callable

from qtmail.engine.popping import Popping


class Searching(Popping):
    """Finding itself is `Reading.search`, which a command has without loading all of this."""

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
