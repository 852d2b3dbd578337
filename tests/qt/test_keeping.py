"""What is kept on this computer: the account's page, a folder's menu, and what the list asks the engine for."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QAction
from PySide6.QtNetwork import QNetworkInformation
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from qtmail.background.metered import Meter
from qtmail.events import LookAt, Metered, Wake
from qtmail.model import Account, AccountKey, Keep, Protocol, Role, RowId
from qtmail.ui import keeping
from qtmail.ui.accounts.form import AccountForm
from qtmail.ui.accounts.keep_fields import KeepFields
from qtmail.ui.main_window import MainWindow
from qtmail.ui.message_list.sight import InSight
from qtmail.ui.theme import Theme
from tests.qt.fakes import WORK, FakeLink, account
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, settle


def of(keep: Keep, largest: int = 0, connections: int = 3) -> Account:
    made = account(AccountKey("a"), "Work", "alice@example.org")
    return replace(made, keep=keep, largest_mb=largest, connections=connections)


@pytest.mark.parametrize("old", [of(Keep()), of(Keep(0), 25, 1), of(Keep(90), 3, 10), of(Keep(17))])
def test_the_form_gives_back_what_it_was_given(qtbot: QtBot, theme: Theme, old: Account) -> None:
    form = AccountForm(theme, old)
    qtbot.addWidget(form)
    new = form.account()
    assert (new.keep, new.largest_mb, new.connections) == (old.keep, old.largest_mb, old.connections)


def test_the_form_takes_another_word_and_says_what_it_means(qtbot: QtBot) -> None:
    fields = KeepFields(None)
    qtbot.addWidget(fields)
    assert fields.values() == (Keep(), 0, 3)
    assert "Everything" in fields.sentence.text()
    with qtbot.waitSignal(fields.edited):
        fields.keep.setCurrentIndex(fields.keep.findData(str(Keep(0))))
    fields.limited.setChecked(True)
    assert fields.values() == (Keep(0), 25, 3)
    assert "fetched when you open them" in fields.sentence.text()


def test_only_imap_accounts_choose(qtbot: QtBot, theme: Theme) -> None:
    form = AccountForm(theme)
    qtbot.addWidget(form)
    form.show()
    assert form.keep.isVisibleTo(form)
    form.protocol.setCurrentIndex(form.protocol.findData(Protocol.POP3))
    assert not form.keep.isVisibleTo(form)
    assert not form.keep_heading.isVisibleTo(form)


def test_every_choice_has_its_own_words() -> None:
    assert len({keeping.words(choice) for choice in (*keeping.CHOICES, Keep(1), Keep(17))}) == len(keeping.CHOICES) + 2
    assert keeping.words(Keep(1)) == "Messages of the last 1 day"
    assert keeping.choices(Keep(17))[-1] == Keep(17)
    assert keeping.choices(Keep(30)) == keeping.choices(None) == keeping.CHOICES


def offered(window: MainWindow, menu: QMenu) -> list[QAction]:
    action = next(action for action in menu.actions() if action.text() == "Keep offline")
    sub = action.menu()
    assert isinstance(sub, QMenu)
    return [one for one in sub.actions() if one.text()]


def test_a_folder_says_otherwise_in_its_menu(make_window: MakeWindow, shell: ShellMail, engine: FakeLink) -> None:
    shell.put_folder(WORK, "Projects")
    window = make_window()
    entry = window.sidebar.entry_of("work/Projects")
    assert entry is not None
    assert entry.folder is not None
    menu = window.folder_acts.menu(entry)
    actions = offered(window, menu)
    assert actions[0].text() == "As the account says (all messages)"
    assert [one.isChecked() for one in actions] == [True] + [False] * len(keeping.CHOICES)
    actions[-1].trigger()
    assert shell.folder(entry.folder.id).keep == Keep(0)
    assert engine.wishes[-1] == Wake((WORK,), check=True)


def test_the_list_asks_for_what_is_in_sight_and_only_once(
    make_window: MakeWindow, shell: ShellMail, engine: FakeLink, qtbot: QtBot
) -> None:
    inbox = shell.of_role(Role.INBOX)
    rows = [shell.put(inbox, f"message {number:03}", age=number * 600) for number in range(300)]
    missing = set(rows[2:200])
    for row in missing:
        shell.rows_by_id[row] = replace(shell.rows_by_id[row], has_body=False)
    window = make_window()
    settle(qtbot, window, 300)
    asked = [wish for wish in engine.wishes if isinstance(wish, LookAt)]
    sight = window.findChild(InSight)
    assert sight is not None
    sight.tell()
    (first,) = [wish for wish in engine.wishes if isinstance(wish, LookAt) and wish not in asked] or asked[-1:]
    by_message = {shell.rows_by_id[row].message: row for row in rows}
    shown = [by_message[message] for message in first.messages]
    assert shown == rows[2 : 2 + len(shown)], "from the top, without those that are here"
    assert 3 < len(shown) < 60
    before = len(engine.wishes)
    sight.tell()
    assert len(engine.wishes) == before, "said once"
    window.list.view.verticalScrollBar().setValue(window.list.view.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: LookAt(()) in engine.wishes, timeout=3000)
    assert RowId(rows[-1]) in [window.list.listing.id_at(window.list.view.visible_lines()[1])]


def test_what_the_system_says_of_the_line_becomes_a_wish(qtbot: QtBot) -> None:
    meter = Meter()
    said: list[object] = []
    meter.changed.connect(said.append)
    meter.begin()
    known = QNetworkInformation.instance()
    if known is not None and known.supports(QNetworkInformation.Feature.Metered):
        said.clear()
        known.isMeteredChanged.emit(True)
        known.isMeteredChanged.emit(False)
    else:
        meter.tell(True)
        meter.tell(False)
    assert said[-2:] == [Metered(True), Metered(False)]
