"""A quick filter leaves what it says, in the order of the list; the first page is the beginning of the whole."""

import pytest

from qtmail.errors import BadInput
from qtmail.model import Address, Role, RowId, SortKey
from qtmail.operations import Expunge, Move
from qtmail.store import add, folders, lists, narrow, people
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage
from tests.unit.store.world import IMAP, NOW, World, header


@pytest.fixture
def mail(world: World) -> dict[str, RowId]:
    """Five messages in the inbox, one in Work, by name; later ones are newer."""

    def item(place: int, name: str, subject: str, text: str, files: int, *flags: str) -> NewMessage:
        content = world.store.content.put(f"{place}".encode(), now=NOW)
        sender, to = Address(name.title(), f"{name}@x.test"), Address("Alice", "alice@x.test")
        facts = HeaderFacts(NOW + place, f"<{place}>", subject, sender, (to,))
        return NewMessage(content, place, NOW, facts, BodyFacts("", files, "a.pdf", text), frozenset(flags))

    made = [
        item(1, "anna", "garden", "tulips", 0, "\\Seen"),
        item(2, "bert", "budget", "anna wants more", 1),
        item(3, "carl", "garden", "roses", 0, "\\Flagged", "work"),
        item(4, "anna", "zoo", "lions", 2, "\\Seen", "\\Flagged", "$Forwarded", "NonJunk"),
        item(5, "dora", "concert", "tickets", 0, "\\Seen", "later"),
    ]
    names = ("tulips", "budget", "roses", "zoo", "concert")
    found = dict(zip(names, world.write(add.add_messages, world.inbox, made, now=NOW), strict=True))
    (found["elsewhere"],) = world.write(
        add.add_messages, world.work, [item(6, "anna", "garden plan", "tulips", 0, "work")], now=NOW
    )
    world.write(people.wrote_to, [Address("Anna", "Anna@X.test")], now=NOW)
    return found


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("is:unread", "roses budget"),
        ("-is:unread", "concert zoo tulips"),
        ("is:starred", "zoo roses"),
        ("-is:starred", "concert budget tulips"),
        ("has:attachment", "zoo budget"),
        ("-has:attachment is:unread", "roses"),
        ("tag:work", "roses"),
        ("-tag:work -tag:later", "zoo budget tulips"),
        ("is:known", "zoo tulips"),
        ("-is:known", "concert roses budget"),
        ("from:anna*", "zoo tulips"),
        ("(from:anna* OR body:anna*)", "zoo budget tulips"),
        ("subject:gard*", "roses tulips"),
        ("-subject:gard*", "concert zoo budget"),
        ("nothing", ""),
    ],
)
def test_what_a_filter_leaves(world: World, mail: dict[str, RowId], said: str, left: str) -> None:
    names = {row: name for name, row in mail.items()}
    reader = world.store.read()
    expected = left.split()

    def found(**how: object) -> list[str]:
        return [names[RowId(row)] for row in narrow.narrowed(reader, said, [world.inbox], **how)]  # type: ignore[arg-type]

    assert found() == expected
    assert found(descending=False) == expected[::-1]
    assert found(most=1) == expected[:1]
    by_size = found(sort=SortKey.SIZE, descending=False)
    assert by_size == expected[::-1], "sizes rise with dates"
    gone, there = mail["budget"], mail["elsewhere"]
    assert sorted(found(kept=[gone, there])) == sorted({*expected, "budget"}), "what is kept stays, in its folder"


def test_many_matches_are_looked_through(world: World, mail: dict[str, RowId], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "FEW", 0)
    found = narrow.narrowed(world.store.read(), "garden is:unread", [world.inbox, world.work])
    assert list(found) == [mail["elsewhere"], mail["roses"]]


def test_what_cannot_be_understood_is_told(world: World) -> None:
    with pytest.raises(BadInput):
        narrow.narrowed(world.store.read(), "is:wonderful", [world.inbox])
    assert list(narrow.narrowed(world.store.read(), "is:unread", [])) == []


def test_a_list_read_in_parts_is_the_same(
    world: World, mail: dict[str, RowId], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = world.store.read()
    world.arrive(world.inbox, *(header(uid, date=NOW + 3, key=f"same {uid}") for uid in range(1, 6)))
    whole = {descending: lists.ids(reader, [world.inbox], descending=descending) for descending in (True, False)}
    assert len(whole[True]) == 10
    for part in (1, 2, 3, 5, 10, 11):
        monkeypatch.setattr(lists, "PART", part)
        for descending, ids in whole.items():
            assert lists.ids(reader, [world.inbox], descending=descending) == ids


def test_the_first_page_is_the_beginning(world: World, mail: dict[str, RowId]) -> None:
    world.do(Move((mail["zoo"],), (world.inbox,), world.trash), Expunge((mail["roses"],)))
    reader = world.store.read()
    for within in ([world.inbox], [world.inbox, world.work], [world.trash, world.work, world.inbox]):
        for descending in (True, False):
            whole = lists.ids(reader, within, descending=descending)
            for most in (1, 2, 9):
                assert lists.first(reader, within, most, descending=descending) == whole[:most]
    assert list(lists.first(reader, [], 5)) == []


def test_whom_sent_mail_is_to_is_known(world: World, mail: dict[str, RowId]) -> None:
    reader = world.store.read()
    before = len(narrow.narrowed(reader, "is:known", [world.inbox]))
    sent = world.write(folders.ensure_folder, IMAP, "Sent", Role.SENT)
    facts = HeaderFacts(NOW, "<s>", "hello", Address("Alice", "alice@x.test"), (Address("Carl", "CARL@x.test"),))
    content = world.store.content.put(b"sent", now=NOW)
    world.write(add.add_messages, sent, [NewMessage(content, 4, NOW, facts, BodyFacts())], now=NOW)
    found = narrow.narrowed(reader, "is:known", [world.inbox])
    assert (len(found), mail["roses"] in found) == (before + 1, True)
    assert people.met(reader, "alice@x.test") == (0, 0), "one does not hear from oneself"


def test_tags_are_what_people_gave(world: World, mail: dict[str, RowId]) -> None:
    assert lists.tags(world.store.read(), [world.inbox]) == ("later", "work")
    assert lists.tags(world.store.read(), [world.work]) == ("work",)
    assert lists.tags(world.store.read(), [world.trash]) == ()
