"""Conversations in the message list: in which places they are shown, which are open, what an act on a line touches."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from qtmail.engine.mail import Mail
from qtmail.model import Row, RowId
from qtmail.ui.message_list import first, listing, threaded
from qtmail.ui.message_list.listing import Listing, Query
from qtmail.ui.message_list.view import MessageView

FOLLOWED = 200
"""Selected rows that are followed when another message becomes the line of their conversation."""


def unread_after(mail: Mail, shown: Listing, start: int) -> RowId | None:
    """The first line from the index `start` of the list's ids on, round the end, that is unread, or stands for a
    conversation with something unread; not the one before `start`."""
    folders = shown.query.folders
    unread = {RowId(row) for row in mail.narrowed("is:unread", folders)}
    closed = set(mail.conversation_heads(unread, folders).values()) - set(shown.parents.values())
    wanted = unread | closed
    around = chain(range(start, len(shown.ids)), range(max(start - 1, 0)))
    return next((RowId(shown.ids[place]) for place in around if shown.ids[place] in wanted), None)


class Conversing:
    """`places`: keys of those shown as conversations; every other is a list of messages."""

    def __init__(self, mail: Mail, view: MessageView, shown: Callable[[], Listing]) -> None:
        self._mail = mail
        self._view = view
        self._shown = shown
        self.places: frozenset[str] = frozenset()
        self._unfolded: frozenset[RowId] = frozenset()
        view.fold_wanted.connect(self._fold)

    def query(self, plain: Query, place: str) -> Query:
        """What to read for this place; a search and a quick filter list messages."""
        if place not in self.places or plain.text or plain.narrow:
            return plain
        first_line, last_line = self._view.visible_lines()
        in_sight = [RowId(row) for row in self._shown().ids_in(first_line, last_line) if row]
        chosen = self._view.selected_ids() if self._view.selected_count() <= FOLLOWED else []
        same = self._shown().query.folders == plain.folders
        return replace(
            plain,
            conversations=True,
            unfolded=self._unfolded,
            follow=tuple(dict.fromkeys([*chosen, *in_sight])) if same else (),
        )

    @staticmethod
    def reader(query: Query, *, fresh: bool) -> Callable[[Mail, Query, datetime], Listing]:
        """How it is read."""
        if query.conversations:
            return threaded.begin if fresh else threaded.read
        return first.begin if fresh else listing.read

    def acting_on(self, rows: Sequence[RowId]) -> list[RowId]:
        """These, and of conversations that are closed every message of the folders that are shown."""
        shown = self._shown()
        if not shown.query.conversations:
            return list(rows)
        heads = set(shown.parents.values())
        closed = [row for row in rows if row not in heads and row not in shown.parents]
        whole = self._mail.rows_of_conversations(closed, shown.query.folders) if closed else []
        return list(dict.fromkeys([*rows, *whole]))

    def stands_for_all(self, row: RowId) -> bool:
        """Whether its line is that of a whole conversation that is closed: the reader shows all of it then."""
        shown = self._shown()
        return shown.query.conversations and row not in shown.parents and row not in shown.parents.values()

    def line_for(self, row: RowId) -> RowId:
        """The row whose line shows this one: itself, or the one its conversation is closed in."""
        shown = self._shown()
        if not shown.query.conversations or shown.line_of(row) >= 0:
            return row
        return self._mail.conversation_heads([row], shown.query.folders).get(row, row)

    def reveal(self, row: RowId) -> bool:
        """Open the conversation this row is in, if it has no line of its own. -> whether it has one now."""
        head = self.line_for(row)
        if head != row:
            self._fold(head, True)
        return self._shown().line_of(row) >= 0

    def elsewhere(self, rows: Sequence[RowId]) -> list[Row]:
        """Those of these rows that are in other folders than those shown: below an open conversation."""
        shown = self._shown()
        below = [row for row in rows if row in shown.parents]
        return [row for row in self._mail.rows(below).values() if row.folder not in shown.query.folders]

    def _fold(self, row: RowId, opening: bool) -> None:
        shown = self._shown()
        one = self._mail.conversations([row], shown.query.folders).get(row)
        if one is None:
            return
        if opening:
            self._unfolded |= set(one.rows)
            changed = threaded.opened(shown, {row: [member for member in one.members if member != row]})
        else:
            self._unfolded -= set(one.rows)
            changed = threaded.closed(shown, row)
        changed = replace(changed, query=replace(changed.query, unfolded=self._unfolded))
        self._view.show_listing(changed, keep_place=True)
