"""Signing in at the provider's page: in the set-up, in the account's window, cancelled, refused."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from qtmail import accounts, events
from qtmail.model import TOKEN_AUTH, Account, AccountKey, Protocol
from qtmail.paths import Profile
from qtmail.ui.accounts import AccountDialog, SetUpDialog
from qtmail.ui.accounts.set_up import Stage
from qtmail.ui.theme import Theme
from tests.qt.accounts.test_accounts import LinkToNobody, link, profile, vault
from tests.qt.accounts.test_set_up import IMAP, SMTP, YES, answer, dialog, saved, search, wish

__all__ = ["dialog", "link", "profile", "saved", "vault"]

PAGE_IMAP = replace(IMAP, server=replace(IMAP.server, auth=TOKEN_AUTH))
PAGE_SMTP = replace(SMTP, server=replace(SMTP.server, auth=TOKEN_AUTH))
URL = "https://login.example.org/?state=x"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was given to the user's browser."""
    seen: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: seen.append(url.toString()) or True)
    return seen


def test_set_up_without_a_password(
    qtbot: QtBot,
    dialog: SetUpDialog,
    link: LinkToNobody,
    profile: Profile,
    vault: dict[tuple[str, str], str],
    opened: list[str],
) -> None:
    dialog.password.clear()
    search(dialog, link, PAGE_IMAP, PAGE_SMTP, advice="Use an app password.")
    assert dialog.found.own_page.isChecked()
    assert dialog.found.advice.isHidden()
    dialog.next_button.click()
    asked = wish(link)
    assert isinstance(asked, events.SignIn)
    assert (asked.server, asked.address) == (PAGE_IMAP.server, "alice@example.org")
    link.heard.emit(events.SignInAt(asked.number, "Example", URL))
    assert opened == [URL]
    assert "Example" in dialog.next_button.text()
    dialog.found.wait.linkActivated.emit("again")
    assert opened == [URL, URL]
    link.heard.emit(events.SignedIn(asked.number, "token"))
    with qtbot.waitSignal(dialog.saved):
        tried = answer(link, YES, YES)
    assert (tried.incoming_password, tried.outgoing_password) == ("token", "token")
    (account,) = accounts.load(profile.accounts)
    assert account.incoming.auth == TOKEN_AUTH
    assert account.outgoing is not None
    assert account.outgoing.auth == TOKEN_AUTH
    assert list(vault.values()) == ["token"]


def test_a_password_can_be_used_all_the_same(dialog: SetUpDialog, link: LinkToNobody) -> None:
    search(dialog, link, PAGE_IMAP, PAGE_SMTP)
    dialog.found.own_page.setChecked(False)
    dialog.next_button.click()
    asked = wish(link)
    assert isinstance(asked, events.TestAccount)
    assert asked.account.incoming.auth == "password"


def test_refused_and_cancelled(dialog: SetUpDialog, link: LinkToNobody, opened: list[str]) -> None:
    search(dialog, link, PAGE_IMAP, PAGE_SMTP)
    dialog.next_button.click()
    asked = wish(link)
    assert isinstance(asked, events.SignIn)
    link.heard.emit(
        events.SignedIn(asked.number, "", "Example did not let qtmail in.", "Begin again.", "access_denied")
    )
    assert dialog.stage is Stage.CHOOSING
    assert "Example did not let qtmail in. Begin again. It said: access_denied" in dialog.problem.text()
    dialog.next_button.click()
    again = wish(link)
    assert isinstance(again, events.SignIn)
    dialog.back_button.click()
    assert wish(link) == events.CancelSignIn(again.number)
    link.heard.emit(events.SignInAt(again.number, "Example", URL))
    assert opened == []


@pytest.fixture
def account(profile: Profile) -> Account:
    made = Account(
        AccountKey(""), "Ex", "alice@example.org", "Alice", Protocol.IMAP, PAGE_IMAP.server, PAGE_SMTP.server
    )
    return accounts.put(profile.accounts, made)


def test_signing_in_again_in_the_accounts_window(
    qtbot: QtBot,
    profile: Profile,
    link: LinkToNobody,
    theme: Theme,
    account: Account,
    vault: dict[tuple[str, str], str],
    opened: list[str],
) -> None:
    window = AccountDialog(profile, link, theme, account)
    qtbot.addWidget(window)
    window.show()
    incoming = window.form.incoming
    assert incoming.sign_in.isVisible()
    assert not incoming.password.isVisible()
    assert window.form.same_login.isChecked()
    incoming.sign_in.button.click()
    asked = wish(link)
    assert isinstance(asked, events.SignIn)
    link.heard.emit(events.SignInAt(asked.number, "Example", URL))
    assert "Waiting for you at Example" in incoming.sign_in.words.text()
    link.heard.emit(events.SignedIn(asked.number, "token"))
    assert "signed in" in incoming.sign_in.words.text()
    with qtbot.waitSignal(window.saved):
        window.save_button.click()
    assert list(vault.values()) == ["token"]
    assert accounts.load(profile.accounts) == (account,)
    assert events.Reload((account.key,)) in link.wishes


def test_from_a_password_to_a_sign_in(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, account: Account
) -> None:
    """Nothing is saved that could not get in; what waits ends with the window."""
    by_password = replace(account, incoming=IMAP.server, outgoing=SMTP.server)
    window = AccountDialog(profile, link, theme, accounts.put(profile.accounts, by_password))
    qtbot.addWidget(window)
    incoming = window.form.incoming
    incoming.auth.setCurrentIndex(incoming.auth.findData(TOKEN_AUTH))
    window.save_button.click()
    assert "not signed in yet" in window.problem.text()
    incoming.sign_in.button.click()
    asked = wish(link)
    assert isinstance(asked, events.SignIn)
    window.reject()
    assert wish(link) == events.CancelSignIn(asked.number)
