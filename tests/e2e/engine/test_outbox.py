"""The Outbox on real servers: what waits, is stopped, is refused for some; and what a server's silence means."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail.engine import clock, sending
from qtmail.engine.crew import Crew
from qtmail.engine.passes import flush_outbox
from qtmail.engine.sending import Point
from qtmail.errors import BadInput, StoreError
from qtmail.events import Problem, Sending
from qtmail.model import Account, AccountKey, Address, Identity, OutboxItem, Security, SendState
from qtmail.operations import NotUndoable
from qtmail.store import outbox
from qtmail.store.connection import Reader
from tests.e2e.engine.conftest import Desktop
from tests.e2e.engine.test_crew import PlainThread
from tests.servers import BUSY, DOMAIN, NOBODY, Dovecot, Postfix
from tests.servers.process import wait_until
from tests.servers.scripted import ScriptedServer

BOB, CAROL = f"bob@{DOMAIN}", f"carol@{DOMAIN}"


@pytest.fixture
def postfix(server: Dovecot) -> Iterator[Postfix]:
    with Postfix(server) as running:
        yield running


@pytest.fixture
def account(desktop: Desktop, server: Dovecot, postfix: Postfix) -> Account:
    account = desktop.add(server.account("alice", outgoing=postfix))
    desktop.sync()
    return account


def write(
    desktop: Desktop, account: Account, *to: str, subject: str = "Hello", when: int = 0, **more: object
) -> OutboxItem:
    draft = desktop.mail.new_draft(account.key)
    draft = replace(draft, to=tuple(Address("", one) for one in to), subject=subject, text="Greetings\n", **more)
    item, _ = desktop.mail.send(draft, at=when)
    return desktop.mail.outbox_state(item)


def flush(desktop: Desktop) -> None:
    flush_outbox(desktop.profile, desktop.mail.accounts(), desktop.events.append, passwords=desktop.password)


def state(desktop: Desktop, item: OutboxItem) -> SendState:
    return desktop.mail.outbox_state(item.id).state


def delivered(server: Dovecot, user: str, subject: str) -> int:
    return sum(f"Subject: {subject}\n".encode() in raw for raw in server.messages(user))


def test_outbox_ten_queued_go_in_the_users_order_over_one_connection(
    desktop: Desktop, server: Dovecot, account: Account
) -> None:
    items = [write(desktop, account, BOB, subject=f"Ten {i}") for i in range(10)]
    desktop.mail.arrange_outbox([item.id for item in reversed(items)])
    flush(desktop)
    assert {state(desktop, item) for item in items} == {SendState.ACCEPTED}
    wait_until(lambda: sum(delivered(server, "bob", f"Ten {i}") for i in range(10)) == 10, "all ten")
    updated = [desktop.mail.outbox_state(item.id) for item in items]
    assert all(item.attempts == 1 for item in updated)


def test_outbox_paused_sends_nothing_until_it_goes_on(desktop: Desktop, account: Account) -> None:
    desktop.mail.pause_outbox(True)
    item = write(desktop, account, BOB)
    flush(desktop)
    assert state(desktop, item) is SendState.QUEUED
    desktop.mail.pause_outbox(False)
    flush(desktop)
    assert state(desktop, item) is SendState.ACCEPTED


def test_outbox_scheduled_mail_and_a_clock_that_leaps(
    desktop: Desktop, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ahead: not yet. A little late: sent. Long past (it did not run, the clock leapt): asked about. Back: it waits."""
    start = clock.now()
    soon = write(desktop, account, BOB, subject="Soon", when=start + 600)
    later = write(desktop, account, BOB, subject="Later", when=start + 90_000)
    flush(desktop)
    assert state(desktop, soon) is state(desktop, later) is SendState.NOT_BEFORE
    monkeypatch.setattr(clock, "now", lambda: start - 10**7)
    flush(desktop)
    assert state(desktop, soon) is SendState.NOT_BEFORE
    monkeypatch.setattr(clock, "now", lambda: start + 900)
    flush(desktop)
    assert state(desktop, soon) is SendState.ACCEPTED
    assert state(desktop, later) is SendState.NOT_BEFORE
    monkeypatch.setattr(clock, "now", lambda: start + 10**7)
    flush(desktop)
    assert state(desktop, later) is SendState.NOT_BEFORE
    said = [event.what for event in desktop.events if isinstance(event, Problem)]
    assert any("“Later” was to be sent" in what for what in said)
    desktop.mail.retry_now(later.id)
    flush(desktop)
    assert state(desktop, later) is SendState.ACCEPTED


def test_outbox_deleted_and_undone_it_is_as_it_was(desktop: Desktop, account: Account) -> None:
    item = write(desktop, account, BOB, when=clock.now() + 600)
    done = desktop.mail.delete([item.row])
    assert done.label == "Delete 1 message from the Outbox"
    assert desktop.mail.outbox() == ()
    assert desktop.ids("Local/Outbox") == []
    desktop.mail.undo(done.gesture)
    (back,) = desktop.mail.outbox()
    assert (back.id, back.state, back.not_before) == (item.id, SendState.NOT_BEFORE, item.not_before)
    desktop.mail.retry_now(item.id)
    desktop.mail.delete([item.row])
    flush(desktop)
    assert state(desktop, item) is SendState.QUEUED
    desktop.verified()


def test_outbox_deleted_while_it_is_being_sent(
    desktop: Desktop, server: Dovecot, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the end is on its way it is not sent; from then on it cannot be deleted."""
    first, second = write(desktop, account, BOB, subject="First"), write(desktop, account, BOB, subject="Second")

    def meanwhile(point: Point) -> None:
        if point is Point.RECIPIENTS_TAKEN and desktop.ids("Local/Outbox") and first.row in desktop.ids("Local/Outbox"):
            desktop.mail.delete([first.row])
        elif point is Point.DATA:
            with pytest.raises(NotUndoable, match="handed over"):
                desktop.mail.delete([second.row])

    monkeypatch.setattr(sending, "reached", meanwhile)
    flush(desktop)
    assert state(desktop, first) is SendState.HELD
    assert state(desktop, second) is SendState.ACCEPTED
    wait_until(lambda: delivered(server, "bob", "Second") == 1, "the second")
    assert delivered(server, "bob", "First") == 0


def test_outbox_a_large_mail_tells_how_far_it_is_and_can_be_stopped(
    desktop: Desktop, server: Dovecot, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """27 MB: progress with octets; stopped in the middle it is held, and arrives whole when it is sent again."""
    files = tuple(
        desktop.mail.attach_bytes(f"{i}.bin", "application/octet-stream", bytes([i]) * 6_600_000) for i in range(3)
    )
    item = write(desktop, account, BOB, attachments=files)
    senders: list[sending.Sender] = []
    original = sending.Sender.flush

    def remembered(self: sending.Sender, *, hurry: bool = False) -> bool:
        senders.append(self)
        return original(self, hurry=hurry)

    def hear(event: object) -> None:
        desktop.events.append(event)  # type: ignore[arg-type]
        if isinstance(event, Sending) and event.done > event.total // 2:
            senders[0].cancel(event.item)

    monkeypatch.setattr(sending.Sender, "flush", remembered)
    flush_outbox(desktop.profile, (account,), hear, passwords=desktop.password)
    held = desktop.mail.outbox_state(item.id)
    assert (held.state, held.reply) == (SendState.HELD, "You stopped it.")
    way = [event for event in desktop.events if isinstance(event, Sending)]
    assert way[-1].total > 26_000_000
    assert 0 < way[0].done < way[-1].done < way[-1].total
    desktop.mail.retry_now(item.id)
    flush(desktop)
    assert state(desktop, item) is SendState.ACCEPTED
    wait_until(lambda: delivered(server, "bob", "Hello") == 1, "the large mail")


def test_outbox_refused_recipients_are_named_and_asked_again_apart(
    desktop: Desktop, server: Dovecot, account: Account, postfix: Postfix
) -> None:
    item = write(desktop, account, BOB, NOBODY, CAROL)
    flush(desktop)
    (partly,) = desktop.mail.refusals()
    assert (partly.id, partly.state) == (item.id, SendState.ACCEPTED)
    assert [(one.address, one.reply[:3]) for one in partly.refused] == [(NOBODY, "550")]
    assert desktop.mail.edit_refused(item.id).to == (Address("", NOBODY),)
    again, _ = desktop.mail.send_to_refused(item.id)
    assert desktop.mail.refusals() == ()
    flush(desktop)
    second = desktop.mail.outbox_state(again)
    assert [one.address for one in second.recipients] == [NOBODY]
    assert second.message_id == item.message_id
    assert second.state is SendState.REFUSED
    desktop.sync(good=False)
    assert len(desktop.ids("Alice/Sent")) == 1


def test_outbox_greylisted_recipients_are_asked_again_and_nobody_gets_it_twice(
    desktop: Desktop, server: Dovecot, account: Account
) -> None:
    item = write(desktop, account, BOB, BUSY)
    flush(desktop)
    waiting = desktop.mail.outbox_state(item.id)
    assert waiting.state is SendState.DEFERRED
    assert {one.address: one.state for one in waiting.recipients} == {BOB: "accepted", BUSY: "deferred"}
    assert waiting.next_attempt > clock.now()
    assert desktop.ids("Local/Outbox") == [item.row]
    flush(desktop)
    assert desktop.mail.outbox_state(item.id).attempts == 2
    wait_until(lambda: delivered(server, "bob", "Hello") >= 1, "delivery")
    assert delivered(server, "bob", "Hello") == 1


def test_outbox_a_closed_door_is_tried_once_for_all(desktop: Desktop, server: Dovecot) -> None:
    """421, no login, no network: one knock, and every mail says when the next is."""
    with ScriptedServer("S: 421 4.3.2 closing\nDROP") as smtp:
        account = server.account("alice")
        account = desktop.add(replace(account, outgoing=replace(smtp.server(), auth="none")))
        items = [write(desktop, account, BOB) for _ in range(4)]
    flush(desktop)
    assert smtp.connections == 0
    found = [desktop.mail.outbox_state(item.id) for item in items]
    assert {one.state for one in found} == {SendState.DEFERRED}
    assert sum(one.attempts for one in found) == 1
    assert len({one.next_attempt for one in found}) == 1


LOST = "S: 220 hi\nC: EHLO...\nS: 250 hi\nC: MAIL...\nS: 250 ok\nC: RCPT...\nS: 250 ok\nC: DATA\nS: 354 go\n"


@pytest.mark.parametrize("trace", ["bounce", "answer", "nothing"])
def test_outbox_uncertain_is_settled_by_what_came_back_or_asked(desktop: Desktop, server: Dovecot, trace: str) -> None:
    account = server.account("alice")
    account = desktop.add(replace(account, outgoing=replace(account.incoming, auth="none")))
    desktop.sync()
    item = write(desktop, account, BOB)
    lines = desktop.mail.raw(item.row).count(b"\r\n")
    with ScriptedServer(LOST + "SKIP\n" * (lines + 1) + "DROP") as smtp:
        account = desktop.add(replace(account, outgoing=replace(smtp.server(), auth="none")))
        flush(desktop)
        assert state(desktop, item) is SendState.UNCERTAIN
        head = f"From: x@{DOMAIN}\r\nTo: alice@{DOMAIN}\r\nSubject: Re: it\r\nMessage-ID: <r@x>\r\n".encode()
        if trace == "answer":
            server.fill("alice", [head + f"In-Reply-To: {item.message_id}\r\n\r\nThanks\r\n".encode()])
        elif trace == "bounce":
            report = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nno\r\n"
            inner = (
                f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {item.message_id}\r\n\r\n--b--\r\n".encode()
            )
            server.fill("alice", [head + report + inner])
        desktop.sync(good=False)
        desktop.events.clear()
        flush(desktop)
        assert smtp.connections == 1
    found = desktop.mail.outbox_state(item.id)
    if trace == "nothing":
        assert found.state is SendState.UNCERTAIN
        desktop.mail.settle_as_sent(item.id)
    else:
        assert found.state is SendState.ACCEPTED
        assert ("came back" in found.reply) == (trace == "bounce")


def test_outbox_an_identity_has_its_own_server_and_folder(
    desktop: Desktop, server: Dovecot, account: Account, postfix: Postfix
) -> None:
    club = Identity("club", "Chair", f"chair@{DOMAIN}", f"board@{DOMAIN}", "", postfix.server("bob"), "Club")
    server.fill("alice", [], "Club")
    desktop.mail.create_folder(account.key, "Club")
    account = desktop.add(replace(account, more_identities=(club,)))
    desktop.passwords[account.key + "+club"] = desktop.passwords["bob"]  # type: ignore[index]
    draft = desktop.mail.new_draft(account.key)
    draft = replace(draft, identity="club", from_=club.mailbox, reply_to=(Address("", club.reply_to),), text="x")
    item, _ = desktop.mail.send(replace(draft, to=(Address("", CAROL),), subject="Club"))
    flush(desktop)
    assert desktop.mail.outbox_state(item).state is SendState.ACCEPTED, desktop.mail.outbox_state(item)
    assert len(desktop.ids("Alice/Club")) == 1
    raw = desktop.mail.raw(desktop.ids("Alice/Club")[0])
    assert f"Reply-To: board@{DOMAIN}".encode() in raw


def test_outbox_what_is_under_way_is_only_changed_by_the_engine(desktop: Desktop, account: Account) -> None:
    item = write(desktop, account, BOB)
    with desktop.mail._store.transaction("as if") as tx:
        outbox.advance(tx, item.id, SendState.CONNECTING, now=1)
    for act in (desktop.mail.hold, desktop.mail.retry_now, lambda one: desktop.mail.send_at(one, clock.now() + 99)):
        with pytest.raises(BadInput, match="under way"):
            act(item.id)


def test_outbox_an_attachment_that_vanished_and_a_full_disk(
    desktop: Desktop, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file goes along as it was when it was attached. What cannot be queued is still in the composer's hands."""
    file = tmp_path / "plan.txt"
    file.write_text("the plan")
    ref = desktop.mail.attach(file)
    file.unlink()
    item = write(desktop, account, BOB, attachments=(ref,))
    flush(desktop)
    assert state(desktop, item) is SendState.ACCEPTED

    def full(*_arguments: object, **_more: object) -> None:
        raise StoreError("The disk is full.", hint="Make room.")

    draft = desktop.mail.save_draft(replace(desktop.mail.new_draft(account.key), to=(Address("", BOB),), text="x"))
    with monkeypatch.context() as patch:
        patch.setattr(desktop.mail._store, "transaction", full)
        with pytest.raises(StoreError):
            desktop.mail.send(draft)
    assert desktop.mail.outbox() == ()
    assert [one.id for one in desktop.mail.open_drafts()] == [draft.id]


def test_outbox_a_loop_wakes_in_time(desktop: Desktop, server: Dovecot, account: Account) -> None:
    """The engine's own loop sends what is due in a second, without being woken."""
    item = write(desktop, account, BOB, when=clock.now() + 2)
    done = threading.Event()

    def hear(event: object) -> None:
        if state(desktop, item) is SendState.ACCEPTED:
            done.set()

    crew = Crew(desktop.profile, hear, PlainThread, passwords=desktop.password)
    crew.start()
    try:
        assert done.wait(30)
    finally:
        crew.stop()


def test_outbox_a_sent_copy_that_cannot_be_filed_stays_here_and_is_told(
    desktop: Desktop, server: Dovecot, postfix: Postfix, account: Account
) -> None:
    """The IMAP server is gone when the mail is sent: the copy waits here, marked, and is put there once later."""
    item = write(desktop, account, BOB)
    port = account.incoming.port
    desktop.add(replace(account, incoming=replace(account.incoming, port=1)))
    desktop.sync(good=False)
    assert state(desktop, item) is SendState.ACCEPTED
    assert desktop.ids("Alice/Sent") == [item.row]
    assert desktop.mail.waits_for_server(item.row)
    desktop.add(replace(account, incoming=replace(account.incoming, port=port)))
    for _ in range(2):
        desktop.sync()
    assert not desktop.mail.waits_for_server(item.row)
    assert len(server.messages("alice", "Sent")) == 1


def test_outbox_held_at_the_moment_it_was_to_be_sent(
    desktop: Desktop, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine has read that it is due; before it says so, the user holds it: it is not sent."""
    first, second = write(desktop, account, BOB), write(desktop, account, BOB)
    due = outbox.next_due

    def slow(reader: Reader, account: AccountKey, *, now: int) -> OutboxItem | None:
        found = due(reader, account, now=now)
        if found is not None and found.id == first.id:
            desktop.mail.hold(first.id)
        return found

    monkeypatch.setattr(outbox, "next_due", slow)
    flush(desktop)
    assert state(desktop, first) is SendState.HELD
    assert state(desktop, second) is SendState.ACCEPTED


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_outbox_a_wrong_certificate_or_password_is_the_accounts_trouble_not_the_mails(
    desktop: Desktop, server: Dovecot, postfix: Postfix, account: Account, security: Security
) -> None:
    """Nothing is sent, nothing goes back to the author; put right, it goes by itself."""
    good = postfix.server("alice", security)
    item = write(desktop, account, BOB)
    account = desktop.add(replace(account, outgoing=replace(good, ca_file="")))
    flush(desktop)
    waiting = desktop.mail.outbox_state(item.id)
    assert waiting.state is SendState.DEFERRED
    assert "not trusted" in waiting.reply
    account = desktop.add(replace(account, outgoing=good))
    right, desktop.passwords[account.key] = desktop.passwords[account.key], "wrong"
    flush(desktop)
    assert "535" in desktop.mail.outbox_state(item.id).reply
    told = [event for event in desktop.events if isinstance(event, Problem)]
    assert len(told) == 2
    assert all(problem.item is None and not problem.retry for problem in told)
    desktop.passwords[account.key] = right
    flush(desktop)
    assert state(desktop, item) is SendState.ACCEPTED
