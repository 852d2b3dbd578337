"""Conversations in the list, on a real store: one line each, opened and closed, acted on as a whole, live."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtmail import accounts
from qtmail.engine.mail import Mail
from qtmail.model import AccountKey, Address, Flag, Role, RowId
from qtmail.paths import Profile
from qtmail.settings import Layout, Scheme, Settings
from qtmail.store import add
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage
from qtmail.ui.actions import Act
from qtmail.ui.main_window import MainWindow
from qtmail.ui.message_list.heads import first_name
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink, account
from tests.qt.pictures import picture
from tests.qt.window import settle

NOW = 1_790_000_000
ALICE = Address("Alice Doe", "alice@example.test")
BOB = Address("Bob Stone", "bob@example.test")
CARLA = Address("Carla Müller-Lüdenscheidt", "carla@example.test")


class World:
    """A window on a store with one account."""

    def __init__(self, qtbot: QtBot, theme: Theme, root: Path) -> None:
        profile = Profile(root).create()
        accounts.put(profile.accounts, account(AccountKey(""), "Work", ALICE.address, "Alice"))
        self.qtbot = qtbot
        self.mail = Mail(profile)
        self.asked: list[str] = []
        key = self.mail.accounts()[0].key
        self.inbox = self.mail.folder_of_role(key, Role.INBOX).id
        self.sent = self.mail.folder_of_role(key, Role.SENT).id
        self.trash = self.mail.folder_of_role(key, Role.TRASH).id
        self.rows: dict[str, RowId] = {}
        self.fill()
        settings = Settings(scheme=Scheme.LIGHT, low_memory=True, mark_read_after=-1)
        self.window = MainWindow(self.mail, FakeLink(), theme, settings, profile)
        qtbot.addWidget(self.window)
        self.window.show()
        self.list = self.window.list
        self.window.acts._ask = self.ask
        settle(qtbot, self.window, 6)

    def ask(self, title: str, question: str, button: str) -> bool:
        self.asked.append(question)
        return False

    def fill(self) -> None:
        """Five messages and an answer about the garden, one about roses."""
        self.put("garden 1", BOB, age=50, flags="\\Seen")
        self.put("garden 2", CARLA, "garden 1", age=40, files=2)
        self.put("answer", ALICE, "garden 1 garden 2", age=35, flags="\\Seen", sent=True)
        self.put("roses", CARLA, age=30, flags="\\Seen \\Flagged")
        self.put("garden 3", BOB, "garden 1 garden 2", age=20)
        self.put("budget", CARLA, age=15)
        self.put("garden 4", BOB, "garden 1 garden 2 answer", age=10)

    def put(
        self, name: str, who: Address, refs: str = "", *, age: int, flags: str = "", files: int = 0, sent: bool = False
    ) -> RowId:
        """A message; `age` in hours; `refs`: names with their number, each of two words or one."""
        folder = self.sent if sent else self.inbox
        words = refs.replace("garden ", "garden-").split()
        facts = HeaderFacts(
            date=NOW - age * 3600,
            message_id=f"<{name.replace(' ', '-')}@x.test>",
            subject=name.capitalize(),
            sender=who,
            recipients=(BOB if who is ALICE else ALICE,),
            refs=" ".join(f"<{word}@x.test>" for word in words),
        )
        content = self.mail._store.content.put(name.encode(), now=NOW)
        new = NewMessage(
            content, 100, facts.date, facts, BodyFacts(f"What is said of {name}", files), frozenset(flags.split())
        )
        with self.mail._store.transaction("put") as tx:
            (self.rows[name],) = add.add_messages(tx, folder, [new], now=NOW)
        return self.rows[name]

    def names(self) -> list[str]:
        by_row = {row: name for name, row in self.rows.items()}
        return [by_row[RowId(row)] for row in self.list.ids()]

    def shows(self, *names: str) -> None:
        self.qtbot.waitUntil(lambda: self.names() == list(names))

    def as_conversations(self) -> None:
        self.window.actions_[Act.CONVERSATIONS].trigger()
        self.shows("garden 4", "budget", "roses")

    def spoken(self, name: str) -> str:
        model = self.list.view.model()
        line = self.list.listing.line_of(self.rows[name])
        return str(model.data(model.index(line, 0), Qt.ItemDataRole.AccessibleTextRole))

    def press(self, key: Qt.Key) -> None:
        QTest.keyClick(self.list.view, key)


@pytest.fixture
def world(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Iterator[World]:
    made = World(qtbot, theme, tmp_path)
    yield made
    made.window.dispose()
    made.mail.close()


def test_a_line_tells_of_all_its_messages_and_opens(world: World) -> None:
    world.as_conversations()
    assert "Bob, Carla, me" in world.spoken("garden 4")
    assert "unread" in world.spoken("garden 4")
    assert "conversation of 5, closed" in world.spoken("garden 4")
    assert "conversation" not in world.spoken("roses")
    world.list.select(world.rows["garden 4"])
    world.press(Qt.Key.Key_Right)
    assert world.names() == ["garden 4", "garden 3", "answer", "garden 2", "garden 1", "budget", "roses"]
    assert "me" not in world.spoken("garden 4").split(", ")
    assert world.list.selected() == [world.rows["garden 4"]]
    world.press(Qt.Key.Key_Down)
    world.press(Qt.Key.Key_Down)
    assert world.list.selected() == [world.rows["answer"]]
    world.press(Qt.Key.Key_Left)
    assert world.list.selected() == [world.rows["garden 4"]]
    world.press(Qt.Key.Key_Left)
    assert world.names() == ["garden 4", "budget", "roses"]
    view = world.list.view
    line = world.list.listing.line_of(world.rows["garden 4"])
    sight = world.list.model.sight(line)
    assert sight is not None
    spot = view._painter.fold_rect(view._line_rect(line), view._cells(), sight).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert len(world.names()) == 7
    world.list.select(world.rows["garden 2"])
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, spot)
    assert world.list.selected() == [world.rows["garden 4"]], "the line stands for what was selected in it"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Bob Stone", "Bob"),
        ("Stone, Bob", "Bob"),
        ("Bob", "Bob"),
        ("b@x.test", "b@x.test"),
        ("山田太郎", "山田太郎"),
        ("", ""),
    ],
)
def test_several_people_are_named_by_their_first_names(name: str, short: str) -> None:
    assert first_name(name) == short


def test_an_act_on_a_closed_line_is_on_all_of_this_folder(world: World) -> None:
    world.as_conversations()
    world.list.select(world.rows["garden 4"])
    world.window.acts.toggle_read()
    assert all(
        not row.unread for row in world.mail.rows(list(world.rows.values())).values() if row.id != world.rows["budget"]
    )
    world.window.acts.delete()
    world.shows("budget", "roses")
    assert world.list.selected() == [world.rows["budget"]]
    assert not world.asked
    assert {world.mail.rows([row])[row].folder for row in (world.rows["answer"],)} == {world.sent}
    assert len(world.mail.ids([world.trash])) == 4
    world.window.acts.undo()
    world.shows("garden 4", "budget", "roses")


def test_what_is_in_another_folder_is_not_deleted_unasked(world: World) -> None:
    world.as_conversations()
    world.list.select(world.rows["garden 4"])
    world.press(Qt.Key.Key_Right)
    world.list.select(world.rows["answer"])
    world.window.acts.delete()
    assert len(world.asked) == 1
    assert "Sent" in world.asked[0]
    assert world.mail.rows([world.rows["answer"]])[world.rows["answer"]].folder == world.sent
    world.list.select(world.rows["garden 3"])
    world.window.acts.delete()
    assert world.names() == ["garden 4", "answer", "garden 2", "garden 1", "budget", "roses"]
    assert world.list.selected() == [world.rows["answer"]]


def test_new_mail_keeps_what_is_selected_and_open(world: World) -> None:
    world.as_conversations()
    world.list.select(world.rows["garden 4"])
    world.put("garden 5", CARLA, "garden 1 garden 4", age=5)
    world.list.refresh(world.inbox)
    world.shows("garden 5", "budget", "roses")
    assert world.list.selected() == [world.rows["garden 5"]]
    world.press(Qt.Key.Key_Right)
    world.list.select(world.rows["garden 2"])
    world.put("garden 6", CARLA, "garden 1 garden 4", age=4)
    world.list.refresh(world.inbox)
    world.shows(*("garden 6", "garden 5", "garden 4", "garden 3", "answer", "garden 2", "garden 1", "budget", "roses"))
    assert world.list.selected() == [world.rows["garden 2"]]


def test_split_join_and_mute_from_the_menu(world: World) -> None:
    world.as_conversations()
    world.list.select(world.rows["garden 4"])
    world.press(Qt.Key.Key_Right)
    world.list.select(world.rows["garden 3"])
    world.window.actions_[Act.SPLIT].trigger()
    world.shows("garden 4", "answer", "garden 2", "garden 1", "budget", "garden 3", "roses")
    world.list.view.selectAll()
    world.window.actions_[Act.JOIN].trigger()
    world.qtbot.waitUntil(lambda: len(world.mail.conversation_ids([world.inbox])) == 1)
    world.window.acts.undo()
    world.window.acts.undo()
    world.qtbot.waitUntil(lambda: len(world.mail.conversation_ids([world.inbox])) == 3)
    world.list.select(world.rows["roses"])
    world.window.actions_[Act.MUTE].trigger()
    world.qtbot.waitUntil(lambda: "muted" in world.spoken("roses"))
    world.window.actions_[Act.MUTE].trigger()
    world.qtbot.waitUntil(lambda: "muted" not in world.spoken("roses"))


def test_the_next_unread_is_also_found_within_closed_lines(world: World) -> None:
    world.mail.set_flag([world.rows["garden 4"], world.rows["budget"]], Flag.SEEN, True)
    world.as_conversations()
    world.list.select(world.rows["budget"])
    world.window.actions_[Act.NEXT_UNREAD].trigger()
    world.qtbot.waitUntil(lambda: world.list.selected() == [world.rows["garden 4"]])
    world.list.select(world.rows["garden 2"])
    assert world.list.selected() == [world.rows["garden 2"]], "what is asked for by name is shown"
    world.window.actions_[Act.NEXT_UNREAD].trigger()
    world.qtbot.waitUntil(lambda: world.list.selected() == [world.rows["garden 3"]])


def test_each_place_remembers_how_it_is_shown(world: World) -> None:
    world.as_conversations()
    assert world.window.actions_[Act.CONVERSATIONS].isChecked()
    state = world.window.arrangement.now()
    assert state.conversations == (world.list.place.key if world.list.place else "",)
    world.list.show_search("garden")
    world.qtbot.waitUntil(lambda: len(world.list.ids()) == 4)
    world.list.show_search("")
    world.shows("garden 4", "budget", "roses")
    world.window.actions_[Act.CONVERSATIONS].trigger()
    world.qtbot.waitUntil(lambda: len(world.list.ids()) == 6)


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_pictures(world: World, theme: Theme, scheme: Scheme) -> None:
    world.as_conversations()
    world.mail.mute([world.rows["budget"]], True)
    world.list.refresh(world.inbox)
    world.qtbot.waitUntil(lambda: "muted" in world.spoken("budget"))
    theme.set(scheme, theme.density)
    for layout in (Layout.RIGHT, Layout.BELOW):
        world.window.change_setting("layout", layout)
        world.window.resize(1180, 760)
        for what in ("closed", "open"):
            scale = 2 if what == "closed" else 1
            image = picture(world.window, scale, f"conversations-{scheme.value}-{layout.value}-{what}")
            assert image.width() == 1180 * scale
            world.list.select(world.rows["garden 4"])
            world.press(Qt.Key.Key_Right if what == "closed" else Qt.Key.Key_Left)
