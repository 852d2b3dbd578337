"""Lists are in order, rows are what they are, stories are told."""

from qtmail.model import Address, ContentHash, Role, SortKey
from qtmail.operations import Copy, Expunge, Move, SetFlag
from qtmail.store import add, copies, flags, folders, ledger, lists, messages, read, replay, story, undo
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage
from tests.unit.store.world import IMAP, NOW, POP, REMOTE, World, header


def test_by_date_over_several_folders(world: World) -> None:
    a = world.arrive(world.inbox, header(1, date=30), header(2, date=10))
    b = world.arrive(world.work, header(1, date=20, key="b"), header(2, date=30, key="c"))
    reader = world.store.read()
    newest = [b[1], a[0], b[0], a[1]]
    assert list(lists.ids(reader, [world.inbox, world.work])) == newest
    assert list(lists.ids(reader, [world.inbox, world.work], descending=False)) == newest[::-1]
    assert list(lists.ids(reader, [])) == []
    assert list(lists.ids(reader, [world.trash])) == []


def test_by_every_column(world: World) -> None:
    def item(name: str, subject: str, size: int, attachments: int, *on: str) -> NewMessage:
        content = world.store.content.put(subject.encode(), now=NOW)
        facts = HeaderFacts(NOW, f"<{subject}>", subject, Address(name, f"{name}@x"), (Address("To " + name, "t@x"),))
        return NewMessage(content, size, NOW, facts, BodyFacts("", attachments), frozenset(on))

    mail = [
        item("bert", "Re: Zoo", 5, 0),
        item("Anna", "apple", 9, 2, "\\Seen"),
        item("carl", "AW: Moon", 1, 1, "\\Flagged"),
    ]
    z, a, m = world.write(add.add_messages, world.inbox, mail, now=NOW)
    reader = world.store.read()

    def order(sort: SortKey, *, descending: bool = False) -> list[int]:
        return list(lists.ids(reader, [world.inbox], sort, descending=descending))

    assert order(SortKey.SUBJECT) == [a, m, z]
    assert order(SortKey.CORRESPONDENT) == [a, z, m]
    assert order(SortKey.SIZE, descending=True) == [a, z, m]
    assert order(SortKey.UNREAD, descending=True) == [m, z, a]
    assert order(SortKey.STAR, descending=True)[0] == m
    assert order(SortKey.ATTACHMENT, descending=True) == [m, a, z]
    assert {len(order(sort)) for sort in SortKey} == {3}
    world.write(folders.set_role, world.inbox, Role.SENT)
    row = lists.rows(reader, [z])[z]
    assert (row.correspondent, row.address) == ("To bert", "t@x")


def test_rows_come_in_the_order_asked_without_those_gone(world: World) -> None:
    rows = world.arrive(world.inbox, header(1), header(2), header(3))
    world.do(Expunge(rows[1:2]))
    assert list(lists.rows(world.store.read(), [rows[2], rows[1], rows[0], 999])) == [rows[2], rows[0]]  # type: ignore[list-item]
    assert list(read.places(world.store.read(), rows)) == [rows[0], rows[2]]


def test_folders_are_in_role_order(world: World) -> None:
    world.write(folders.ensure_folder, IMAP, "Archive", Role.ARCHIVE)
    paths = [folder.path for folder in read.folders(world.store.read()) if folder.account == IMAP]
    assert paths == ["INBOX", "Archive", "Trash", "Work", "Work/Old"]


def test_what_is_there_already_is_found(world: World) -> None:
    row = world.own(world.inbox, "one")
    reader = world.store.read()
    content = reader.value("SELECT content FROM message")
    assert copies.with_contents(reader, world.inbox, [content, b"other"]) == {content: (row, frozenset())}
    assert copies.with_contents(reader, world.work, [content]) == {}
    assert read.folder_at(reader, IMAP, "Work") == world.work
    assert read.folder_at(reader, IMAP, "Play") is None
    assert read.opened(reader, 999) is None  # type: ignore[arg-type]


def test_reply_prefixes_do_not_sort() -> None:
    for subject in ("Re: Plan", "AW: WG: Plan", "Re[2]: plan", "FWD:Plan", " Plan "):
        assert messages.base_subject(subject) == "plan"
    assert messages.base_subject("Regards") == "regards"


def test_flags_are_kept_in_one_form() -> None:
    packed = flags.pack(frozenset({"\\seen", "\\Recent", "$JUNK", "Own", ""}))
    assert packed == "$Junk Own \\Seen"
    assert flags.unpack(packed) == {"$Junk", "Own", "\\Seen"}


def test_a_message_tells_its_story(world: World) -> None:
    (row,) = world.arrive(world.inbox, header(1), now=NOW - 100)
    world.bodies([row])
    read_ = world.do(SetFlag((row,), "\\Seen", True), now=NOW + 1)
    world.write(replay.confirm, read_.operations[0], now=NOW + 2)
    world.do(Move((row,), (), world.trash), now=NOW + 3)
    undo.undo(world.store, now=NOW + 4, remote=REMOTE)
    refused = world.do(Copy((row,), world.work, ()), now=NOW + 5)
    world.write(replay.refuse, refused.operations[0], "over quota", now=NOW + 6)
    world.write(story.tell, row, "Something else", now=NOW + 7)
    world.write(ledger.record, POP, [ledger.NewEntry("uidl", ContentHash(b"x" * 32), row, 100)], now=NOW + 8)
    world.do(Expunge((row,)), now=NOW + 9)
    told = story.story(world.store.read(), row)
    assert [step.at for step in told] == sorted(step.at for step in told)
    assert [step.what for step in told] == [
        "Arrived",
        "Stored here whole",
        "Mark 1 message read",
        "Move 1 message: from INBOX to Trash (taken back before the server was told)",
        "Copy 1 message: from INBOX to Work (refused by the server: over quota)",
        "Something else",
        "On the server: stored here, kept there",
        "Delete 1 message (the server is still to be told)",
        "Removed for good; kept here for a while",
    ]
    assert story.story(world.store.read(), refused.copies[0])[0].what == "Copied from INBOX"
    assert story.story(world.store.read(), 999) == ()  # type: ignore[arg-type]
