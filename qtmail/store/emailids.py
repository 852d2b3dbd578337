"""Messages known by the server's own id (EMAILID of RFC 8474, X-GM-MSGID): wherever else they turn up, they are ours.

An id is a hint: it only counts together with the same Message-ID and the same number of octets.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qtmail.model import FolderId, MessageId
from qtmail.store.connection import listed
from qtmail.store.db import Tx
from qtmail.store.values import NewHeader


class Met(NamedTuple):
    """A message we have already."""

    message: MessageId
    date: int
    whole: bool
    """Its content is here: nothing is to be fetched."""


def known(tx: Tx, folder: FolderId, items: Sequence[NewHeader]) -> dict[str, Met]:
    """Those of these that we have, by their id."""
    told = {item.emailid: item for item in items if item.emailid and item.facts.message_id}
    if not told:
        return {}
    found = {}
    for emailid, message, date, content, message_id, size, announced in tx.all(
        """
        SELECT e.emailid, m.id, m.date, m.content IS NOT NULL, m.message_id, m.size, e.size
        FROM email_id AS e JOIN message AS m ON m.id = e.message
        WHERE e.account = (SELECT account FROM folder WHERE id = ?) AND e.emailid IN (SELECT value FROM json_each(?))
        """,
        *(folder, listed(list(told))),
    ):
        item = told[emailid]
        if item.facts.message_id == message_id and item.size in (size, announced):
            found[emailid] = Met(MessageId(message), date, bool(content))
    return found


def remember(tx: Tx, folder: FolderId, made: Iterable[tuple[NewHeader, MessageId]]) -> None:
    """These messages have these ids; an id that comes back with another content is that one's from now on."""
    tx.many(
        """
        INSERT INTO email_id (account, emailid, message, size)
        VALUES ((SELECT account FROM folder WHERE id = ?), ?, ?, ?)
        ON CONFLICT (account, emailid) DO UPDATE SET message = excluded.message, size = excluded.size
        """,
        [(folder, item.emailid, message, item.size) for item, message in made if item.emailid],
    )
