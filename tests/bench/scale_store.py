"""A profile filled with the large corpus: made and parsed in several processes, stored by the product."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from qtmail import accounts
from qtmail.engine.indexing import body_facts, header_facts
from qtmail.mime.parse import summarise
from qtmail.model import Account, AccountKey, FolderId, Protocol, Role, Security, Server
from qtmail.paths import Profile
from qtmail.store import add, folders
from qtmail.store.content import Content, Packed
from qtmail.store.db import Store
from qtmail.store.values import NewMessage
from tests.bench.scale_corpus import NEWEST, OWN, Words, messages

CHUNK = 2_000
"""Messages of one piece of work: threads do not reach beyond it."""
ROWS = 500
"""Messages of one transaction."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the measurements find."""

    profile: Profile
    count: int
    octets: int
    """Of the raw messages."""
    inbox: FolderId
    words: Words
    work: Path
    """A directory for anything else; gone at the end."""


def make_profile(root: Path) -> Profile:
    """With the account "Scale", which is not in use."""
    profile = Profile(root).create()
    server = Server("127.0.0.1", 9, Security.NONE, "alice")
    name, address = OWN
    account = Account(AccountKey(""), "Scale", address, name, Protocol.IMAP, server, None, enabled=False)
    accounts.put(profile.accounts, account)
    return profile


class _Piece(NamedTuple):
    packed: list[Packed]
    received: list[NewMessage]
    sent: list[NewMessage]


def fill(work: Path, count: int) -> Corpus:
    """`count` messages of an account that no server has, whole and indexed."""
    profile = make_profile(work / "profile")
    (account,) = accounts.load(profile.accounts)
    store = Store.open(profile, slow=60)
    with store.transaction("bench folders") as tx:
        inbox = folders.ensure_folder(tx, account.key, "INBOX", Role.INBOX)
        sent = folders.ensure_folder(tx, account.key, "Sent", Role.SENT)
    octets = 0
    for piece in _pieces(profile, count):
        store.content.keep(piece.packed)
        octets += sum(one.size for one in piece.packed)
        for folder, made in ((inbox, piece.received), (sent, piece.sent)):
            for start in range(0, len(made), ROWS):
                with store.transaction("bench messages") as tx:
                    add.add_messages(tx, folder, made[start : start + ROWS], now=NEWEST)
    store.close()
    return Corpus(profile, count, octets, inbox, Words(), work)


def _pieces(profile: Profile, count: int) -> Iterator[_Piece]:
    spans = [range(start, min(start + CHUNK, count)) for start in range(0, count, CHUNK)]
    workers = max(os.cpu_count() or 1, 2)
    with ProcessPoolExecutor(workers, initializer=_learn, initargs=(profile.content,)) as pool:
        ahead = workers + 2
        waiting = [pool.submit(_make, count, span) for span in spans[:ahead]]
        for place in range(len(spans)):
            piece = waiting.pop(0).result()
            if place + ahead < len(spans):
                waiting.append(pool.submit(_make, count, spans[place + ahead]))
            yield piece


_learned: list[tuple[Words, Content]] = []
"""Of a process that makes pieces, once; it writes nothing."""


def _learn(content: Path) -> None:
    _learned.append((Words(), Content(content)))


def _make(count: int, span: range) -> _Piece:
    piece = _Piece([], [], [])
    words, content = _learned[0]
    for made in messages(words, count, span):
        found = summarise(made.raw)
        (packed,) = content.pack([made.raw], now=NEWEST)
        new = NewMessage(
            *(packed.hash, packed.size, made.date, header_facts(found.facts, made.date)),
            *(body_facts(found), made.flags),
        )
        piece.packed.append(packed)
        (piece.sent if made.sent else piece.received).append(new)
    return piece
