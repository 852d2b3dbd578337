"""Identities: listed, added, checked, kept with the account; a trusted root can be named."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtmail.model import Account, AccountKey, Identity, Protocol, Server
from qtmail.ui.accounts import identities
from qtmail.ui.accounts.form import AccountForm
from qtmail.ui.accounts.identities import IdentityDialog
from qtmail.ui.theme import Theme

CLUB = Identity("club", "Chair", "chair@club.example", patterns=("*@club.example",))
ACCOUNT = Account(
    key=AccountKey("a"),
    name="Work",
    address="alice@example.test",
    display_name="Alice",
    protocol=Protocol.IMAP,
    incoming=Server("imap.example.test", 993, username="alice"),
    outgoing=Server("smtp.example.test", 465, username="alice"),
    reply_to="desk@example.test",
    more_identities=(CLUB,),
)


def test_saving_the_form_keeps_the_identities(qtbot: QtBot, theme: Theme) -> None:
    form = AccountForm(theme, ACCOUNT)
    qtbot.addWidget(form)
    assert form.account().more_identities == (CLUB,)
    assert form.account().reply_to == "desk@example.test"
    form.identities.list.setCurrentRow(0)
    assert not form.identities.buttons["remove"].isEnabled()
    form.identities.list.setCurrentRow(1)
    with qtbot.waitSignal(form.edited):
        form.identities.buttons["remove"].click()
    assert form.account().more_identities == ()


def test_an_identity_is_added_with_a_server_of_its_own(
    qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[tuple[str, ...]] = []
    monkeypatch.setattr(identities, "keep_password", lambda *what: kept.append(what))
    form = AccountForm(theme, ACCOUNT)
    qtbot.addWidget(form)
    form.identities.add()
    dialog = form.identities.findChild(IdentityDialog)
    assert isinstance(dialog, IdentityDialog)
    dialog.accept()
    assert "not an e-mail address" in dialog.problem.text()
    dialog.address.setText("shop@example.test")
    dialog.patterns.setText("shop+*@example.test *@shop.example")
    dialog.own_server.setChecked(True)
    dialog.server.host.setText("smtp.shop.example")
    dialog.server.password.setText("secret")
    dialog.accept()
    added = form.account().more_identities[1]
    assert (added.address, added.name) == ("shop@example.test", "Alice")
    assert added.patterns == ("shop+*@example.test", "*@shop.example")
    assert added.outgoing is not None
    assert kept == [("a", added.key, "secret")]


def test_a_trusted_root_can_be_named(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_text("x")
    form = AccountForm(theme, replace(ACCOUNT, incoming=replace(ACCOUNT.incoming, ca_file=str(root))))
    qtbot.addWidget(form)
    assert form.incoming.advanced.isChecked()
    assert form.account().incoming.ca_file == str(root)
    assert form.account().outgoing == ACCOUNT.outgoing
    form.outgoing.advanced.click()
    form.outgoing.ca_file.setText(str(root))
    changed = form.account().outgoing
    assert changed is not None
    assert changed.ca_file == str(root)
