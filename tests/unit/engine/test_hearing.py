"""An IDLE that never tells is found out, and one that does is not suspected."""

import pytest

from qtmail.engine import hearing
from qtmail.engine.mail import Mail
from qtmail.engine.server_details import Evidence, distrusted, remember
from qtmail.model import AccountKey, FolderId, Role
from qtmail.net.imap_extensions import Ledger
from qtmail.store import relink, sync
from qtmail.store.db import Store
from qtmail.store.values import HeaderFacts, NewHeader

WORK = AccountKey("w")
NOW = 1_795_428_000
HOUR = 3600


@pytest.fixture
def store(mail: Mail) -> Store:
    return mail._store


@pytest.fixture
def inbox(mail: Mail, store: Store) -> FolderId:
    found = mail.folder_of_role(WORK, Role.INBOX).id
    with store.transaction("uidvalidity") as tx:
        relink.set_uidvalidity(tx, found, 7)
    return found


def comes(store: Store, inbox: FolderId, uid: int, *, received: int, now: int) -> None:
    facts = HeaderFacts(received, f"<{uid}@x>")
    with store.transaction("comes") as tx:
        sync.add_headers(tx, inbox, 7, [NewHeader(uid, frozenset(), 9, received, b"", facts)], now=now)


def checked(store: Store, inbox: FolderId, now: int) -> Evidence:
    evidence = Evidence()
    hearing.check(store, WORK, inbox, evidence, began=now - 1, now=now)
    return evidence


def test_what_a_check_finds_long_after_it_came_was_not_told(store: Store, inbox: FolderId) -> None:
    for number in range(1, hearing.MISSES + 1):
        now = NOW + number * HOUR
        hearing.listens(store, WORK, now - 540)
        comes(store, inbox, number, received=now - 300, now=now)
        remember(store, WORK, "h:1", "", Ledger(("IDLE",)).standing(), checked(store, inbox, now), now=now)
        assert (distrusted(store.read(), WORK, now=now) == {"IDLE"}) is (number == hearing.MISSES)


def test_an_idle_that_tells_is_not_suspected(store: Store, inbox: FolderId) -> None:
    """Also where the server's clock is ten minutes behind."""
    now = NOW + HOUR
    hearing.listens(store, WORK, now - 540)
    hearing.told(store, WORK, now - 2)
    comes(store, inbox, 1, received=now - 300, now=now)
    hearing.listens(store, WORK, now - 1)
    assert not checked(store, inbox, now).caught


@pytest.mark.parametrize("received", [NOW - 600, NOW + 30, NOW + 520])
def test_what_came_before_somebody_listened_or_just_now_proves_nothing(
    store: Store, inbox: FolderId, received: int
) -> None:
    hearing.listens(store, WORK, NOW)
    comes(store, inbox, 1, received=received, now=NOW + 540)
    assert not checked(store, inbox, NOW + 540).caught


def test_where_nobody_listens_nothing_is_missed(store: Store, inbox: FolderId) -> None:
    hearing.listens(store, WORK, NOW)
    hearing.listens(store, WORK, None)
    hearing.told(store, WORK, NOW)
    comes(store, inbox, 1, received=NOW + 200, now=NOW + 540)
    assert not checked(store, inbox, NOW + 540).caught
