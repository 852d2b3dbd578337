"""What a message list reads: all ids in order, and the rows that are in sight."""

from array import array
from collections.abc import Iterable, Sequence

from qtmail.model import FolderId, MessageId, Role, Row, RowId, SortKey
from qtmail.store.connection import Reader, Record, listed
from qtmail.store.flags import unpack

OUTGOING = (Role.SENT, Role.DRAFTS, Role.OUTBOX)
"""Where the correspondent is whom it is to."""

_OUTGOING_SQL = "(SELECT role FROM folder WHERE folder.id = p.folder) IN ('sent', 'drafts', 'outbox')"

KEYS: dict[SortKey, str] = {
    SortKey.CORRESPONDENT: f"""
        lower(CASE WHEN {_OUTGOING_SQL} THEN coalesce(nullif(m.to_names, ''), m.to_addr)
                   ELSE coalesce(nullif(m.from_name, ''), m.from_addr) END)""",
    SortKey.SUBJECT: "m.base_subject",
    SortKey.SIZE: "m.size",
    SortKey.UNREAD: "1 - p.seen",
    SortKey.STAR: "instr(' ' || p.flags || ' ', ' \\Flagged ') > 0",
    SortKey.ATTACHMENT: "m.attachments > 0",
}

PART = 100_000
"""Rows of one question."""
_PROGRAMS = frozenset({"NonJunk", "Junk", "NotJunk", "Forwarded", "MDNSent"})
"""What other mail programs note for themselves."""


def ids(
    reader: Reader, folders: Sequence[FolderId], sort: SortKey = SortKey.DATE, *, descending: bool = True
) -> "array[int]":
    """array('q') of RowId. By date from one index (200,000: 40 ms); other keys read the messages too. Equal keys are
    ordered by date, newest first."""
    order = "DESC" if descending else "ASC"
    if sort is SortKey.DATE and len(folders) == 1:
        return _by_date(reader, folders[0], descending=descending)
    if sort is SortKey.DATE:
        one = "SELECT id, date FROM placement WHERE folder = ? AND gone_at IS NULL"
        sql = f"{' UNION ALL '.join([one] * len(folders))} ORDER BY date {order}, id {order}"
    else:
        sql = f"""
            SELECT p.id FROM placement AS p JOIN message AS m ON m.id = p.message
            WHERE p.folder IN ({", ".join("?" * len(folders))}) AND p.gone_at IS NULL
            ORDER BY {KEYS[sort]} {order}, p.date DESC, p.id DESC
        """  # noqa: S608 - keys from the table above
    if not folders:
        return array("q")
    return reader.numbers("id", sql, *folders)


def _by_date(reader: Reader, folder: FolderId, *, descending: bool) -> "array[int]":
    """In parts: a million at once would leave 15 MB in the process that nobody needs again. What comes or goes
    meanwhile is told by an event, which has all of it read anew."""
    order, beyond = ("DESC", "<") if descending else ("ASC", ">")
    where, by = "folder = ? AND gone_at IS NULL", f"ORDER BY date {order}, id {order} LIMIT {PART}"
    found = part = reader.numbers("id", f"SELECT id FROM placement WHERE {where} {by}", folder)  # noqa: S608 - literals
    while len(part) == PART:
        date = reader.value("SELECT date FROM placement WHERE id = ?", part[-1])
        if date is None:  # this very row was dropped a moment ago
            return _by_date(reader, folder, descending=descending)
        sql = f"SELECT id FROM placement WHERE {where} AND (date, id) {beyond} (?, ?) {by}"  # noqa: S608 - literals
        part = reader.numbers("id", sql, folder, date, part[-1])
        found += part
    return found


def first(reader: Reader, folders: Sequence[FolderId], most: int, *, descending: bool = True) -> "array[int]":
    """The first `most` of `ids` by date: 1 ms, however many there are."""
    order = "DESC" if descending else "ASC"
    one = f"""
        SELECT id, date FROM (
          SELECT id, date FROM placement WHERE folder = ? AND gone_at IS NULL
          ORDER BY date {order}, id {order} LIMIT ?
        )
    """  # noqa: S608 - one of two words
    if not folders:
        return array("q")
    sql = f"{' UNION ALL '.join([one] * len(folders))} ORDER BY date {order}, id {order} LIMIT ?"
    return reader.numbers("id", sql, *(value for folder in folders for value in (folder, most)), most)


def tags(reader: Reader, folders: Sequence[FolderId]) -> tuple[str, ...]:
    """Keywords on rows of these folders, but the registered ones (RFC 5788), which programs give."""
    found = reader.column(
        f"SELECT DISTINCT flags FROM placement WHERE folder IN ({', '.join('?' * len(folders))}) AND gone_at IS NULL",  # noqa: S608
        *folders,
    )
    words = {word for flags in found for word in flags.split() if not word.startswith(("\\", "$"))}
    return tuple(sorted(words - _PROGRAMS, key=str.casefold))


def rows(reader: Reader, ids: Iterable[RowId]) -> dict[RowId, Row]:
    """Some rows (60: 0.3 ms), in the order asked; those that are gone are left out."""
    asked = list(ids)
    found = {
        record[0]: _row(record)
        for record in reader.all(
            """
            SELECT p.id, p.message, p.folder, f.role, m.subject, m.from_name, m.from_addr, m.to_names, m.to_addr,
                   p.date, p.received, m.size, p.flags, m.preview, m.attachments, m.message_id, m.content IS NOT NULL
            FROM placement AS p JOIN message AS m ON m.id = p.message JOIN folder AS f ON f.id = p.folder
            WHERE p.id IN (SELECT value FROM json_each(?)) AND p.gone_at IS NULL
            """,
            listed(asked),
        )
    }
    return {row: found[row] for row in asked if row in found}


def _row(record: Record) -> Row:
    (
        id_,
        message,
        folder,
        role,
        subject,
        from_name,
        from_addr,
        to_names,
        to_addr,
        date,
        received,
        size,
        flags,
        preview,
        attachments,
        message_id,
        has_body,
    ) = record
    outgoing = role in OUTGOING
    address = to_addr if outgoing else from_addr
    return Row(
        id=RowId(id_),
        message=MessageId(message),
        folder=FolderId(folder),
        subject=subject,
        correspondent=(to_names if outgoing else from_name) or address,
        address=address,
        date=date,
        received=received,
        size=size,
        flags=unpack(flags),
        preview=preview,
        attachments=attachments,
        message_id=message_id,
        has_body=bool(has_body),
    )
