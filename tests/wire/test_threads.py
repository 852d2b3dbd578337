"""Conversations are those that Dovecot finds in the same mailbox.

Dovecot offers THREAD=REFERENCES (RFC 5256) and THREAD=REFS, which is the same without the RFC's step 5: joining what
has the same subject, which we never do. So both are asked, REFERENCES of mail in which no two subjects are equal.
One difference is meant: the same Message-ID twice is one conversation here (a copy in Sent, and the one that the list
sent back), where the RFC counts the second as a message of its own.
"""

import imaplib
import random
import re
from collections.abc import Iterable
from email.utils import formatdate
from pathlib import Path

from qtmail.engine.indexing import header_facts
from qtmail.mime.summary import parse_headers
from qtmail.model import AccountKey, Role
from qtmail.paths import Profile
from qtmail.store import folders, relink, sync
from qtmail.store.db import Store
from qtmail.store.values import NewHeader, ServerFolder
from tests.servers import Dovecot

Groups = set[frozenset[int]]
MAILS, NAMES, BLOCK = 480, 9, 12
"""Every so many messages have so many names for themselves and each other."""
SINCE = 1_700_000_000


def test_threads_of_a_hostile_mailbox_equal_those_of_dovecot(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    chance = random.Random(19)
    mails = [hostile(chance, number) for number in range(1, MAILS + 1)]
    dovecot.fill(user, mails)
    there = {how: asked(dovecot, user, how) for how in ("REFS", "REFERENCES")}
    same_name: dict[str, set[int]] = {}
    for uid, raw in enumerate(mails, 1):
        if name := parse_headers(raw).message_id:
            same_name.setdefault(name, set()).add(uid)
    order = list(enumerate(mails, 1))
    chance.shuffle(order)
    here = threaded(tmp_path, order)
    assert sum(len(uids) > 1 for uids in same_name.values()) > 20
    assert 20 < len(here) < 300
    for groups in there.values():
        assert here == joined([*groups, *same_name.values()])


def hostile(chance: random.Random, number: int) -> bytes:
    """Message-IDs that are there twice or never, references to what is not there, to later mail, to itself, in
    circles, cut short, in broken words; no two subjects alike."""
    block = number // BLOCK
    own = name_in(chance, block)
    lines = [
        f"From: Somebody {number} <s{number}@example.test>",
        f"Subject: {number} is unlike any other {chance.random()}",
        f"Date: {formatdate(SINCE + number)}",
    ]
    if chance.random() < 0.9:
        lines.append(f"Message-ID: <{own}>")
    if chance.random() < 0.6:
        lines.append("References: " + "\r\n ".join(words(chance, chance.randrange(5), own, block)))
    if chance.random() < 0.4:
        lines.append("In-Reply-To: " + " ".join(words(chance, chance.randrange(4), own, block)))
    return ("\r\n".join(lines) + "\r\n\r\nHello.\r\n").encode()


def name_in(chance: random.Random, block: int) -> str:
    return f"{chance.randrange(NAMES)}.{block}@example.test"


def words(chance: random.Random, count: int, own: str, block: int) -> Iterable[str]:
    for _ in range(count):
        name = name_in(chance, block)
        broken = [
            f"<{own}>",
            f"{name}>",
            "<>",
            "<no-at-sign>",
            f'"Somebody" <{name}> wrote',
            f"< {name} >",
            f"s@{name}",
        ]
        yield chance.choice([f"<{name}>"] * 12 + broken)
    if chance.random() < 0.1:
        yield f"<{name_in(chance, block)}".removesuffix("t")


def asked(dovecot: Dovecot, user: str, how: str) -> Groups:
    """The UIDs of each thread of INBOX, by THREAD."""
    with imaplib.IMAP4(dovecot.host, dovecot.imap) as session:
        session.login(user, "secret")
        session.select("INBOX", readonly=True)
        _state, (answer,) = session.uid("THREAD", how, "UTF-8", "ALL")
    groups: Groups = set()
    depth = start = 0
    for found in re.finditer(rb"[()]", answer):
        depth += 1 if found[0] == b"(" else -1
        if depth == 1 and found[0] == b"(":
            start = found.start()
        elif depth == 0:
            groups.add(frozenset(map(int, re.findall(rb"\d+", answer[start : found.end()]))))
    return groups


def threaded(root: Path, mails: Iterable[tuple[int, bytes]]) -> Groups:
    """What the store makes of it: (UID, message) in the order in which they come."""
    store = Store.open(Profile(root / "profile").create())
    with store.transaction("folder") as tx:
        inbox = ServerFolder(b"INBOX", "INBOX", Role.INBOX)
        (folder,) = folders.update_folders(tx, AccountKey("a"), [inbox], now=SINCE).new
        relink.set_uidvalidity(tx, folder, 1)
    headers = [
        NewHeader(uid, frozenset(), len(raw), SINCE + uid, raw, header_facts(parse_headers(raw), SINCE + uid))
        for uid, raw in mails
    ]
    for start in range(0, len(headers), 70):
        with store.transaction("headers") as tx:
            sync.add_headers(tx, folder, 1, headers[start : start + 70], now=SINCE)
    found: dict[int, set[int]] = {}
    for uid, thread in store.read().all(
        "SELECT p.uid, m.thread FROM placement AS p JOIN message AS m ON m.id = p.message"
    ):
        found.setdefault(thread, set()).add(uid)
    store.close()
    return {frozenset(uids) for uids in found.values()}


def joined(groups: Iterable[Iterable[int]]) -> Groups:
    """Groups that share a member are one."""
    part: dict[int, frozenset[int]] = {}
    for group in groups:
        whole = frozenset(group).union(*(part.get(uid, frozenset()) for uid in group))
        part.update(dict.fromkeys(whole, whole))
    return set(part.values())
