"""POP3: everything is fetched once, and the server loses only what is proven to be here."""

from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from qtmail.model import Account, PopPolicy, Protocol
from qtmail.store.db import Store
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.servers import Dovecot

KEEP = PopPolicy()
AT_ONCE = PopPolicy(keep_on_server=False, delete_after_days=0)


def popped(server: Dovecot, policy: PopPolicy) -> Account:
    return server.account("alice", Protocol.POP3, pop=policy)


def test_keeping_leaves_all_and_the_second_pass_downloads_none(desktop: Desktop, server: Dovecot) -> None:
    sent = mailbox(120)
    server.fill("alice", sent)
    desktop.add(popped(server, KEEP))
    first = desktop.sync()
    assert (first.new, first.bodies) == (120, 120)
    assert {desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX")} == set(sent)
    second = desktop.sync()
    assert (second.new, second.bodies) == (0, 0)
    assert second.bytes < 8000
    assert len(server.messages("alice")) == 120
    names = {folder.path for folder in desktop.mail.folders() if folder.account == "alice"}
    assert names == {"INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash"}
    desktop.verified()


def test_removing_takes_exactly_what_is_stored(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(25))
    desktop.add(popped(server, AT_ONCE))
    desktop.sync()
    assert server.messages("alice") == []
    assert len(desktop.ids("Alice/INBOX")) == 25
    server.fill("alice", [message(50)])
    assert desktop.sync().new == 1
    assert server.messages("alice") == []
    assert desktop.sync().new == 0
    assert len(desktop.ids("Alice/INBOX")) == 26


@pytest.mark.expects_log
def test_what_cannot_be_read_back_stays_on_the_server(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(5))
    account = desktop.add(popped(server, KEEP))
    desktop.sync()
    row = next(row for row in desktop.rows("Alice/INBOX") if row.subject == "Mail 2")
    spoil(desktop.profile.content, desktop, row.size)
    desktop.add(replace(account, pop=AT_ONCE))
    report = desktop.sync(good=False)
    (left,) = server.messages("alice")
    assert b"mail.2@" in left
    (problem,) = report.problems
    assert "stays on the server" in problem.what


def spoil(path: Path, desktop: Desktop, size: int) -> None:
    """Damage one stored message behind the store's back."""
    wanted = b"mail.2@"
    store = Store.open(desktop.profile)
    try:
        (bad,) = [h for h in store.content.hashes() if wanted in store.content.get(h)]
    finally:
        store.close()
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE blob SET stored = 0, data = zeroblob(?) WHERE hash = ?", (size, bad))
    connection.close()


def test_deleted_here_is_deleted_there(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(4))
    desktop.add(popped(server, PopPolicy(keep_on_server=True, delete_when_deleted=True)))
    desktop.sync()
    desktop.mail.delete([next(row.id for row in desktop.rows("Alice/INBOX") if row.subject == "Mail 1")])
    desktop.mail.expunge(desktop.ids("Alice/Trash"))
    desktop.sync()
    assert len(server.messages("alice")) == 3
    assert not any(b"mail.1@" in raw for raw in server.messages("alice"))
    assert desktop.sync().new == 0


def test_a_renamed_mailbox_is_not_downloaded_again(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(40))
    desktop.add(popped(server, KEEP))
    desktop.sync()
    inbox = server.folder("alice")
    for file in inbox.glob("dovecot*"):
        file.unlink()
    listed = list((inbox / "cur").iterdir())
    for number, file in enumerate(listed):
        file.rename(file.with_name(f"{1_600_000_000 + number}.M{number}P9.other:2,S"))
    (inbox / "dovecot-uidlist").write_text("3 V1234567 N1 G0123456789abcdef0123456789abcdef\n")
    report = desktop.sync(good=False)
    assert report.new == 0
    (problem,) = report.problems
    assert "new names" in problem.what
    assert len(desktop.ids("Alice/INBOX")) == 40
    assert len(server.messages("alice")) == 40
