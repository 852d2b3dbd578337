"""The composer's journal: saved every few seconds, so that nothing typed is lost by a crash."""

from dataclasses import replace

import msgspec

from qtmail.model import Draft, DraftId
from qtmail.store.connection import Reader
from qtmail.store.db import Tx


def save(tx: Tx, draft: Draft, *, now: int) -> Draft:
    """Keep it -> with its id and time. It counts as open in a composer from now on."""
    id_ = draft.id
    if id_ is None or tx.value("SELECT 1 FROM draft WHERE id = ?", id_) is None:
        id_ = DraftId(
            tx.insert("INSERT INTO draft (account, payload, saved_at) VALUES (?, '{}', ?)", draft.account, now)
        )
    saved = replace(draft, id=id_, saved_at=now)
    tx.run(
        "UPDATE draft SET account = ?, payload = ?, saved_at = ?, open = 1 WHERE id = ?",
        *(saved.account, pack_draft(saved), now, id_),
    )
    return saved


def get(reader: Reader, draft: DraftId) -> Draft | None:
    """None: there is no such journal (any more)."""
    packed = reader.value("SELECT payload FROM draft WHERE id = ?", draft)
    return None if packed is None else replace(unpack_draft(packed), id=draft)


def open_drafts(reader: Reader) -> tuple[Draft, ...]:
    """Those a composer has, or had when the program died, oldest first."""
    return tuple(
        replace(unpack_draft(packed), id=DraftId(id_))
        for id_, packed in reader.all("SELECT id, payload FROM draft WHERE open = 1 ORDER BY id")
    )


def discard(tx: Tx, draft: DraftId) -> None:
    """End the journal; nothing happens if it is not there."""
    tx.run("DELETE FROM draft WHERE id = ?", draft)


def pack_draft(draft: Draft) -> str:
    """As a column holds it; content hashes in base64."""
    return msgspec.json.encode(draft).decode()


def unpack_draft(packed: str) -> Draft:
    """The draft that `pack_draft` packed."""
    return msgspec.json.decode(packed, type=Draft)
