"""The Storage window on a real store, the recovery key, and what comes before the window opens."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from qtmail import events, secrets
from qtmail.engine import protecting
from qtmail.engine.mail import Mail
from qtmail.engine.protecting import Protection, Stage
from qtmail.errors import StoreDamaged, StoreError
from qtmail.paths import Profile
from qtmail.settings import Density, Scheme
from qtmail.store.db import Store
from qtmail.ui.storage import StorageWindow, before
from qtmail.ui.storage.recovery import RecoveryKeyDialog, UnlockDialog
from qtmail.ui.storage.task import Stopped, Task
from qtmail.ui.storage.window import Wanted
from qtmail.ui.theme import Theme
from tests.qt.fakes import FakeLink
from tests.qt.pictures import cut_off, picture
from tests.unit.store.world import World


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, Scheme.LIGHT, Density.NORMAL)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """A store with some mail, one folder of it wrongly counted; closed."""
    profile = Profile(tmp_path / "profile").create()
    world = World(Store.open(profile, slow=5))
    world.fill(world.inbox, 30)
    with world.store.transaction("harm") as tx:
        tx.run("UPDATE folder SET unread = 99 WHERE id = ?", world.inbox)
    world.store.close()
    return profile


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    kept: dict[str, str] = {}
    monkeypatch.setattr(secrets, "keep_store_key", kept.__setitem__)
    monkeypatch.setattr(secrets, "store_key", kept.get)
    monkeypatch.setattr(secrets, "forget_store_key", kept.pop)
    return kept


@pytest.fixture
def window(profile: Profile, theme: Theme, qtbot: QtBot) -> Iterator[StorageWindow]:
    mail = Mail(profile)
    window = StorageWindow(mail, FakeLink(), profile, theme)
    window.show()
    qtbot.waitUntil(lambda: "of mail" in window.summary.text())
    yield window
    window.close()
    mail.close()


def test_room_checking_and_repairing(window: StorageWindow, qtbot: QtBot) -> None:
    window.room.ask.click()
    qtbot.waitUntil(lambda: "nothing that old" in window.room.outcome.text())
    assert window.room.drop.isHidden()
    window.check.start.click()
    qtbot.waitUntil(lambda: "1 problem found" in window.check.outcome.text())
    acted: list[int] = []
    window.acted.connect(lambda: acted.append(1))
    window.check.repair.click()
    qtbot.waitUntil(lambda: "right again: 1" in window.check.outcome.text())
    assert len(acted) == 1
    qtbot.waitUntil(window.check.start.isEnabled)
    window.check.start.click()
    qtbot.waitUntil(lambda: "All is well: 30 of 30" in window.check.outcome.text())
    assert window.check.repair.isHidden()
    assert cut_off(window) == []
    picture(window, 1, "storage")


def test_the_engine_makes_room_and_tells_how_it_went(window: StorageWindow, qtbot: QtBot) -> None:
    link = window._link
    assert isinstance(link, FakeLink)
    window.free()
    assert not window.room.ask.isEnabled()
    assert window.room.stop.isVisible()
    window.room.stop.click()
    assert link.wishes == [events.MakeRoom(365), events.MakeRoom(0, stop=True)]
    link.heard.emit(events.RoomMade(3, 4000, 1, ("Home: no answer.",)))
    for words in ("3 messages were dropped", "1 stays", "Home: no answer."):
        assert words in window.room.outcome.text()
    qtbot.waitUntil(window.room.ask.isEnabled)


def test_what_is_under_way_can_be_stopped(qtbot: QtBot) -> None:
    def work(tell: Any) -> None:
        while True:
            tell(1, 2)

    results: list[object] = []
    task = Task(work)
    task.ended.connect(results.append)
    task.start()
    task.stop()
    qtbot.waitUntil(lambda: bool(results))
    assert isinstance(results[0], Stopped)
    task.finish()
    assert not task.running


def test_encryption_is_asked_for_with_a_key_that_was_kept(
    window: StorageWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted: list[Wanted] = []
    window.stage_wanted.connect(wanted.append)
    monkeypatch.setattr(RecoveryKeyDialog, "exec", lambda self: 0)
    window.encryption.turn.click()
    assert wanted == []
    monkeypatch.setattr(RecoveryKeyDialog, "exec", lambda self: 1)
    window.encryption.turn.click()
    assert wanted[0].stage is Stage.ENCRYPT
    assert len(wanted[0].key.split("-")) == 9


def test_the_recovery_key_must_be_kept_before_it_goes_on(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = RecoveryKeyDialog("AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH-JJJJ", theme)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.go_on.isEnabled()
    dialog.kept.click()
    assert dialog.go_on.isEnabled()
    dialog.save(tmp_path / "key.txt")
    assert "DDDD-EEEE-FFFF" in (tmp_path / "key.txt").read_text()
    assert (tmp_path / "key.txt").stat().st_mode & 0o077 == 0
    dialog.save(tmp_path / "nowhere" / "key.txt")
    assert "could not be saved" in dialog.said.text()
    assert cut_off(dialog) == []


def test_changed_over_and_back_then_unlocked_with_the_recovery_key(
    profile: Profile, theme: Theme, keyring: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = protecting.new_recovery_key()
    before.carry_out(profile, theme, Wanted(Stage.ENCRYPT, key))
    assert protecting.protection(profile) is Protection.ON
    keyring.clear()
    asked: list[str] = []

    def typed(dialog: UnlockDialog) -> int:
        dialog.field.setText("not a key")
        dialog.open_.click()
        asked.append(dialog.problem.text())
        dialog.field.setText(key.lower())
        dialog.open_.click()
        return dialog.result()

    monkeypatch.setattr(UnlockDialog, "exec", typed)
    assert before.open_store(profile, theme, lambda: Mail(profile).close())
    assert "no recovery key" in asked[0]
    assert list(keyring.values()) == [key]
    keyring.clear()
    monkeypatch.setattr(UnlockDialog, "exec", lambda dialog: 0)
    monkeypatch.setattr(secrets, "_store_keys", {})
    assert not before.open_store(profile, theme, lambda: Mail(profile).close())


def test_what_cannot_be_done_is_said_and_nothing_changed(
    profile: Profile, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("There is not enough room on the disk.", hint="Free some space.")

    said: list[str] = []
    monkeypatch.setattr(protecting, "turn_on", refuse)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: said.append(box.informativeText()))
    before.carry_out(profile, theme, Wanted(Stage.ENCRYPT, "x"))
    assert said == ["There is not enough room on the disk. Free some space."]
    assert protecting.protection(profile) is Protection.OFF


def test_what_cannot_be_repaired_in_place_is_rebuilt_between_two_windows(
    window: StorageWindow, profile: Profile, theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hopeless(self: Mail, progress: object) -> None:
        raise StoreDamaged("Damaged.")

    wanted: list[Wanted] = []
    window.stage_wanted.connect(wanted.append)
    monkeypatch.setattr(Mail, "repair", hopeless)
    window.repair()
    qtbot.waitUntil(window.check.rebuild.isVisible)
    qtbot.waitUntil(window.check.rebuild.isEnabled)
    window.check.rebuild.click()
    assert [one.stage for one in wanted] == [Stage.REBUILD]
    said: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: said.append(box.text()))
    before.carry_out(profile, theme, wanted[0])
    assert said == ["A new mail store was made."]


def test_a_damaged_store_is_made_anew_when_the_user_says_so(
    profile: Profile, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile.facts.write_bytes(b"rubbish " * 4096)
    said: list[str] = []

    def press(box: QMessageBox) -> None:
        said.append(box.text())
        for button in box.buttons()[:1]:
            button.click()

    monkeypatch.setattr(QMessageBox, "exec", press)
    assert before.open_store(profile, theme, lambda: Mail(profile).close())
    assert said == ["Your mail store is damaged.", "A new mail store was made."]
    Mail(profile).close()
