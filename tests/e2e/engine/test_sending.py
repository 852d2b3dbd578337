"""What goes into the Outbox leaves it once: accepted and filed, refused with words, or uncertain and never doubled."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from qtmail.engine.passes import flush_outbox
from qtmail.events import Problem
from qtmail.model import Account, Address, Flag, OutboxItem, Protocol, SendState
from qtmail.store import outbox
from qtmail.store.db import Store
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox
from tests.servers import BUSY, DOMAIN, NOBODY, Dovecot, Postfix
from tests.servers.process import wait_until
from tests.servers.scripted import ScriptedServer


@pytest.fixture
def postfix(server: Dovecot) -> Iterator[Postfix]:
    with Postfix(server) as running:
        yield running


def write(desktop: Desktop, account: Account, *to: str, subject: str = "Hello", **more: object) -> OutboxItem:
    draft = desktop.mail.new_draft(account.key)
    draft = replace(draft, to=tuple(Address("", one) for one in to), subject=subject, text="Greetings\n", **more)
    item, _ = desktop.mail.send(draft)
    return desktop.mail.outbox_state(item)


def arrived(server: Dovecot, user: str = "bob") -> list[bytes]:
    """What was delivered, once something was."""

    def delivered() -> list[bytes]:
        return [raw for raw in server.messages(user) if b"Greetings" in raw]

    wait_until(lambda: bool(delivered()), f"mail for {user}")
    return delivered()


def test_it_arrives_and_a_copy_is_in_sent(
    desktop: Desktop, server: Dovecot, postfix: Postfix, elsewhere: Elsewhere
) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    server.folder("carol")
    hidden = (Address("", f"carol@{DOMAIN}"),)
    item = write(desktop, account, f"bob@{DOMAIN}", bcc=hidden)
    desktop.sync()
    item = desktop.mail.outbox_state(item.id)
    assert item.state is SendState.ACCEPTED
    assert [one.state for one in item.recipients] == ["accepted", "accepted"]
    (received,) = arrived(server)
    assert b"carol" not in received
    assert len(arrived(server, "carol")) == 1
    assert desktop.mail.outbox() == ()
    assert desktop.ids("Local/Outbox") == []
    for _ in range(2):
        assert desktop.sync().new == 0
        (row,) = desktop.rows("Alice/Sent")
        assert (row.id, row.unread, row.correspondent) == (item.row, False, f"bob@{DOMAIN}")
    with elsewhere("alice") as client:
        assert client.select_folder("Sent")[b"EXISTS"] == 1
        (uid,) = client.search("ALL")
        assert client.get_flags([uid])[uid][0] == b"\\Seen"


def test_offline_it_waits_and_goes_later(desktop: Desktop, server: Dovecot, postfix: Postfix) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    postfix.stop()
    item = write(desktop, account, f"bob@{DOMAIN}")
    desktop.sync(good=False)
    waiting = desktop.mail.outbox_state(item.id)
    assert waiting.state is SendState.DEFERRED
    assert waiting.attempts == 1
    assert "refused the connection" in waiting.reply
    postfix.start()
    desktop.sync()
    assert desktop.mail.outbox_state(item.id).state is SendState.ACCEPTED


def test_a_refused_recipient_is_named_and_the_others_get_it(
    desktop: Desktop, server: Dovecot, postfix: Postfix
) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    item = write(desktop, account, f"bob@{DOMAIN}", NOBODY)
    report = desktop.sync(good=False)
    assert NOBODY in report.problems[0].what
    told = {one.address: one.state for one in desktop.mail.outbox_state(item.id).recipients}
    assert told == {f"bob@{DOMAIN}": "accepted", NOBODY: "refused"}
    assert len(arrived(server)) == 1


def test_refused_it_comes_back_to_the_author_with_the_servers_words(
    desktop: Desktop, server: Dovecot, postfix: Postfix
) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    item = write(desktop, account, NOBODY)
    later = write(desktop, account, f"bob@{DOMAIN}", subject="Next")
    report = desktop.sync(good=False)
    refused = desktop.mail.outbox_state(item.id)
    assert refused.state is SendState.REFUSED
    assert "550" in refused.reply
    assert report.problems[0].server_words
    assert desktop.mail.outbox_state(later.id).state is SendState.ACCEPTED
    assert desktop.ids("Local/Outbox") == [item.row]
    assert desktop.mail.edit(item.row).subject == "Hello"


def test_busy_is_tried_later(desktop: Desktop, server: Dovecot, postfix: Postfix) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    item = write(desktop, account, BUSY)
    desktop.sync(good=False)
    found = desktop.mail.outbox_state(item.id)
    assert found.state is SendState.DEFERRED
    assert found.next_attempt > found.updated
    assert "450" in found.reply


DROPS = r"""
S: 220 hello
C: EHLO ...
S: 250 hello
C: MAIL FROM:...
S: 250 ok
C: RCPT TO:...
S: 250 ok
C: DATA
S: 354 go on
SKIP
"""


def dropping(lines: int) -> str:
    """A server that takes a message of so many lines and hangs up after the dot."""
    return DROPS.replace("SKIP\n", "SKIP\n" * (lines + 1) + "DROP\n")


def test_lost_after_the_dot_is_uncertain_and_never_sent_twice(desktop: Desktop, server: Dovecot) -> None:
    account = server.account("alice")
    account = desktop.add(replace(account, outgoing=replace(account.incoming, auth="none")))
    desktop.sync()
    item = write(desktop, account, f"bob@{DOMAIN}")
    lines = desktop.mail.raw(item.row).count(b"\r\n")
    with ScriptedServer(dropping(lines)) as smtp:
        account = desktop.add(replace(account, outgoing=replace(smtp.server(), auth="none")))
        report = desktop.sync(good=False)
        assert desktop.mail.outbox_state(item.id).state is SendState.UNCERTAIN
        assert any("Nobody knows" in problem.what for problem in report.problems)
        desktop.sync(good=False)
        flush_outbox(desktop.profile, (account,), desktop.events.append, passwords=desktop.password)
        assert smtp.connections == 1
    assert desktop.mail.outbox_state(item.id).state is SendState.UNCERTAIN
    assert desktop.ids("Local/Outbox") == [item.row]


def test_killed_after_the_dot_is_uncertain_too(desktop: Desktop, server: Dovecot) -> None:
    account = server.account("alice")
    with ScriptedServer(dropping(1)) as smtp:
        account = desktop.add(replace(account, outgoing=replace(smtp.server(), auth="none")))
        item = write(desktop, account, f"bob@{DOMAIN}")
        store = Store.open(desktop.profile)
        for state in (SendState.CONNECTING, SendState.ENVELOPE, SendState.DATA):
            with store.transaction("as a killed engine left it") as tx:
                outbox.advance(tx, item.id, state, now=1)
        store.close()
        desktop.sync(good=False)
        assert smtp.connections == 0
    assert desktop.mail.outbox_state(item.id).state is SendState.UNCERTAIN


def test_uncertain_but_found_in_sent_was_sent(desktop: Desktop, server: Dovecot) -> None:
    account = server.account("alice")
    account = desktop.add(replace(account, outgoing=replace(account.incoming, auth="none")))
    desktop.sync()
    item = write(desktop, account, f"bob@{DOMAIN}")
    raw = desktop.mail.raw(item.row)
    server.fill("alice", [raw], "Sent")
    with ScriptedServer(dropping(raw.count(b"\r\n"))) as smtp:
        desktop.add(replace(account, outgoing=replace(smtp.server(), auth="none")))
        desktop.sync()
    assert desktop.mail.outbox_state(item.id).state is SendState.ACCEPTED
    for _ in range(2):
        desktop.sync()
        assert len(desktop.ids("Alice/Sent")) == 1
    assert len(server.messages("alice", "Sent")) == 1


def test_a_server_that_files_sent_mail_itself_gets_no_second_copy(
    desktop: Desktop, server: Dovecot, postfix: Postfix
) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    item = write(desktop, account, f"bob@{DOMAIN}")
    server.fill("alice", [desktop.mail.raw(item.row)], "Sent")
    for _ in range(3):
        desktop.sync()
        (row,) = desktop.rows("Alice/Sent")
        assert row.id == item.row
    assert len(server.messages("alice", "Sent")) == 1


def test_with_pop3_the_copy_is_in_our_own_sent(desktop: Desktop, server: Dovecot, postfix: Postfix) -> None:
    server.fill("alice", mailbox(2))
    account = desktop.add(server.account("alice", Protocol.POP3, outgoing=postfix))
    desktop.sync()
    write(desktop, account, f"bob@{DOMAIN}")
    desktop.sync()
    (row,) = desktop.rows("Alice/Sent")
    assert Flag.SEEN in row.flags
    assert len(arrived(server)) == 1


def test_problems_of_sending_are_events(desktop: Desktop, server: Dovecot, postfix: Postfix) -> None:
    account = desktop.add(server.account("alice", outgoing=postfix))
    write(desktop, account, NOBODY)
    desktop.events.clear()
    flush_outbox(desktop.profile, (account,), desktop.events.append, passwords=desktop.password)
    assert [type(event).__name__ for event in desktop.events if isinstance(event, Problem)] == ["Problem"]
