"""What the server's folders told: new headers, flags, what vanished. At most some 200 rows a transaction.

Pending operations win: what the user did here and the server does not know yet is never overwritten.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from qtmail.model import ContentHash, FolderId, MessageId, RowId
from qtmail.store import coordinates, emailids, people, replay, search
from qtmail.store.connection import Reader, listed
from qtmail.store.db import Tx
from qtmail.store.flags import pack
from qtmail.store.messages import (
    MessageRecord,
    PlacementRecord,
    insert_messages,
    insert_placements,
    next_ids,
    want_bodies,
)
from qtmail.store.story import tell, tell_many
from qtmail.store.values import Added, BodyFacts, NewFlags, NewHeader

_NO_BODY = BodyFacts()
_UIDS = 10_000
"""So many are looked up in one question."""
PUT_ELSEWHERE = "Put here by another program; it was known already and not fetched again"


def known_uids(reader: Reader, folder: FolderId, since: int = 0) -> "array[int]":
    """array('q'), ascending, from `since` on: every UID of the folder's present UIDVALIDITY that needs no fetching:
    those of its rows and those whose move or expunge the server is still to be told."""
    uidvalidity = _uidvalidity(reader, folder)
    live = reader.numbers(
        "uid",
        """
        SELECT uid FROM placement
        WHERE folder = ? AND uidvalidity = ? AND uid >= ? AND gone_at IS NULL ORDER BY uid
        """,
        *(folder, uidvalidity, since),
    )
    pending = {uid for uid in coordinates.pending_uids(reader, folder, uidvalidity) if uid >= since}
    return array("q", sorted(pending.union(live))) if pending else live


def known_count(reader: Reader, folder: FolderId) -> int:
    """How many `known_uids` there are, without reading them."""
    uidvalidity = _uidvalidity(reader, folder)
    local = int(
        reader.value("SELECT count(*) FROM placement WHERE folder = ? AND uid IS NULL AND gone_at IS NULL", folder)
    )
    total = int(reader.value("SELECT total FROM folder WHERE id = ?", folder) or 0)
    return total - local + len(coordinates.pending_uids(reader, folder, uidvalidity))


def shown_uids(reader: Reader, folder: FolderId, uids: Sequence[int]) -> "array[int]":
    """Those of `uids` that a row of the folder has: array('q'), ascending."""
    found = array("q")
    uidvalidity = _uidvalidity(reader, folder)
    for start in range(0, len(uids), _UIDS):
        found.extend(
            reader.column(
                """
                SELECT uid FROM placement WHERE folder = ? AND uidvalidity = ? AND gone_at IS NULL
                  AND uid IN (SELECT value FROM json_each(?)) ORDER BY uid
                """,
                *(folder, uidvalidity, listed(list(uids[start : start + _UIDS]))),
            )
        )
    return found


def differing_flags(reader: Reader, folder: FolderId, told: Mapping[int, frozenset[str]]) -> int:
    """How many of these rows had other flags when the server last told them; UIDs without a row do not count."""
    records = reader.all(
        """
        SELECT uid, server_flags FROM placement WHERE folder = ? AND uidvalidity = ? AND gone_at IS NULL
          AND uid IN (SELECT value FROM json_each(?))
        """,
        *(folder, _uidvalidity(reader, folder), listed(list(told))),
    )
    return sum(pack(told[uid]) != flags for uid, flags in records)


def newest_uid(reader: Reader, folder: FolderId, place: int) -> int:
    """The UID that so many others are above of, e.g. where the newest 2,000 begin; 1 where there are fewer."""
    return int(
        reader.value(
            """
            SELECT uid FROM placement WHERE folder = ? AND uidvalidity = ? AND uid IS NOT NULL AND gone_at IS NULL
            ORDER BY uid DESC LIMIT 1 OFFSET ?
            """,
            *(folder, _uidvalidity(reader, folder), place),
        )
        or 1
    )


def add_headers(tx: Tx, folder: FolderId, uidvalidity: int, items: Sequence[NewHeader], *, now: int) -> Added:
    """Add what is not here yet. A UID in grace comes back as the row it was; a row that waits for its UID (moved,
    copied or appended by us) is met again by Message-ID; sources of open moves and expunges are ignored.
    Raises ValueError unless `uidvalidity` is the folder's (see relink.set_uidvalidity)."""
    if uidvalidity != _uidvalidity(tx, folder):
        raise ValueError(f"folder {folder} does not have UIDVALIDITY {uidvalidity}")
    known = _known(tx, folder, uidvalidity, [item.uid for item in items])
    pending = coordinates.pending_uids(tx, folder, uidvalidity)
    waiting = _waiting(tx, folder)
    new: list[NewHeader] = []
    revived: list[RowId] = []
    adopted: list[RowId] = []
    seen: set[int] = set()
    for item in items:
        if item.uid in pending or item.uid in seen:
            continue
        seen.add(item.uid)
        if item.uid in known:
            row, gone, message_id = known[item.uid]
            if gone is not None and message_id == item.facts.message_id:
                _revive(tx, row, item, now)
                revived.append(row)
            elif gone is not None:  # put back from a backup: its UID was given to another message since
                tx.run("UPDATE placement SET uid = NULL, uidvalidity = 0 WHERE id = ?", row)
                new.append(item)
        elif waiting and (candidates := waiting.get(item.facts.message_id)):
            row = _best(candidates, item.size)
            replay.arrived(tx, row, uidvalidity, item.uid, now=now)
            _set_flags(tx, row, folder, item.flags, item.modseq)
            adopted.append(row)
        else:
            new.append(item)
    made = _insert(tx, folder, uidvalidity, new, now) if new else Added()
    if made.rows or revived or adopted:
        tx.touched(folder)
    return replace(made, revived=tuple(revived), adopted=tuple(adopted))


def update_flags(tx: Tx, folder: FolderId, items: Iterable[NewFlags], *, now: int) -> int:
    """What the server says of flags now -> how many rows look different. UIDs not known here are left out."""
    told = {item.uid: item for item in items}
    records = tx.all(
        """
        SELECT p.id, p.uid, p.flags, p.server_flags FROM placement AS p JOIN folder AS f ON f.id = p.folder
        WHERE p.folder = ? AND p.uidvalidity = f.uidvalidity AND p.uid IN (SELECT value FROM json_each(?))
          AND p.gone_at IS NULL
        """,
        folder,
        listed(list(told)),
    )
    wishes = replay.flag_wishes(tx, folder)
    changes = []
    told_of: list[tuple[RowId, str]] = []
    different = 0
    for row, uid, flags, server_flags in records:
        said = pack(told[uid].flags)
        shown = replay.with_wishes(said, wishes.get(row, ()))
        if shown != flags:
            different += 1
            told_of.extend((row, words) for words in _what_changed(flags, shown))
        if (said, shown) != (server_flags, flags):
            changes.append((shown, said, told[uid].modseq, row))
    tx.many("UPDATE placement SET flags = ?, server_flags = ?, modseq = ? WHERE id = ?", changes)
    tell_many(tx, told_of, now=now)
    if different:
        tx.touched(folder)
    return different


def mark_vanished(tx: Tx, folder: FolderId, uids: Iterable[int], *, now: int) -> int:
    """These are proven not to be on the server any more: to grace -> how many. Call it with a few hundred at most."""
    count = tx.run(
        """
        UPDATE placement SET gone_at = ?, gone_why = 'vanished'
        WHERE folder = ? AND uidvalidity = (SELECT uidvalidity FROM folder WHERE id = placement.folder)
          AND uid IN (SELECT value FROM json_each(?)) AND gone_at IS NULL
        """,
        now,
        folder,
        listed(list(uids)),
    )
    if count:
        tx.touched(folder)
    return count


def drop_unmet(tx: Tx, folder: FolderId, *, now: int) -> int:
    """After every UID of the folder was looked at: rows that a move or copy left here without telling their UID, and
    that are not on the server, are proven gone -> how many. Not those with something of theirs still to be told."""
    rows = [RowId(row) for rows in _waiting(tx, folder, every=True).values() for row, _size in rows]
    tx.many("UPDATE placement SET gone_at = ?, gone_why = 'vanished' WHERE id = ?", [(now, row) for row in rows])
    coordinates.close_rows(tx, rows, "done", now=now)
    if rows:
        tx.touched(folder)
    return len(rows)


def rows_of_uids(reader: Reader, folder: FolderId, uidvalidity: int, uids: Sequence[int]) -> dict[int, RowId]:
    """UID -> row, of those that are known and not gone."""
    return {
        uid: RowId(row)
        for uid, row in reader.all(
            """
            SELECT uid, id FROM placement
            WHERE folder = ? AND uidvalidity = ? AND uid IN (SELECT value FROM json_each(?)) AND gone_at IS NULL
            """,
            folder,
            uidvalidity,
            listed(list(uids)),
        )
    }


def _uidvalidity(reader: Reader, folder: FolderId) -> int:
    return int(reader.value("SELECT uidvalidity FROM folder WHERE id = ?", folder) or 0)


def _known(tx: Tx, folder: FolderId, uidvalidity: int, uids: list[int]) -> dict[int, tuple[RowId, int | None, str]]:
    return {
        uid: (RowId(row), gone_at, message_id)
        for uid, row, gone_at, message_id in tx.all(
            """
            SELECT p.uid, p.id, p.gone_at, m.message_id FROM placement AS p JOIN message AS m ON m.id = p.message
            WHERE p.folder = ? AND p.uidvalidity = ? AND p.uid IN (SELECT value FROM json_each(?))
            """,
            folder,
            uidvalidity,
            listed(uids),
        )
    }


def _waiting(tx: Tx, folder: FolderId, *, every: bool = False) -> dict[str, list[tuple[RowId, int]]]:
    """Rows of this folder that the server has, or may have, under a UID we were not told: Message-ID -> (row, size).

    Not those whose move, copy or append was never asked for: what comes is not theirs. `every`: those without
    Message-ID too, but none with a move, copy or append whose answer was not seen."""
    found: dict[str, list[tuple[RowId, int]]] = {}
    for row, message_id, size in tx.all(
        """
        SELECT p.id, m.message_id, m.size FROM placement AS p JOIN message AS m ON m.id = p.message
        WHERE p.folder = ? AND p.uidvalidity = 0 AND p.uid IS NULL AND p.gone_at IS NULL AND (m.message_id <> '' OR ?2)
          AND NOT EXISTS (
            SELECT 1 FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
            WHERE (r.placement = p.id OR r.copy = p.id) AND r.done = 0 AND o.state IN ('pending', iif(?2, 'sent', ''))
              AND o.kind IN ('Move', 'Copy', 'Append', 'Restore', 'Expunge') AND (o.kind <> 'Copy' OR r.copy = p.id))
          AND (NOT ?2 OR EXISTS (
            SELECT 1 FROM operation_row AS r JOIN operation AS o ON o.id = r.operation
            WHERE (r.placement = p.id OR r.copy = p.id) AND o.state = 'done'
              AND o.kind IN ('Move', 'Copy', 'Append', 'Restore')))
        """,
        *(folder, every),
    ):
        found.setdefault(message_id, []).append((RowId(row), size))
    return found


def _best(candidates: list[tuple[RowId, int]], size: int) -> RowId:
    """The one of this size, else the first; each is taken once."""
    best = min(candidates, key=lambda candidate: candidate[1] != size)
    candidates.remove(best)
    return best[0]


def _revive(tx: Tx, row: RowId, item: NewHeader, now: int) -> None:
    """The server has it after all (malformed VANISHED, a folder that came back)."""
    tx.run("UPDATE placement SET gone_at = NULL, gone_why = '' WHERE id = ?", row)
    tell(tx, row, "Was not listed by the server for a while, and came back", now=now)
    _set_flags(tx, row, None, item.flags, item.modseq)


def _set_flags(tx: Tx, row: RowId, folder: FolderId | None, flags: frozenset[str], modseq: int) -> None:
    said = pack(flags)
    wishes = replay.flag_wishes(tx, folder).get(row, ()) if folder is not None else ()
    shown = replay.with_wishes(said, wishes)
    tx.run("UPDATE placement SET flags = ?, server_flags = ?, modseq = ? WHERE id = ?", shown, said, modseq, row)


def _insert(tx: Tx, folder: FolderId, uidvalidity: int, items: Sequence[NewHeader], now: int) -> Added:
    """Rows for these, and messages for those that we do not have already."""
    message, row = next_ids(tx)
    messages: list[MessageRecord] = []
    placements: list[PlacementRecord] = []
    wanted: list[PlacementRecord] = []
    met = emailids.known(tx, folder, items)
    same = _same_bytes(tx, items)
    for offset, item in enumerate(items):
        known = met.get(item.emailid)
        have = known or same.get(item.content)
        id_ = have.message if have else MessageId(message + offset)
        flags = pack(item.flags)
        if have is None:
            messages.append(_message(id_, item, now))
            if item.content is not None:
                same[item.content] = emailids.Met(id_, item.facts.date, True)
        placements.append(
            PlacementRecord(
                *(RowId(row + offset), folder, id_, uidvalidity, item.uid, flags, flags, item.modseq),
                *(have.date if have else item.facts.date, item.received, now, PUT_ELSEWHERE if known else "Arrived"),
            )
        )
        if not (have.whole if have else item.content):
            wanted.append(placements[-1])
    insert_messages(tx, messages)
    insert_placements(tx, placements)
    want_bodies(tx, wanted)
    emailids.remember(tx, folder, zip(items, [placement.message for placement in placements], strict=True))
    search.index_headers(tx, [search.Indexed(new.id, new.facts) for new in messages if new.content is None])
    search.index(tx, [search.Indexed(new.id, new.facts, new.body) for new in messages if new.content is not None])
    people.met_in(tx, folder, [item.facts for item in items], now=now)
    elsewhere = sum(item.emailid in met for item in items)
    whole = sum(item.content is not None and item.emailid not in met for item in items)
    return Added(tuple(record.id for record in placements), met=elsewhere, whole=whole)


def _same_bytes(tx: Tx, items: Sequence[NewHeader]) -> dict[ContentHash | None, emailids.Met]:
    """Messages with the same bytes as one of these, by their hash."""
    hashes = [item.content for item in items if item.content is not None]
    if not hashes:
        return {}
    marks = ", ".join("?" * len(hashes))
    records = tx.all(f"SELECT content, id, date FROM message WHERE content IN ({marks})", *hashes)  # noqa: S608
    return {ContentHash(content): emailids.Met(MessageId(id_), date, True) for content, id_, date in records}


def _message(id_: MessageId, item: NewHeader, now: int) -> MessageRecord:
    if item.content is None:
        return MessageRecord(id_, None, item.header, item.facts, item.size, _NO_BODY, None)
    return MessageRecord(id_, item.content, b"", item.facts, item.size, item.body, now)


_WORDS = {
    ("\\Seen", True): "Read elsewhere",
    ("\\Seen", False): "Marked unread elsewhere",
    ("\\Flagged", True): "Starred elsewhere",
    ("\\Flagged", False): "Star taken off elsewhere",
    ("\\Answered", True): "Answered elsewhere",
    ("$Forwarded", True): "Forwarded elsewhere",
}


@lru_cache(1024)
def _what_changed(before: str, after: str) -> tuple[str, ...]:
    """In words, for the row's story."""
    old, new = set(before.split()), set(after.split())
    return tuple(words for (flag, on), words in _WORDS.items() if (flag in new) is on and (flag in old) is not on)
