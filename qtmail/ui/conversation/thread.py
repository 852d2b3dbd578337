"""From a row to the conversation it belongs to: reads on the worker's thread; knows no widget."""

from dataclasses import dataclass, replace

from qtmail.engine.mail import Mail
from qtmail.model import Address, Row, RowId
from qtmail.ui.reader.load import Look, Shown, load

MOST_OPEN = 20
"""Messages opened by themselves; the others at a click."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a conversation. `shown`: what it shows while it is open; None: it is folded to a line."""

    row: Row
    author: Address
    own: bool
    """The user wrote it."""
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation, oldest first; `current` is the message it was opened for."""

    current: RowId
    entries: tuple[Entry, ...]

    @property
    def rows(self) -> tuple[RowId, ...]:
        return tuple(entry.row.id for entry in self.entries)

    @property
    def subject(self) -> str:
        """That of the first message that has one."""
        return next((entry.row.subject for entry in self.entries if entry.row.subject), "")


def read_thread(mail: Mail, row: RowId, look: Look, *, unread_first: bool = False) -> Thread | None:
    """The conversation around this row; None where it stands alone.

    Opened are what is unread, the row itself and the newest. unread_first: it is for its oldest unread message, where
    there is one, and not for the row. Raises what `load` raises.
    """
    entries = list_thread(mail, row)
    if len(entries) < 2:
        return None
    wanted = [entry.row.id for entry in entries if entry.row.unread and not entry.own][-MOST_OPEN:]
    if unread_first and wanted:
        row = wanted[0]
    opened = {*wanted, row, entries[-1].row.id}
    return Thread(
        row,
        tuple(
            replace(entry, shown=load(mail, entry.row.id, look)) if entry.row.id in opened else entry
            for entry in entries
        ),
    )


def list_thread(mail: Mail, row: RowId) -> tuple[Entry, ...]:
    """Every message of the thread, folded. The row itself is there, not another copy of its message."""
    ids = mail.thread(row)
    rows = mail.rows({*ids, row})
    if row not in rows:
        return ()
    asked = rows[row].message_id
    chosen = [row if one == row or (asked and one in rows and rows[one].message_id == asked) else one for one in ids]
    chosen = [one for one in dict.fromkeys(chosen) if one in rows]
    authors = mail.authors(chosen)
    own = {account.address.casefold() for account in mail.accounts()}
    found = []
    for one in chosen:
        author = authors.get(one) or Address(rows[one].correspondent, rows[one].address)
        found.append(Entry(rows[one], author, author.address.casefold() in own))
    return tuple(found)
