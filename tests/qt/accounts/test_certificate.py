"""A certificate that is not trusted: shown, accepted for one server, forgotten; never by Enter alone."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from qtmail import accounts, events
from qtmail.model import Account, AccountKey, Protocol
from qtmail.paths import Profile
from qtmail.ui.accounts import AccountDialog, SetUpDialog
from qtmail.ui.accounts.certificate import CertificateDialog
from qtmail.ui.theme import Theme
from tests.qt.accounts.test_accounts import LinkToNobody, link, profile, vault
from tests.qt.accounts.test_set_up import IMAP, SMTP, YES, answer, dialog, saved, search, wish
from tests.qt.pictures import cut_off, picture

__all__ = ["dialog", "link", "profile", "saved", "vault"]

UNTRUSTED = events.Tried(False, "The certificate is not trusted.", "Look at it.", certificate=True)
DIGITS = "ab" * 32


SELF_SIGNED = "The certificate of imap.example.org is not trusted: it is self-signed."


def seen(number: int, trouble: str = SELF_SIGNED) -> events.CertificateSeen:
    names = ("imap.example.org", "mail.example.org")
    who = ("imap.example.org, Example Ltd, DE", "imap.example.org, Example Ltd, DE")
    times = (1_700_000_000, 1_900_000_000)
    return events.CertificateSeen(number, trouble, DIGITS, *who, names, *times, "RSA with 2048 bits")


def look(window: AccountDialog | SetUpDialog, link: LinkToNobody) -> CertificateDialog:
    """Press the button beside the verdict, and answer."""
    (button,) = [one for one in window.verdict.findChildren(QPushButton) if one.text().startswith("Look")]
    button.click()
    asked = wish(link)
    assert isinstance(asked, events.LookAtCertificate)
    assert (asked.service, asked.server.host) == ("imap", "imap.example.org")
    link.heard.emit(seen(asked.number))
    return window.findChildren(CertificateDialog)[-1]


@pytest.fixture
def account(profile: Profile) -> Account:
    servers = (IMAP.server, SMTP.server)
    made = Account(AccountKey(""), "Ex", "alice@example.org", "Alice", Protocol.IMAP, *servers)
    return accounts.put(profile.accounts, made)


@pytest.mark.usefixtures("vault")
def test_accepted_for_this_server_and_tried_again(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, account: Account
) -> None:
    window = AccountDialog(profile, link, theme, account)
    qtbot.addWidget(window)
    window.show()
    window.test_button.click()
    answer(link, UNTRUSTED, YES)
    shown = look(window, link)
    assert shown.leave_button.isDefault()
    assert cut_off(shown) == []
    for name, scale in (("certificate", 1), ("certificate-2x", 2)):
        picture(shown, scale, name)
    shown.accept_button.click()
    tried = wish(link)
    assert isinstance(tried, events.TestAccount)
    assert tried.account.incoming == replace(IMAP.server, certificate=DIGITS)
    assert tried.account.outgoing == SMTP.server
    answer(link, YES, YES)
    with qtbot.waitSignal(window.saved):
        window.save_button.click()
    (kept,) = accounts.load(profile.accounts)
    assert kept.incoming.certificate == DIGITS


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_enter_and_escape_leave_it(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, account: Account, key: Qt.Key
) -> None:
    window = AccountDialog(profile, link, theme, account)
    qtbot.addWidget(window)
    window.show()
    window.test_button.click()
    answer(link, UNTRUSTED, YES)
    before = len(link.wishes)
    shown = look(window, link)
    qtbot.keyClick(shown, key)
    assert not shown.isVisible()
    assert len(link.wishes) == before + 1  # the look alone
    assert window.form.account().incoming == IMAP.server


def test_forgotten_again(qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, account: Account) -> None:
    accepted = replace(account, incoming=replace(IMAP.server, certificate=DIGITS))
    window = AccountDialog(profile, link, theme, accounts.put(profile.accounts, accepted))
    qtbot.addWidget(window)
    window.show()
    fields = window.form.incoming
    assert fields.accepted.isVisible()
    assert window.form.account().incoming.certificate == DIGITS
    fields._forget.click()
    assert not fields.accepted.isVisible()
    assert window.form.account().incoming.certificate == ""


@pytest.mark.usefixtures("vault")
def test_in_the_set_up_too(qtbot: QtBot, dialog: SetUpDialog, link: LinkToNobody, profile: Profile) -> None:
    dialog.show()
    search(dialog, link, IMAP, SMTP)
    dialog.next_button.click()
    answer(link, UNTRUSTED, YES)
    look(dialog, link).accept_button.click()
    with qtbot.waitSignal(dialog.saved):
        answer(link, YES, YES)
    (kept,) = accounts.load(profile.accounts)
    assert kept.incoming.certificate == DIGITS
    assert kept.outgoing == SMTP.server


def test_what_cannot_be_seen_cannot_be_accepted(qtbot: QtBot, theme: Theme) -> None:
    shown = CertificateDialog(events.CertificateSeen(1, "It does not answer."), IMAP.server, theme, None)
    qtbot.addWidget(shown)
    assert shown.accept_button.isHidden()
    trusted = CertificateDialog(seen(1, ""), IMAP.server, theme, None)
    qtbot.addWidget(trusted)
    assert trusted.accept_button.isHidden()
