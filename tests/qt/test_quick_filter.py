"""The quick filter: what it says, what the bar does with keys and clicks, and what a list of real mail shows then."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtmail import accounts
from qtmail.engine.mail import Mail
from qtmail.model import Account, AccountKey, Address, Flag, Protocol, Role, RowId, Security, Server
from qtmail.paths import Profile
from qtmail.store import add
from qtmail.store.query import Terms, parse
from qtmail.store.values import BodyFacts, HeaderFacts, NewMessage
from qtmail.ui.actions import Act
from qtmail.ui.message_list import first
from qtmail.ui.message_list.pane import MessageList
from qtmail.ui.message_list.quick import FIELDS, TERMS, Filter
from qtmail.ui.places import place_of
from qtmail.ui.reading import Reading
from qtmail.ui.theme import Theme
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, press, settle

NOW = 1_790_000_000


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Filter(), ""),
        (Filter({"unread": True, "attachment": False}), "is:unread -has:attachment"),
        (Filter({"known": True}, {"work": True}), "is:known tag:work"),
        (Filter(tags={"a": True, "b": True, "c": False}), "(tag:a OR tag:b) -tag:c"),
        (Filter(text="berg"), "(from:berg* OR to:berg* OR subject:berg*)"),
        (Filter(text='-"two words"', fields=frozenset({"body"})), '-body:"two words"'),
        (Filter(text="a 1 - ()", fields=frozenset({"body"})), ""),
        (Filter(text="東 OR", fields=frozenset({"subject"})), "subject:東* subject:OR*"),
        (Filter(text="from:x re:(all)", fields=frozenset({"from"})), 'from:"from x" from:"re all"'),
    ],
)
def test_what_a_filter_says(wanted: Filter, said: str) -> None:
    assert wanted.said == said
    assert wanted.empty is (not said)


@given(st.text(max_size=30), st.sets(st.sampled_from(sorted(FIELDS)), min_size=1))
def test_whatever_is_typed_is_understood(text: str, fields: set[str]) -> None:
    wanted = Filter({"unread": False}, {}, text, frozenset(fields))
    parse(wanted.said, Terms(NOW, {}))


def test_words_are_looked_for_somewhere() -> None:
    only = Filter(fields=frozenset({"body"}))
    assert only.with_field("body", on=False) == only
    assert only.with_field("from", on=True).with_field("body", on=False).fields == {"from"}


class Shown:
    """A list over real mail: what it shows, by subject."""

    def __init__(self, qtbot: QtBot, theme: Theme, mail: Mail) -> None:
        self._qtbot = qtbot
        self.mail = mail
        self.reading = Reading(stopper=mail.stopper)
        self.list = MessageList(mail, self.reading, theme)
        qtbot.addWidget(self.list)
        self.list.resize(420, 600)
        self.reading.start()
        self.folders = {folder.role: folder for folder in mail.folders() if folder.account}
        self.list.show()

    def open(self, role: Role) -> None:
        self.list.show_place(place_of(self.folders[role]))

    def put(self, subject: str, sender: str, *flags: str, age: int = 0, files: int = 0, text: str = "") -> RowId:
        raw = f"Subject: {subject}\r\n\r\n{text}".encode()
        digest = self.mail._store.content.put(raw, now=NOW)
        to = (Address("Alice", "alice@x.test"),)
        facts = HeaderFacts(NOW - age, f"<{subject}>", subject, Address(sender, f"{sender.lower()}@x.test"), to)
        new = NewMessage(digest, len(raw), NOW, facts, BodyFacts("", files, "", text), frozenset(flags))
        with self.mail._store.transaction("test") as tx:
            (row,) = add.add_messages(tx, self.folders[Role.INBOX].id, [new], now=NOW)
        return row

    def shows(self, *subjects: str) -> None:
        """Wait until it shows these and no others, in order."""
        self._qtbot.waitUntil(lambda: not self.list.busy and self.subjects() == list(subjects))

    def subjects(self) -> list[str]:
        ids = [RowId(row) for row in self.list.ids() if row]
        return [row.subject for row in self.mail.rows(ids).values()]


@pytest.fixture
def shown(qtbot: QtBot, theme: Theme, tmp_path: Path) -> Iterator[Shown]:
    profile = Profile(tmp_path).create()
    server = Server("127.0.0.1", 9, Security.NONE, "alice")
    account = Account(AccountKey(""), "Work", "a@x.test", "A", Protocol.IMAP, server, None, enabled=False)
    accounts.put(profile.accounts, account)
    mail = Mail(profile)
    made = Shown(qtbot, theme, mail)
    made.put("budget", "Bert", age=30, files=1)
    made.put("garden", "Anna", "\\Seen", age=20, text="tulips for Carl")
    made.put("roses", "Carl", "\\Flagged", "work", age=10)
    made.open(Role.INBOX)
    made.shows("roses", "garden", "budget")
    yield made
    made.reading.end()
    mail.close()


def test_it_works_by_keyboard_alone(shown: Shown, qtbot: QtBot) -> None:
    messages, bar = shown.list, shown.list.quick
    with qtbot.waitSignal(messages.filtering) as opened:
        messages.turn_quick_filter()
    assert opened.args == [True]
    assert bar.field.hasFocus()
    QTest.keyClicks(bar.field, "carl")
    shown.shows("roses")
    bar._fields["body"].click()
    shown.shows("roses", "garden")
    QTest.keyClick(bar.field, Qt.Key.Key_Down)
    assert messages.view.hasFocus(), "Down goes to what is left"
    bar._switches["unread"].setFocus()
    press(bar._switches["unread"], Qt.Key.Key_Space)
    shown.shows("roses")
    press(bar._switches["unread"], Qt.Key.Key_Space)
    shown.shows("garden")
    assert bar._switches["unread"].text() == "Read"
    press(bar._switches["unread"], Qt.Key.Key_Space)
    shown.shows("roses", "garden")
    press(bar._switches["unread"], Qt.Key.Key_Escape)
    shown.shows("roses", "garden", "budget")
    assert bar.isVisible(), "the first Esc clears"
    bar.field.setFocus()
    press(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert messages.view.hasFocus()


def test_every_switch_and_its_opposite(shown: Shown) -> None:
    bar = shown.list.quick
    shown.list.turn_quick_filter()
    left = {
        "unread": (("roses", "budget"), ("garden",)),
        "starred": (("roses",), ("garden", "budget")),
        "attachment": (("budget",), ("roses", "garden")),
        "known": ((), ("roses", "garden", "budget")),
    }
    assert set(left) == {term.key for term in TERMS}
    for key, (wanted, opposite) in left.items():
        for subjects in (wanted, opposite, ("roses", "garden", "budget")):
            bar._switches[key].click()
            shown.shows(*subjects)


def test_tags_are_those_of_the_list(shown: Shown, qtbot: QtBot) -> None:
    bar = shown.list.quick
    shown.list.turn_quick_filter()
    found: list[Sequence[str]] = []
    bar.tags_here(found.append)
    qtbot.waitUntil(lambda: bool(found))
    assert list(found[0]) == ["work"]
    menu = bar.tag_menu(found[0])
    for subjects in (("roses",), ("garden", "budget"), ("roses", "garden", "budget")):
        menu.actions()[0].trigger()
        shown.shows(*subjects)
    assert not bar.tag_menu(()).actions()[0].isEnabled()


def test_nothing_left_says_so_and_clears(shown: Shown) -> None:
    messages = shown.list
    messages.turn_quick_filter()
    messages.quick.field.setText("nobody")
    shown.shows()
    assert messages.empty.isVisible()
    assert "quick filter" in messages.empty.text()
    messages.empty._button.click()
    shown.shows("roses", "garden", "budget")
    assert messages.quick.isVisible()
    assert not messages.empty.isVisible()


def test_what_was_read_stays_while_it_is_selected(shown: Shown) -> None:
    messages = shown.list
    messages.turn_quick_filter()
    messages.quick._switches["unread"].click()
    shown.shows("roses", "budget")
    row = RowId(messages.ids()[1])
    messages.select(row)
    shown.mail.set_flag([row], Flag.SEEN, True)
    shown.put("news", "Dora")
    messages.refresh()
    shown.shows("news", "roses", "budget")
    assert messages.selected() == [row]
    messages.select(RowId(messages.ids()[0]))
    messages.refresh()
    shown.shows("news", "roses")


def test_each_place_has_its_own(shown: Shown) -> None:
    messages = shown.list
    messages.turn_quick_filter()
    messages.quick._switches["starred"].click()
    shown.shows("roses")
    assert messages.quick.found.text() == "1 message"
    shown.open(Role.ARCHIVE)
    shown.shows()
    assert not messages.quick.isVisible()
    shown.open(Role.INBOX)
    shown.shows("roses")
    assert messages.quick.isVisible()
    messages.show_search("garden")
    shown.shows("garden")
    assert not messages.quick.isVisible()
    messages.turn_quick_filter()
    messages.quick._switches["unread"].click()
    shown.shows()
    messages.show_search("roses")
    shown.shows("roses")
    messages.show_search("")
    shown.shows("roses")
    assert list(messages.quick.filter.terms) == ["starred"]


def test_a_large_list_begins_with_its_first_page(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "MANY", 1)
    monkeypatch.setattr(first, "PAGE", 2)
    for number in range(5):
        shown.put(f"old {number}", "Eva", age=1000 + number)
    everything = ("roses", "garden", "budget", *(f"old {n}" for n in range(5)))
    seen: list[tuple[int, bool]] = []
    shown.list.listed.connect(lambda count: seen.append((count, shown.list.listing.whole)))
    shown.open(Role.ARCHIVE)
    shown.shows()
    shown.open(Role.INBOX)
    shown.shows(*everything)
    assert seen[1:] == [(8, False), (8, True)], "as long as the whole list from the first moment"
    shown.list.quick._switches["unread"].click()
    shown.shows("roses", "budget", *everything[3:])
    assert seen[3:] == [(3, False), (7, True)]
    shown.list.select(RowId(shown.list.ids()[-1]))
    shown.list.quick._switches["unread"].click()
    shown.shows("garden")


def test_its_key_opens_and_closes_it(make_window: MakeWindow, shell: ShellMail, qtbot: QtBot) -> None:
    shell.put(shell.of_role(Role.INBOX), "one")
    window = make_window()
    settle(qtbot, window, 1)
    action = window.actions_[Act.QUICK_FILTER]
    assert action.shortcut().toString() == "Ctrl+Shift+K"
    assert not action.isChecked()
    action.trigger()
    assert window.list.quick.isVisible()
    assert action.isChecked()
    action.trigger()
    assert not window.list.quick.isVisible()
    assert not action.isChecked()


def test_groups_by_date_can_be_switched_off_and_stay_off(
    make_window: MakeWindow, shell: ShellMail, qtbot: QtBot
) -> None:
    shell.put(shell.of_role(Role.INBOX), "one")
    window = make_window()
    settle(qtbot, window, 1)
    assert window.list.listing.headings
    window.actions_[Act.GROUPED].trigger()
    qtbot.waitUntil(lambda: not window.list.listing.headings)
    assert not window.settings.group_by_date
    settle(qtbot, window, 1)
    assert not window.list.listing.headings
    again = make_window(window.settings)
    settle(qtbot, again, 1)
    assert not again.list.listing.headings
    again.actions_[Act.GROUPED].trigger()
    qtbot.waitUntil(lambda: bool(again.list.listing.headings))
