"""The window with its real engine process, on a real Dovecot and Postfix: unplugged, killed, started twice."""

import contextlib
import os
import signal
import smtplib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail import accounts, events
from qtmail.app import SingleInstance, build_window
from qtmail.background.link import Link
from qtmail.engine.lock import engine_lock
from qtmail.engine.mail import Mail
from qtmail.errors import AlreadyRunning
from qtmail.model import Account, AccountKey, AccountState, Folder, Role, RowId, SendState
from qtmail.paths import Profile
from qtmail.ui.main_window import MainWindow
from tests.e2e.conftest import Program
from tests.servers import DOMAIN, PASSWORDS, Dovecot, Postfix

LONG = 30_000


def letter(number: int, subject: str = "") -> bytes:
    return (
        f"From: Bob <bob@{DOMAIN}>\r\nTo: someone@{DOMAIN}\r\nSubject: {subject or f'Letter {number}'}\r\n"
        f"Date: Mon, 02 Nov 2026 10:{number % 60:02}:00 +0000\r\nMessage-ID: <{number}.{subject}@bo.test>\r\n"
        f"\r\nThis is letter {number}.\r\n"
    ).encode()


class Session:
    """One window and its engine, as app.py joins them."""

    def __init__(self, profile: Profile, qapp: QApplication, qtbot: QtBot, unlock: dict[AccountKey, str]) -> None:
        self.profile, self._bot = profile, qtbot
        self.window: MainWindow
        self.link: Link
        self.mail: Mail
        self.window, self.link, self.mail = build_window(profile, qapp)
        self.problems: list[events.Problem] = []
        self.states: dict[AccountKey, AccountState] = {}
        self.link.heard.connect(self._hear)
        for account, password in unlock.items():
            self.link.wish(events.Unlock(account, "incoming", password))
        self.window.show()
        self.link.start()

    def _hear(self, event: events.Event) -> None:
        match event:
            case events.Problem():
                self.problems.append(event)
            case events.StateChanged():
                self.states[event.account] = event.state

    def folder(self, role: Role, account: AccountKey | None = None) -> Folder:
        return next(f for f in self.mail.folders() if f.role is role and account in (None, f.account))

    def rows(self, role: Role, account: AccountKey | None = None) -> list[RowId]:
        return [RowId(number) for number in self.mail.ids([self.folder(role, account).id])]

    def wait(self, condition: object) -> None:
        self._bot.waitUntil(condition, timeout=LONG)

    def close(self) -> None:
        self.window.dispose()
        self.link.stop()
        self.mail.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(self.window, QEvent.Type.DeferredDelete)


@pytest.fixture
def someone(dovecot: Dovecot, postfix: Postfix) -> Account:
    """A mailbox of its own for each test, ten letters in its inbox."""
    user = dovecot.add_user()
    account = dovecot.account(user, outgoing=postfix)
    dovecot.fill(user, [letter(number) for number in range(10)], flags="")
    return account


@pytest.fixture
def profile(tmp_path: Path, someone: Account) -> Profile:
    made = Profile(tmp_path / "profile").create()
    accounts.put(made.accounts, someone)
    return made


@pytest.fixture
def unlock(profile: Profile) -> dict[AccountKey, str]:
    return {
        account.key: PASSWORDS.get(account.incoming.username, "secret") for account in accounts.load(profile.accounts)
    }


@pytest.fixture
def session(profile: Profile, qapp: QApplication, qtbot: QtBot, unlock: dict[AccountKey, str]) -> Iterator[Session]:
    made = Session(profile, qapp, qtbot, unlock)
    with contextlib.closing(made):
        yield made


def test_mail_comes_by_itself_and_what_is_done_reaches_the_server(
    session: Session, dovecot: Dovecot, someone: Account
) -> None:
    user = someone.incoming.username
    session.wait(lambda: session.window.list.count == 10)
    session.wait(lambda: session.folder(Role.INBOX).bodies_missing == 0)
    with smtplib.LMTP(dovecot.host, dovecot.lmtp) as lmtp:
        lmtp.sendmail(f"bob@{DOMAIN}", f"{user}@{DOMAIN}", letter(11, "Pushed"))
    session.wait(lambda: session.window.list.count == 11)
    newest = session.rows(Role.INBOX)[0]
    session.window.list.select(newest)
    session.window.acts.delete([newest])
    session.wait(lambda: len(dovecot.messages(user, "Trash")) == 1)
    assert b"Pushed" in dovecot.messages(user, "Trash")[0]
    session.window.apply(session.mail.undo())
    session.wait(lambda: not dovecot.messages(user, "Trash"))
    session.wait(lambda: len(dovecot.messages(user)) == 11)
    assert session.rows(Role.INBOX)[0] == newest
    assert session.problems == []


def test_everything_works_unplugged_and_is_replayed(session: Session, dovecot: Dovecot, someone: Account) -> None:
    user = someone.incoming.username
    session.wait(lambda: session.window.list.count == 10)
    session.wait(lambda: session.folder(Role.INBOX).bodies_missing == 0)
    session.wait(lambda: session.folder(Role.ARCHIVE).uidvalidity > 0)
    session.window.set_offline(True)
    session.wait(lambda: session.states.get(someone.key) is AccountState.OFFLINE)
    rows = session.rows(Role.INBOX)
    assert "letter" in session.mail.message(rows[3]).text
    session.window.apply(session.mail.archive(rows[:4]))
    session.window.apply(session.mail.set_flag(rows[4:6], "\\Flagged", True))
    draft = session.mail.reply(rows[5], to_all=False, html=False)
    item, done = session.mail.send(draft)
    session.window.apply(done)
    assert session.window.list.count == 10 or len(session.rows(Role.INBOX)) == 6
    assert dovecot.messages(user, "Archive") == []
    session.window.set_offline(False)
    session.wait(lambda: len(dovecot.messages(user, "Archive")) == 4)
    session.wait(lambda: session.mail.outbox_state(item).state is SendState.ACCEPTED)
    session.wait(lambda: len(dovecot.messages(user, "Sent")) == 1)
    session.wait(lambda: session.mail.waiting() == 0)
    assert session.problems == []


def test_a_killed_engine_comes_back_and_finishes(session: Session, dovecot: Dovecot, someone: Account) -> None:
    user = someone.incoming.username
    session.wait(lambda: session.window.list.count == 10)
    first = session.link.pid
    os.kill(first, signal.SIGKILL)
    rows = session.rows(Role.INBOX)
    session.window.apply(session.mail.archive(rows[:3]))
    session.wait(lambda: session.link.pid not in (0, first))
    session.wait(lambda: len(dovecot.messages(user, "Archive")) == 3)
    assert len(dovecot.messages(user)) == 7


def test_what_a_command_does_meanwhile_is_replayed_by_the_windows_engine(
    session: Session, dovecot: Dovecot, someone: Account, qtmail: Program
) -> None:
    user = someone.incoming.username
    session.wait(lambda: session.window.list.count == 10)
    session.wait(lambda: session.folder(Role.ARCHIVE).uidvalidity > 0)
    program = Program(session.profile.root, qtmail.environment)
    row = session.rows(Role.INBOX)[0]
    program("move", row, f"{someone.name}/Archive")
    session.wait(lambda: len(dovecot.messages(user, "Archive")) == 1)
    refused = program("sync", code=1)
    assert "already" in refused.err


def test_the_engine_ends_when_its_window_is_killed(profile: Profile, keyring: object, qtmail: Program) -> None:
    command = [*Program(profile.root).command(), "--engine"]
    engine = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | qtmail.environment
    )
    assert engine.stdin is not None
    assert engine.stdout is not None
    with engine:
        line = b""
        while b"EngineReady" not in line:
            line = engine.stdout.readline()
            assert line
        with pytest.raises(AlreadyRunning), engine_lock(profile):
            raise AssertionError("two engines have one profile")
        engine.stdin.close()
        assert engine.wait(10) == 0
    with engine_lock(profile):
        pass


def test_a_second_start_hands_over_to_the_first(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(session.profile, session.window)
    first.listen()
    asked: list[tuple[str, ...]] = []
    first.asked.connect(asked.append)
    file = tmp_path / "a letter.eml"
    file.write_bytes(letter(99, "From a file"))
    program = Program(session.profile.root)
    second = subprocess.Popen(program.command(file), stderr=subprocess.PIPE, env=os.environ)
    with second:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=LONG)
        assert second.returncode == 0
        assert second.stderr is not None
        assert b"already running" in second.stderr.read()
    assert asked == [(str(file),)]
    session.window.open_things(asked[0])
    found = session.mail.search("subject:file")
    session.wait(lambda: len(session.mail.search("subject:file")) == 1 or bool(found))


def test_a_broken_account_does_not_hold_the_other(
    profile: Profile, qapp: QApplication, qtbot: QtBot, unlock: dict[AccountKey, str], dovecot: Dovecot
) -> None:
    other = accounts.put(profile.accounts, dovecot.account(dovecot.add_user()))
    made = Session(profile, qapp, qtbot, unlock | {other.key: "wrong"})
    with contextlib.closing(made):
        (good,) = unlock
        made.wait(lambda: any(problem.account == other.key for problem in made.problems))
        made.wait(lambda: len(made.rows(Role.INBOX, good)) == 10)
        told = [problem for problem in made.problems if problem.account == other.key]
        assert "password" in f"{told[0].what} {told[0].hint}".lower()


def test_a_draft_survives_the_window_being_killed(
    profile: Profile, qapp: QApplication, qtbot: QtBot, unlock: dict[AccountKey, str]
) -> None:
    made = Session(profile, qapp, qtbot, unlock)
    with contextlib.closing(made):
        (key,) = unlock
        draft = made.mail.save_draft(made.mail.new_draft(key))
        assert made.mail.open_drafts() == (draft,)
    again = Session(profile, qapp, qtbot, unlock)
    with contextlib.closing(again):
        assert [window.draft().id for window in again.window.composing.windows] == [draft.id]
