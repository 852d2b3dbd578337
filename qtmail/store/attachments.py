"""What attachments say: which are still to be read, what was found in them, and which of them has the words looked for.

message with content --trigger--> wanted --begin--> read (engine/extracting) --store--> attachment, search_file
                                    | MAX_ATTEMPTS times begun and never stored: given up, and it says so
"""

from collections.abc import Sequence
from typing import NamedTuple

from qtmail.model import ContentHash, MessageId
from qtmail.store import search
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx

MAX_ATTEMPTS = 3
"""Times that reading the attachments of one message may have brought the program down."""
GIVEN_UP = "qtmail ended whenever it was read"


class ToRead(NamedTuple):
    """A message whose attachments are to be read."""

    message: MessageId
    content: ContentHash


class Part(NamedTuple):
    """One attachment: its words in the content database, or why there are none."""

    number: int
    """model.Part.index; -1: all of the message's."""
    name: str
    words: ContentHash | None
    problem: str = ""


class Found(NamedTuple):
    """What came of reading one message."""

    indexed: search.Indexed
    parts: tuple[Part, ...]


def wanted(reader: Reader, limit: int) -> list[ToRead]:
    """The newest of those still to be read, and whose content is here."""
    return [
        ToRead(*record)
        for record in reader.all(
            """
            SELECT w.message, m.content FROM attachment_wanted AS w JOIN message AS m ON m.id = w.message
            WHERE m.content IS NOT NULL AND w.attempts < ? ORDER BY w.date DESC LIMIT ?
            """,
            *(MAX_ATTEMPTS, limit),
        )
    ]


def left(reader: Reader) -> int:
    """How many messages have attachments that are still to be read."""
    return int(reader.value("SELECT count(*) FROM attachment_wanted WHERE attempts < ?", MAX_ATTEMPTS))


def unreadable(reader: Reader) -> int:
    """How many attachments could not be read."""
    return int(reader.value("SELECT count(*) FROM attachment WHERE problem <> ''"))


def begin(tx: Tx, messages: Sequence[MessageId]) -> None:
    """They are about to be read: counted, so that those that bring the program down are given up."""
    tx.run(
        """
        UPDATE attachment_wanted SET attempts = attempts + 1 WHERE message IN (SELECT value FROM json_each(?))
        """,
        listed(messages),
    )
    tx.run(
        """
        INSERT OR REPLACE INTO attachment (message, part, name, problem)
        SELECT message, -1, '', ? FROM attachment_wanted WHERE attempts >= ? AND message IN
          (SELECT value FROM json_each(?))
        """,
        *(GIVEN_UP, MAX_ATTEMPTS, listed(messages)),
    )


def give_back(tx: Tx, messages: Sequence[MessageId]) -> None:
    """They were begun but not read, for a reason that is not theirs."""
    tx.run(
        "UPDATE attachment_wanted SET attempts = attempts - 1 WHERE message IN (SELECT value FROM json_each(?))",
        listed(messages),
    )
    tx.run("DELETE FROM attachment WHERE part = -1 AND message IN (SELECT value FROM json_each(?))", listed(messages))


def store(tx: Tx, found: Sequence[Found]) -> None:
    """These were read. Those that went meanwhile are left out."""
    known = set(
        tx.column(
            "SELECT id FROM message WHERE id IN (SELECT value FROM json_each(?))",
            listed([one.indexed.message for one in found]),
        )
    )
    there = [one for one in found if one.indexed.message in known]
    for one in there:
        tx.run("DELETE FROM attachment WHERE message = ?", one.indexed.message)
        tx.run("DELETE FROM attachment_wanted WHERE message = ?", one.indexed.message)
    tx.many(
        "INSERT INTO attachment (message, part, name, words, problem) VALUES (?, ?, ?, ?, ?)",
        [(one.indexed.message, *part) for one in there for part in one.parts],
    )
    search.index_with_attachments(tx, [one.indexed for one in there if one.indexed.attached])


def of_messages(reader: Reader, messages: Sequence[MessageId]) -> dict[MessageId, tuple[Part, ...]]:
    """What was read, or could not be, of the attachments of these."""
    found: dict[MessageId, tuple[Part, ...]] = {}
    for message, *record in reader.all(
        """
        SELECT message, part, name, words, problem FROM attachment
        WHERE message IN (SELECT value FROM json_each(?)) ORDER BY message, part
        """,
        listed(messages),
    ):
        found[message] = (*found.get(message, ()), Part(*record))
    return found
