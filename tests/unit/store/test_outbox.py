"""A message on its way out takes only the steps that can be, and a crash never sends it twice."""

import itertools
from dataclasses import replace

import pytest

from qtmail.errors import BadInput
from qtmail.events import OutboxChanged
from qtmail.model import Address, Draft, DraftId, OutboxId, Recipient, SendState
from qtmail.operations import NotUndoable
from qtmail.store import drafts, outbox, people
from tests.unit.store.world import IMAP, NOW, World

S = SendState
DRAFT = Draft(None, IMAP, Address("Me", "me@example.test"), (Address("Bob Builder", "bob@example.test"),), subject="Hi")


@pytest.fixture
def item(world: World) -> OutboxId:
    return queue(world, "one")


def queue(world: World, name: str) -> OutboxId:
    row = world.own(world.work, name)
    content = world.store.content.put(name.encode(), now=NOW)
    return world.write(  # type: ignore[no-any-return]
        lambda tx: outbox.insert(
            tx,
            IMAP,
            row,
            content,
            message_id=f"<{name}>",
            envelope_from="me@example.test",
            recipients=["bob@example.test", "ann@example.test"],
            draft=DRAFT,
            now=NOW,
        )
    )


def go(world: World, item: OutboxId, *states: SendState) -> None:
    for state in states:
        world.write(outbox.advance, item, state, now=NOW)


def test_the_way_of_a_message_that_is_sent(world: World, item: OutboxId) -> None:
    reader = world.store.read()
    due = outbox.next_due(reader, IMAP, now=NOW)
    assert due is not None
    assert (due.id, due.state, due.attempts, due.envelope_from) == (item, S.QUEUED, 0, "me@example.test")
    assert due.recipients == (Recipient("bob@example.test"), Recipient("ann@example.test"))
    go(world, item, S.CONNECTING, S.ENVELOPE)
    assert outbox.next_due(reader, IMAP, now=NOW) is None
    told = (Recipient("bob@example.test", "accepted", "250 ok"), Recipient("ann@example.test", "refused", "550 no"))
    with world.store.transaction("data") as tx:
        outbox.advance(tx, item, S.DATA, now=NOW, recipients=told)
    assert OutboxChanged(item) in tx.events
    world.write(outbox.advance, item, S.ACCEPTED, now=NOW + 4, reply="250 queued")
    done = outbox.item(reader, item)
    assert done is not None
    assert (done.state, done.attempts, done.recipients, done.reply, done.updated) == (
        S.ACCEPTED,
        1,
        told,
        "250 queued",
        NOW + 4,
    )
    assert outbox.items(reader) == ()
    assert [entry.id for entry in outbox.sent_copies_due(reader, IMAP)] == [item]
    world.write(outbox.sent_copy_settled, item)
    assert outbox.sent_copies_due(reader, IMAP) == ()


def test_only_steps_that_can_be(world: World) -> None:
    for before, after in itertools.product(S, S):
        item = queue(world, f"{before}{after}")
        world.write(lambda tx, b=before, i=item: tx.run("UPDATE outbox SET state = ? WHERE id = ?", b.value, i))
        if after in outbox.TRANSITIONS[before]:
            go(world, item, after)
        else:
            with pytest.raises(ValueError, match="cannot become"):
                go(world, item, after)
    assert S.QUEUED not in outbox.TRANSITIONS[S.DATA]  # what may have been sent is never sent again by itself
    assert S.QUEUED not in outbox.TRANSITIONS[S.ACCEPTED]


def test_the_user_was_quicker_than_the_engine(world: World, item: OutboxId) -> None:
    go(world, item, S.HELD)
    for state in (S.CONNECTING, S.QUEUED, S.DEFERRED):
        with pytest.raises(outbox.TakenBack, match="changed meanwhile"):
            world.write(outbox.advance, item, state, now=NOW, expected=S.QUEUED)
    found = outbox.item(world.store.read(), item)
    assert found is not None
    assert found.state is S.HELD


def test_deferred_ones_wait_for_their_time(world: World, item: OutboxId) -> None:
    go(world, item, S.CONNECTING)
    words = "No connection"
    world.write(outbox.advance, item, S.DEFERRED, now=NOW, reply=words, next_attempt=NOW + 60)
    reader = world.store.read()
    assert outbox.next_due(reader, IMAP, now=NOW + 59) is None
    assert outbox.next_attempt(reader, IMAP) == NOW + 60
    due = outbox.next_due(reader, IMAP, now=NOW + 60)
    assert due is not None
    assert due.reply == words


def test_what_is_to_go_later_waits_and_what_is_too_late_asks(world: World, item: OutboxId) -> None:
    world.write(outbox.advance, item, S.NOT_BEFORE, now=NOW, not_before=NOW + 100)
    reader = world.store.read()
    assert outbox.next_due(reader, IMAP, now=NOW + 99) is None
    assert outbox.next_attempt(reader, IMAP, now=NOW) == NOW + 100
    assert outbox.late(reader, now=NOW + 100, by=0)[0].scheduled
    due = outbox.next_due(reader, IMAP, now=NOW + 100)
    assert due is not None
    too_late = NOW + 100 + outbox.LATEST_S
    assert outbox.next_due(reader, IMAP, now=too_late) is None
    assert outbox.next_attempt(reader, IMAP, now=too_late) is None
    assert [one.id for one in outbox.late(reader, now=too_late)] == [item]
    go(world, item, S.QUEUED)
    assert outbox.next_due(reader, IMAP, now=too_late) is not None


def test_the_order_is_the_users(world: World) -> None:
    one, two, three = (queue(world, name) for name in "abc")
    assert [entry.id for entry in outbox.items(world.store.read())] == [one, two, three]
    world.write(outbox.reorder, [three, one, two])
    assert [entry.id for entry in outbox.items(world.store.read())] == [three, one, two]
    due = outbox.next_due(world.store.read(), IMAP, now=NOW)
    assert due is not None
    assert due.id == three


def test_the_whole_outbox_can_be_paused(world: World) -> None:
    assert not outbox.paused(world.store.read())
    world.write(outbox.pause, True)
    assert outbox.paused(world.store.read())
    world.write(outbox.pause, False)
    assert not outbox.paused(world.store.read())


def test_after_a_crash_only_what_surely_was_not_sent_is_queued(world: World) -> None:
    one, two, three = queue(world, "a"), queue(world, "b"), queue(world, "c")
    go(world, one, S.CONNECTING)
    go(world, two, S.CONNECTING, S.ENVELOPE)
    go(world, three, S.CONNECTING, S.ENVELOPE, S.DATA)
    recovered = world.write(outbox.recover, IMAP, now=NOW)
    assert [(entry.id, entry.state) for entry in recovered] == [(one, S.QUEUED), (two, S.QUEUED), (three, S.UNCERTAIN)]
    assert "may have been sent" in recovered[2].reply
    assert world.write(outbox.recover, IMAP, now=NOW) == ()


def test_taking_back_gives_the_draft_again(world: World, item: OutboxId) -> None:
    row = outbox.items(world.store.read())[0].row
    found = outbox.item_of_row(world.store.read(), row)
    assert found is not None
    assert found.id == item
    assert world.write(outbox.take_back, item, now=NOW) == replace(DRAFT, id=DraftId(1), saved_at=NOW)
    assert outbox.item(world.store.read(), item) is None
    (draft,) = drafts.open_drafts(world.store.read())
    assert draft.subject == "Hi"
    with pytest.raises(BadInput, match="not in the Outbox"):
        go(world, item, S.CONNECTING)
    with pytest.raises(NotUndoable):
        world.write(outbox.take_back, item, now=NOW)


def test_what_is_on_its_way_is_not_taken_back(world: World, item: OutboxId) -> None:
    go(world, item, S.CONNECTING)
    with pytest.raises(NotUndoable, match="called back"):
        world.write(outbox.take_back, item, now=NOW)


def test_whom_one_writes_to_comes_first_in_completion(world: World, item: OutboxId) -> None:
    assert item
    world.own(world.inbox, "bobby")
    reader = world.store.read()
    assert people.known(reader, "build") == (Address("Bob Builder", "bob@example.test"),)
    assert people.known(reader, "BOB")[0] == Address("Bob Builder", "bob@example.test")
    assert [person.address for person in people.known(reader, "sender")] == [
        "senderone@example.test",
        "senderbobby@example.test",
    ] or len(people.known(reader, "sender")) == 2
    assert people.known(reader, "example.test", limit=1)[0].name == "Bob Builder"
    assert people.known(reader, "%") == ()
    assert people.known(reader, " ") == ()


def test_drafts_survive_and_are_replaced(world: World) -> None:
    saved = world.write(drafts.save, DRAFT, now=NOW)
    assert (saved.id, saved.saved_at) == (1, NOW)
    again = world.write(drafts.save, saved, now=NOW + 5)
    assert again.id == saved.id
    assert drafts.open_drafts(world.store.read()) == (again,)
    assert drafts.get(world.store.read(), again.id) == again
    world.write(drafts.discard, again.id)
    assert drafts.get(world.store.read(), again.id) is None
    revived = world.write(drafts.save, again, now=NOW + 9)
    assert revived.id != again.id
