"""What is kept on this computer, folder by folder: the user's word, the rule in force, and which bodies it leaves out.

    word (Folder.keep, else the account's) -> rule -> put_in_force -> bring_in_line, some rows a transaction

From `put_in_force` on every new row follows the rule by itself (triggers); `bring_in_line` is for those of before, and
goes on after an interruption because `folder.keep_applied` tells that it was not done. Content that is here stays; what
was dropped to make room (space.py) stays away until a rule keeps more than it did.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from qtmail.events import FoldersChanged
from qtmail.model import AccountKey, FolderId, Keep, MessageId
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx

DAY = 24 * 3600
MEGABYTE = 1024 * 1024
NEVER = 2**62
"""No message is dated after it: the bodies of all are left out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which bodies of a folder are left out: of messages dated before `since`, and of more than `most` octets (0: no
    limit)."""

    since: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """A folder whose rule in force is another than its word says, or not everywhere in force yet."""

    folder: FolderId
    before: Rule
    rule: Rule
    whole: bool
    """Every row has to be looked at, not only those between the two dates."""
    more_at: int = 0
    """When the rule came to keep more: what was dropped before then to make room (space.py) is wanted again."""


def rule(keep: Keep, largest_mb: int, *, now: int) -> Rule:
    """What the words mean on this day."""
    since = 0 if keep.days is None else NEVER if keep.days == 0 else max(0, (now // DAY - keep.days) * DAY)
    return Rule(since, largest_mb * MEGABYTE)


def set_keep(tx: Tx, folder: FolderId, keep: Keep | None) -> None:
    """The user's word for a folder; None: the account's. The engine puts it in force."""
    word = "" if keep is None else str(keep)
    account = tx.value("SELECT account FROM folder WHERE id = ?", folder)
    if account is not None and tx.run("UPDATE folder SET keep = ?1 WHERE id = ?2 AND keep <> ?1", word, folder):
        tx.note(FoldersChanged(AccountKey(account)))


def due(reader: Reader, account: AccountKey, keep: Keep, largest_mb: int, *, now: int) -> list[Due]:
    """The account's folders whose rule has to change; `keep`: the account's word."""
    found = []
    for folder, word, since, most, applied in reader.all(
        "SELECT id, keep, keep_since, keep_most, keep_applied FROM folder WHERE account = ? AND gone_at IS NULL",
        account,
    ):
        wanted = rule(Keep.of(word) if word else keep, largest_mb, now=now)
        before = Rule(since, most)
        if before != wanted or not applied:
            more = wanted.since < before.since or (before.most > 0 and not 0 < wanted.most <= before.most)
            whole = more or not applied or before.most != wanted.most
            found.append(Due(FolderId(folder), before, wanted, whole, now if more else 0))
    return found


def put_in_force(tx: Tx, change: Due) -> None:
    """From now on new rows follow it."""
    tx.run(
        """
        UPDATE folder SET keep_since = ?, keep_most = ?, keep_applied = 0, keep_more_at = max(keep_more_at, ?)
        WHERE id = ?
        """,
        *(change.rule.since, change.rule.most, change.more_at, change.folder),
    )


def out_of_line(reader: Reader, change: Due) -> "array[int]":
    """The rows that do not follow the rule in force yet: array('q'), for `bring_in_line`."""
    first, last = sorted((change.before.since, change.rule.since))
    if change.whole:
        first, last = -NEVER, NEVER
    return reader.numbers(
        "placement",
        """
        SELECT b.placement FROM body_wanted AS b JOIN body_left_out AS v ON v.placement = b.placement
        WHERE b.folder = ? AND b.left_out IN (0, 1) AND b.date >= ? AND b.date < ? AND b.left_out <> v.left_out
        """,
        *(change.folder, first, last),
    )


def bring_in_line(tx: Tx, folder: FolderId, rows: Sequence[int]) -> None:
    """These follow the rule; call it with a few hundred at most."""
    tx.run(
        """
        UPDATE body_wanted SET left_out = (SELECT v.left_out FROM body_left_out AS v
                                           WHERE v.placement = body_wanted.placement)
        WHERE placement IN (SELECT value FROM json_each(?))
        """,
        listed(list(rows)),
    )
    tx.touched(folder)


def done(tx: Tx, folder: FolderId) -> None:
    """Every row follows the rule."""
    tx.run("UPDATE folder SET keep_applied = 1 WHERE id = ?", folder)


def keeps_all_of(reader: Reader, folder: FolderId) -> bool:
    """Whether the rule in force leaves out no message for its date, and no small one for its size."""
    return bool(reader.value("SELECT keep_since = 0 FROM folder WHERE id = ?", folder))


def is_left_out(reader: Reader, message: MessageId) -> bool:
    """It has no content here, and every folder it is in leaves it out."""
    left_out = reader.value(
        """
        SELECT min(b.left_out) FROM placement AS p JOIN body_wanted AS b ON b.placement = p.id
        WHERE p.message = ? AND p.gone_at IS NULL
        """,
        message,
    )
    return bool(left_out)


def of_interest(reader: Reader, account: AccountKey, messages: Sequence[MessageId]) -> tuple[MessageId, ...]:
    """Those of `messages` without content that a folder of the account does not leave out, in the order given."""
    wanted = set(
        reader.column(
            """
            SELECT p.message FROM placement AS p JOIN body_wanted AS b ON b.placement = p.id
              JOIN folder AS f ON f.id = p.folder
            WHERE p.message IN (SELECT value FROM json_each(?)) AND b.left_out = 0 AND f.account = ?
            """,
            *(listed(messages), account),
        )
    )
    return tuple(message for message in messages if message in wanted)
