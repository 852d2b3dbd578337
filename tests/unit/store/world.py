"""What tests of the store share: an account with mail, made as sync makes it, and a picture of all that is visible."""

from collections.abc import Callable, Sequence
from typing import Any

from qtmail.model import AccountKey, Address, FolderId, Role, RowId
from qtmail.operations import Operation
from qtmail.store import add, bodies, folders, journal, relink, sync
from qtmail.store.db import Store
from qtmail.store.values import (
    BodyFacts,
    HeaderFacts,
    NewBody,
    NewHeader,
    NewMessage,
    Performed,
    ServerFolder,
)

IMAP = AccountKey("imap")
OTHER = AccountKey("other")
POP = AccountKey("pop")
REMOTE = frozenset({IMAP, OTHER})
NOW = 1_700_000_000

LISTED = (
    ServerFolder(b"INBOX", "INBOX", Role.INBOX),
    ServerFolder(b"Trash", "Trash", Role.TRASH),
    ServerFolder(b"Work", "Work"),
    ServerFolder(b"Work.Old", "Work/Old"),
)


def header(uid: int, *flags: str, date: int | None = None, size: int = 1000, key: object = None) -> NewHeader:
    """One message of a server; `key` makes its Message-ID (the UID, if not given)."""
    name = uid if key is None else key
    return NewHeader(
        uid=uid,
        flags=frozenset(flags),
        size=size,
        received=NOW - 1000 + uid,
        header=b"Subject: fetched\r\n\r\n",
        facts=facts(name, date=NOW - 1000 + uid if date is None else date),
    )


def facts(name: object, *, date: int = NOW) -> HeaderFacts:
    return HeaderFacts(
        date=date,
        message_id=f"<{name}@example.test>",
        subject=f"Re: Subject {name}",
        sender=Address(f"Sender {name}", f"sender{name}@example.test"),
        recipients=(Address("Alice", "alice@example.test"), Address("", "bob@example.test")),
    )


class World:
    """A store with an IMAP account `imap`, and one `other`, each with four folders."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.inbox, self.trash, self.work, self.old = self._account(IMAP)
        self.other_inbox, *_ = self._account(OTHER)

    def _account(self, account: AccountKey) -> tuple[FolderId, ...]:
        with self.store.transaction("account") as tx:
            made = folders.update_folders(tx, account, LISTED, now=NOW).new
            for number, folder in enumerate(made):
                relink.set_uidvalidity(tx, folder, 100 + number)
        return made

    def uidvalidity(self, folder: FolderId) -> int:
        return int(self.store.read().value("SELECT uidvalidity FROM folder WHERE id = ?", folder))

    def arrive(self, folder: FolderId, *headers: NewHeader, now: int = NOW) -> tuple[RowId, ...]:
        """These are listed by the server."""
        with self.store.transaction("arrive") as tx:
            return sync.add_headers(tx, folder, self.uidvalidity(folder), headers, now=now).rows

    def fill(self, folder: FolderId, count: int, *, first: int = 1) -> tuple[RowId, ...]:
        """`count` messages with their bodies."""
        rows: list[RowId] = []
        for start in range(first, first + count, 200):
            uids = range(start, min(start + 200, first + count))
            part = self.arrive(folder, *[header(uid, key=f"{folder}.{uid}") for uid in uids])
            self.bodies(part)
            rows += part
        return tuple(rows)

    def bodies(
        self, rows: Sequence[RowId], text: str = "words of the body", raw: Callable[[RowId], bytes] | None = None
    ) -> None:
        contents = [raw(row) if raw else b"Subject: %d\r\n\r\nbody" % row for row in rows]
        hashes = self.store.content.put_many(contents, now=NOW)
        with self.store.transaction("bodies") as tx:
            bodies.store_bodies(
                tx,
                [
                    NewBody(row, hash_, len(raw), facts(f"body{row}"), BodyFacts("preview", 1, "plan.pdf", text))
                    for row, hash_, raw in zip(rows, hashes, contents, strict=True)
                ],
                now=NOW,
            )

    def own(self, folder: FolderId, name: str, *flags: str, text: str = "own words") -> RowId:
        """A whole message of our own in a folder."""
        raw = f"Subject: {name}\r\n\r\n{text}".encode()
        content = self.store.content.put(raw, now=NOW)
        with self.store.transaction("own") as tx:
            new = NewMessage(content, len(raw), NOW, facts(name), BodyFacts("preview", 0, "", text), frozenset(flags))
            return add.add_messages(tx, folder, [new], now=NOW)[0]

    def do(self, *operations: Operation, now: int = NOW, **more: Any) -> Performed:
        return journal.act(self.store, operations, now=now, remote=REMOTE, **more)

    def write(self, act: Callable[..., Any], *values: Any, **named: Any) -> Any:
        """Run one function of the store in a transaction."""
        with self.store.transaction("test") as tx:
            return act(tx, *values, **named)

    def picture(self) -> dict[str, Any]:
        """All the user sees, and where each row is on the server."""
        reader = self.store.read()
        return {
            "rows": reader.all(
                """
                SELECT id, folder, message, uidvalidity, uid, flags, date FROM placement
                WHERE gone_at IS NULL ORDER BY id
                """
            ),
            "folders": reader.all(
                """
                SELECT id, account, path, role, total, unread, subscribed FROM folder
                WHERE gone_at IS NULL ORDER BY id
                """
            ),
        }

    def seen(self) -> dict[str, Any]:
        """What the user sees."""
        picture = self.picture()
        return {
            "rows": [(id_, folder, message, flags) for id_, folder, message, _, _, flags, _ in picture["rows"]],
            "folders": picture["folders"],
        }

    def counts_are_right(self) -> bool:
        return not self.store.read().all(
            """
            SELECT f.id FROM folder AS f WHERE
              f.total <> (SELECT count(*) FROM placement AS p WHERE p.folder = f.id AND p.gone_at IS NULL)
              OR f.unread <> (SELECT count(*) FROM placement AS p WHERE p.folder = f.id AND p.gone_at IS NULL
                              AND instr(' ' || p.flags || ' ', ' \\Seen ') = 0)
              OR f.bodies_missing <> (SELECT count(*) FROM body_wanted AS b WHERE b.folder = f.id AND b.left_out = 0)
              OR f.bodies_left_out <> (SELECT count(*) FROM body_wanted AS b WHERE b.folder = f.id AND b.left_out = 1)
            """
        )
