"""The vault on screen: a passphrase chosen, typed wrong, typed right; passwords moved there and back."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from qtmail import events, secrets
from qtmail.engine import vaulting
from qtmail.errors import NoSecret
from qtmail.paths import Profile
from qtmail.ui.accounts.vault import PassphraseDialog, SecretsRow
from qtmail.ui.theme import Theme
from tests.qt.accounts.test_accounts import LinkToNobody, link, profile
from tests.qt.pictures import cut_off, picture

__all__ = ["link", "profile"]
PASSPHRASE = "correct horse"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("qtmail.vault._derive.__defaults__", ((1 << 4, 8, 1),))
    monkeypatch.setattr(secrets, "_vault", None)
    secrets.use_vault(tmp_path / "vault.json")


def test_a_new_one_is_typed_twice(qtbot: QtBot, theme: Theme) -> None:
    dialog = PassphraseDialog(theme, new=True)
    qtbot.addWidget(dialog)
    dialog.show()
    for first, again, words in (("correct horse", "correct hors", "not the same"), ("short", "short", "too short")):
        dialog.first.setText(first)
        dialog.again.setText(again)
        dialog.go_on.click()
        assert words in dialog.problem.text()
        assert dialog.passphrase == ""
    picture(dialog, 1, "vault-new")
    assert cut_off(dialog) == []
    dialog.first.setText(PASSPHRASE)
    dialog.again.setText(PASSPHRASE)
    dialog.go_on.click()
    assert (dialog.result(), dialog.passphrase) == (QDialog.DialogCode.Accepted, PASSPHRASE)


def test_opened_with_the_right_one(qtbot: QtBot, theme: Theme) -> None:
    vault = secrets.vault()
    assert vault is not None
    vault.create(PASSPHRASE)
    vault.close()
    dialog = PassphraseDialog(theme, new=False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.again.isVisible()
    dialog.first.setText("wrong horse")
    dialog.go_on.click()
    assert "does not open" in dialog.problem.text()
    picture(dialog, 1, "vault-open")
    dialog.first.setText(PASSPHRASE)
    dialog.go_on.click()
    assert vault.is_open


def test_moved_there_and_back(
    qtbot: QtBot, theme: Theme, profile: Profile, link: LinkToNobody, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[str] = []
    vault = secrets.vault()
    assert vault is not None

    def there(_profile: Profile, passphrase: str) -> int:
        moved.append(passphrase)
        vault.create(passphrase)
        return 1

    def back(_profile: Profile) -> int:
        if len(moved) == 1:
            moved.append("failed")
            raise NoSecret("The keyring does not work.")
        vault.remove()
        return 1

    monkeypatch.setattr("qtmail.ui.accounts.vault.into_vault", there)
    monkeypatch.setattr("qtmail.ui.accounts.vault.into_keyring", back)
    row = SecretsRow(profile, link, theme)
    qtbot.addWidget(row)
    row.show()
    row.refresh()
    qtbot.waitUntil(row.move_button.isVisible)
    assert "vault" in row.move_button.text()

    def choose(dialog: PassphraseDialog) -> QDialog.DialogCode:
        dialog.passphrase = PASSPHRASE
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(PassphraseDialog, "exec", choose)
    row.move_button.click()
    qtbot.waitUntil(lambda: "keyring" in row.move_button.text())
    assert moved == [PASSPHRASE]
    assert any(isinstance(wish, events.Entrust) and vault.key() in wish.secrets for wish in link.wishes)
    row.move_button.click()
    qtbot.waitUntil(lambda: "does not work" in row.words.text())
    assert vault.exists()
    row.move_button.click()
    qtbot.waitUntil(lambda: "vault" in row.move_button.text())
    assert not vault.exists()


def test_what_belongs_to_a_profile(profile: Profile) -> None:
    assert vaulting._entries(profile) == []
    assert vaulting._stores(profile) == ()
