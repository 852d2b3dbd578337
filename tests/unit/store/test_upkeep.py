"""Grace, verify, repair, rescue."""

from pathlib import Path

import apsw
import pytest

from qtmail.errors import StoreError
from qtmail.model import Address, AttachmentRef, Draft
from qtmail.operations import Append, Expunge, Move, NotUndoable
from qtmail.paths import Profile
from qtmail.store import drafts, folders, grace, lists, mending, read, replay, rescue, undo, verify
from qtmail.store.db import Store
from tests.unit.store.world import IMAP, NOW, POP, REMOTE, World, header

LATER = NOW + 31 * grace.DAY


def test_only_what_is_over_is_dropped(world: World) -> None:
    rows = world.fill(world.inbox, 5)
    done = world.do(Expunge(rows[:2]))
    assert grace.collect(world.store, now=LATER) == grace.Collected()  # still to be told
    world.write(replay.confirm, done.operations[0], now=NOW)
    assert grace.collect(world.store, now=NOW + 29 * grace.DAY).rows == 0
    assert grace.collect(world.store, now=LATER) == grace.Collected(2, 2, 2)
    assert len(lists.ids(world.store.read(), [world.inbox])) == 3
    assert verify.verify(world.store).problems == ()
    with pytest.raises(NotUndoable):
        undo.undo(world.store, now=LATER, remote=REMOTE)


def test_a_message_still_placed_elsewhere_stays(world: World) -> None:
    inbox = world.arrive(world.inbox, header(1))
    work = world.arrive(world.work, header(1))
    world.bodies(inbox, raw=lambda row: b"same")
    world.bodies(work, raw=lambda row: b"same")
    done = world.do(Expunge(inbox))
    world.write(replay.confirm, done.operations[0], now=NOW)
    assert grace.collect(world.store, now=LATER) == grace.Collected(1, 0, 0)
    assert verify.verify(world.store).problems == ()


def test_attachments_of_drafts_are_never_collected(world: World) -> None:
    content = world.store.content.put(b"an attached file", now=NOW)
    orphan = world.store.content.put(b"an orphan", now=NOW)
    ref = AttachmentRef("a.txt", "text/plain", 16, content)
    draft = Draft(None, IMAP, Address("", "me@example.test"), attachments=(ref,))
    world.write(drafts.save, draft, now=NOW)
    assert grace.collect(world.store, now=LATER).contents == 1
    assert world.store.content.has(content)
    assert not world.store.content.has(orphan)


def test_ids_are_never_given_twice(world: World) -> None:
    rows = world.fill(world.inbox, 2)
    done = world.do(Expunge(rows))
    world.write(replay.confirm, done.operations[0], now=NOW)
    grace.collect(world.store, now=LATER)
    assert min(world.arrive(world.inbox, header(9))) > max(rows)


def test_a_gone_folder_is_dropped_when_it_is_empty(world: World) -> None:
    world.write(folders.update_folders, IMAP, [], now=NOW)
    grace.collect(world.store, now=LATER)
    assert world.store.read().value("SELECT count(*) FROM folder WHERE account = ?", IMAP) == 0


def test_verify_finds_what_is_wrong(world: World) -> None:
    rows = world.fill(world.inbox, 3)
    world.arrive(world.work, header(1))
    checked = verify.verify(world.store)
    assert (checked.messages, checked.checked, checked.problems) == (4, 3, ())
    writer = world.store._facts.writer
    writer.execute("UPDATE folder SET unread = 9 WHERE id = ?", (world.inbox,))
    writer.execute("UPDATE placement SET date = 1 WHERE id = ?", (rows[0],))
    writer.execute("DELETE FROM body_wanted")
    writer.execute("DELETE FROM search WHERE rowid = 2")
    content = world.store.read().value("SELECT content FROM message WHERE id = 3")
    other = apsw.Connection(str(world.store.path.with_name("content.db")))
    other.execute("UPDATE blob SET data = zeroblob(length(data)) WHERE hash = ?", (content,))
    other.close()
    steps: list[tuple[int, int]] = []
    problems = " / ".join(verify.verify(world.store, progress=lambda *step: steps.append(step)).problems)
    for words in (
        "imap/INBOX are wrong",
        "another date",
        "none is wanted",
        "message 2 cannot be found",
        "message 3: The content",
    ):
        assert words in problems
    assert steps[-1] == (3, 4)
    assert mending.counts(world.store) == 1
    assert world.counts_are_right()


def _broken(profile: Profile) -> tuple[bytes, bytes]:
    """A profile with a local mail, a draft and a mail of the server; then its facts are damaged."""
    world = World(Store.open(profile))
    inbox = world.write(folders.ensure_folder, POP, "INBOX")
    world.own(inbox, "precious")
    world.fill(world.work, 1)
    row = world.own(world.work, "unsent copy")
    world.do(Append((row,)))
    draft = Draft(None, IMAP, Address("", "me@example.test"), subject="half written")
    world.write(drafts.save, draft, now=NOW)
    world.store.close()
    return b"Subject: precious\r\n\r\nown words", b"Subject: unsent copy\r\n\r\nown words"


def test_rescue_saves_what_is_only_here(profile: Profile, tmp_path: Path) -> None:
    only_here = _broken(profile)
    into = tmp_path / "rescued"
    assert rescue.rescue(profile, into, now=NOW) == 3
    saved = {path.read_bytes() for path in into.glob("*.eml")}
    assert saved == set(only_here)
    assert [b"half written" in path.read_bytes() for path in into.glob("draft-*.json")] == [True]
    assert (profile.root / f"mail.db.damaged-{NOW}").exists()
    fresh = Store.open(profile)
    assert read.folders(fresh.read()) == ()
    fresh.close()


def test_rescue_saves_everything_when_the_facts_are_unreadable(profile: Profile, tmp_path: Path) -> None:
    only_here = _broken(profile)
    profile.facts.write_bytes(b"rubbish " * 4096)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(profile)
    into = tmp_path / "rescued"
    assert rescue.rescue(profile, into, now=NOW) == 3
    assert set(only_here) < {path.read_bytes() for path in into.glob("*.eml")}
    Store.open(profile).close()


def test_rescue_never_writes_into_an_old_folder(profile: Profile, tmp_path: Path) -> None:
    _broken(profile)
    with pytest.raises(StoreError, match="cannot be written"):
        rescue.rescue(profile, tmp_path, now=NOW)
    assert profile.facts.exists()


def test_rows_moved_are_where_they_were_put_after_a_restart(profile: Profile) -> None:
    world = World(Store.open(profile))
    rows = world.fill(world.inbox, 3)
    done = world.do(Move(rows, (), world.trash))
    world.store.close()
    store = Store.open(profile)
    assert len(lists.ids(store.read(), [world.trash])) == 3
    last = undo.last(store.read())
    assert last is not None
    assert last.id == done.gesture
    undo.undo(store, now=NOW, remote=REMOTE)
    assert len(lists.ids(store.read(), [world.inbox])) == 3
    store.close()
