"""Clicks while another program holds the store: the window stays free, no click is lost, none overtakes another."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest
from pytestqt.qtbot import QtBot

from qtmail import accounts
from qtmail.engine.mail import Done, Mail
from qtmail.errors import BadInput, StoreBusy
from qtmail.model import AccountKey, Flag, Role, RowId
from qtmail.paths import Profile
from qtmail.settings import Scheme, Settings
from qtmail.ui.acts.doing import PATIENCE_S
from qtmail.ui.main_window import MainWindow
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink, account
from tests.qt.shell import ShellMail
from tests.qt.window import MakeWindow, selected_subjects, settle, subjects


class BusyMail(ShellMail):
    """A store that another program holds for as long as `busy` says; acts on the window's thread are refused."""

    def __init__(self) -> None:
        super().__init__()
        self.times_busy = 0
        self.told: list[str] = []
        for name in ("set_flag", "delete", "archive", "create_folder", "undo"):
            setattr(self, name, self._guarded(name, getattr(self, name)))

    def _guarded(self, name: str, act: object) -> object:
        def guarded(*values: object, **named: object) -> Done:
            if self.times_busy:
                self.times_busy -= 1
                raise StoreBusy
            self.told.append(name)
            return act(*values, **named)  # type: ignore[operator,no-any-return]

        return guarded


@pytest.fixture
def shell() -> BusyMail:
    made = BusyMail()
    inbox = made.of_role(Role.INBOX)
    for number, name in enumerate(("one", "two", "three")):
        made.put(inbox, name, age=number)
    return made


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot) -> MainWindow:
    made = make_window()
    settle(qtbot, made, 3)
    return made


def test_clicks_wait_in_their_order(window: MainWindow, shell: BusyMail, qtbot: QtBot) -> None:
    assert shell.patience == PATIENCE_S
    one, two, three = (RowId(i) for i in window.list.ids())
    shell.times_busy = 4
    window.acts.toggle_star([one])
    assert "another program" in window.toast.label.text().casefold()
    window.acts.archive([two])
    window.folder_acts.create(AccountKey("work"), "New")
    window.acts.toggle_star([one])
    qtbot.waitUntil(lambda: len(shell.told) == 4)
    assert shell.told == ["set_flag", "archive", "create_folder", "set_flag"]
    assert not shell.rows_by_id[one].starred, "the second click saw what the first one did"
    qtbot.waitUntil(lambda: "[Today]" in subjects(window) and "two" not in subjects(window))
    qtbot.waitUntil(lambda: window.sidebar.entry_of("work/New") is not None)
    window.acts.toggle_star([three])
    assert shell.told[-1] == "set_flag", "and at once when the store is free"


def test_what_leaves_is_off_the_list_at_once_and_a_second_click_does_nothing_more(
    window: MainWindow, shell: BusyMail, qtbot: QtBot
) -> None:
    one = RowId(window.list.ids()[0])
    window.list.select(one)
    shell.times_busy = 3
    window.acts.delete()
    assert selected_subjects(window) == ["two"]
    window.acts.delete([one])
    qtbot.waitUntil(lambda: bool(shell.told), timeout=2000)
    assert shell.told == ["delete"]
    assert shell.folder(shell.rows_by_id[one].folder).role is Role.TRASH, "not from Trash for good"
    window.acts.undo()
    qtbot.waitUntil(lambda: shell.told == ["delete", "undo"])
    settle(qtbot, window, 3)


def test_what_is_refused_later_comes_back(
    window: MainWindow, shell: BusyMail, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = iter((StoreBusy(), BadInput("The archive is full.", hint="Make room.")))

    def archive(rows: Sequence[RowId]) -> Done:
        raise next(calls)

    monkeypatch.setattr(shell, "archive", archive)
    with qtbot.waitSignal(window.acts.failed):
        window.acts.archive([RowId(window.list.ids()[0])])
    qtbot.waitUntil(lambda: window.list.count == 3)
    assert window.banner.text() == "The archive is full. Make room."


@contextmanager
def held(path: Path) -> Iterator[None]:
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_on_a_real_store_that_another_program_holds(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    profile = Profile(tmp_path).create()
    accounts.put(profile.accounts, account(AccountKey(""), "Work", "alice@example.test", "Alice"))
    (tmp_path / "hello.eml").write_bytes(b"From: bo@example.test\r\nSubject: Hello\r\n\r\nHello\r\n")
    mail = Mail(profile)
    inbox = mail.folder_of_role(mail.accounts()[0].key, Role.INBOX)
    mail.import_messages(tmp_path / "hello.eml", inbox.id)
    window = MainWindow(mail, FakeLink(), theme, Settings(scheme=Scheme.LIGHT, low_memory=True), profile)
    qtbot.addWidget(window)
    try:
        settle(qtbot, window, 1)
        row = RowId(window.list.ids()[0])
        with held(profile.facts):
            window.acts.toggle_star([row])
            assert not mail.rows([row])[row].starred, "the window is free again, the store is not"
        qtbot.waitUntil(lambda: mail.rows([row])[row].starred)
        with held(profile.facts):
            window.acts.mark_read([row])
        window.dispose()
        assert Flag.SEEN in mail.rows([row])[row].flags, "the end waits for what was clicked"
    finally:
        window.dispose()
        mail.close()
