"""Adding an account in a minute: what is typed, found, shown, tried and kept, and the ways to the whole form."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtmail import accounts, events
from qtmail.model import Account, Protocol, Security, Server
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.ui.accounts import AccountDialog, SetUpDialog, add_account
from qtmail.ui.theme import Theme
from tests.qt.accounts.test_accounts import LinkToNobody, link, profile, vault

__all__ = ["link", "profile", "vault"]

IMAP = events.ServerOffer("imap", Server("imap.example.org", 993, Security.TLS, "alice@example.org"))
POP3 = events.ServerOffer("pop3", Server("pop.example.org", 995, Security.TLS, "alice@example.org"))
SMTP = events.ServerOffer("smtp", Server("smtp.example.org", 587, Security.STARTTLS, "alice@example.org"))
YES = events.Tried(True, "It works.")
NO = events.Tried(False, "The password is wrong.", "Type it again.")


@pytest.fixture
def saved() -> list[Account]:
    return []


@pytest.fixture
def dialog(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, saved: list[Account]
) -> Iterator[SetUpDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = add_account(profile, link, theme, parent, saved.append)
    qtbot.keyClicks(made.display_name, "Alice")
    qtbot.keyClicks(made.address, "alice@example.org")
    qtbot.keyClicks(made.password, "wonderland")
    yield made
    parent.close()


def wish(link: LinkToNobody) -> events.Wish:
    return link.wishes[-1]


def search(dialog: SetUpDialog, link: LinkToNobody, *offers: events.ServerOffer, advice: str = "") -> None:
    """Press Continue and answer."""
    dialog.next_button.click()
    asked = wish(link)
    assert isinstance(asked, events.FindServers)
    assert asked.address == dialog.address.text()
    advised = (events.Advice(advice, "https://example.org/help"),) if advice else ()
    link.heard.emit(events.ServersFound(asked.number, "Example" if offers or advice else "", offers, advised))


def answer(link: LinkToNobody, incoming: events.Tried, outgoing: events.Tried) -> events.TestAccount:
    asked = wish(link)
    assert isinstance(asked, events.TestAccount)
    link.heard.emit(events.AccountTested(asked.number, incoming, outgoing))
    return asked


def test_from_an_address_to_an_account(
    qtbot: QtBot,
    dialog: SetUpDialog,
    link: LinkToNobody,
    profile: Profile,
    vault: dict[tuple[str, str], str],
    saved: list[Account],
) -> None:
    search(dialog, link, IMAP, POP3, SMTP)
    assert "imap.example.org, port 993, TLS" in dialog.found.servers.text()
    assert "smtp.example.org, port 587, STARTTLS" in dialog.found.servers.text()
    assert not [one for one in link.wishes if isinstance(one, events.TestAccount)]
    dialog.next_button.click()
    with qtbot.waitSignal(dialog.saved):
        answer(link, YES, YES)
    (account,) = accounts.load(profile.accounts)
    assert saved == [account]
    assert (account.name, account.display_name, account.protocol) == ("Example", "Alice", Protocol.IMAP)
    assert (account.incoming, account.outgoing) == (IMAP.server, SMTP.server)
    assert vault == {(account.key, Service.INCOMING): "wonderland"}
    assert wish(link) == events.Reload((account.key,))
    assert not dialog.isVisible()


def test_pop3_can_be_chosen(dialog: SetUpDialog, link: LinkToNobody) -> None:
    search(dialog, link, IMAP, POP3, SMTP)
    dialog.found.pop3.click()
    assert "pop.example.org" in dialog.found.servers.text()
    dialog.next_button.click()
    tried = answer(link, NO, YES)
    assert tried.account.protocol is Protocol.POP3
    assert tried.account.incoming == POP3.server


def test_a_wrong_password_is_told_and_nothing_kept(dialog: SetUpDialog, link: LinkToNobody, profile: Profile) -> None:
    search(dialog, link, IMAP, SMTP)
    dialog.next_button.click()
    assert not dialog.next_button.isEnabled()
    answer(link, NO, YES)
    assert dialog.verdict.isVisibleTo(dialog)
    assert accounts.load(profile.accounts) == ()
    dialog.back_button.click()
    assert dialog.pages.currentIndex() == 0
    assert dialog.address.text() == "alice@example.org"
    assert not dialog.verdict.isVisibleTo(dialog)


def test_the_log_says_who_was_asked(dialog: SetUpDialog, link: LinkToNobody) -> None:
    dialog.next_button.click()
    asked = wish(link)
    assert isinstance(asked, events.FindServers)
    assert "example.org" in dialog.found.headline.text()
    link.heard.emit(events.AskedForServers(asked.number, "DNS of example.org"))
    link.heard.emit(events.AskedForServers(asked.number, "autoconfig.example.org", "It answers 404."))
    link.heard.emit(events.AskedForServers(asked.number, "DNS of example.org", "knows the servers", True))
    link.heard.emit(events.AskedForServers(asked.number + 1, "somebody else", "is not heard"))
    assert [words.text() for _, words in dialog.found._asked.values()] == [
        "DNS of example.org knows the servers",
        "autoconfig.example.org: It answers 404.",
    ]


def test_where_nobody_knows_the_form_has_what_was_typed(dialog: SetUpDialog, link: LinkToNobody) -> None:
    search(dialog, link)
    assert "by hand" in dialog.found.headline.text()
    assert not dialog.next_button.isEnabled()
    parent = dialog.parentWidget()
    dialog.hand_button.click()
    (form,) = parent.findChildren(AccountDialog)
    assert form.isVisible()
    assert form.form.display_name.text() == "Alice"
    assert form.form.address.text() == "alice@example.org"
    assert form.form.incoming.password.text() == "wonderland"
    assert form.form.incoming.host.text() == "imap.example.org"


def test_what_was_found_can_be_changed_by_hand(dialog: SetUpDialog, link: LinkToNobody) -> None:
    search(dialog, link, POP3, SMTP)
    parent = dialog.parentWidget()
    dialog.hand_button.click()
    (form,) = parent.findChildren(AccountDialog)
    account = form.form.account()
    assert account.protocol is Protocol.POP3
    assert (account.incoming, account.outgoing) == (POP3.server, SMTP.server)
    assert form.form.passwords() == ("wonderland", None)


def test_a_provider_that_lets_no_program_in_says_why(dialog: SetUpDialog, link: LinkToNobody) -> None:
    search(dialog, link, advice="Only <its own> program gets in.")
    assert "another way in" in dialog.found.headline.text()
    assert "Only &lt;its own&gt; program" in dialog.found.advice.text()
    assert not dialog.next_button.isEnabled()


@pytest.mark.parametrize(
    ("address", "why"), [("", "missing"), ("alice", "not an e-mail address"), ("a@b", "not an e-mail address")]
)
def test_what_is_no_address_is_not_looked_for(dialog: SetUpDialog, link: LinkToNobody, address: str, why: str) -> None:
    dialog.address.setText(address)
    dialog.next_button.click()
    assert link.wishes == []
    assert why in dialog.problem.text()


def test_an_account_needs_its_password(dialog: SetUpDialog, link: LinkToNobody) -> None:
    dialog.password.clear()
    search(dialog, link, IMAP, SMTP)
    dialog.next_button.click()
    assert "password is missing" in dialog.problem.text()
    assert not [one for one in link.wishes if isinstance(one, events.TestAccount)]


def test_an_answer_that_is_not_waited_for_any_more_changes_nothing(dialog: SetUpDialog, link: LinkToNobody) -> None:
    dialog.next_button.click()
    asked = wish(link)
    assert isinstance(asked, events.FindServers)
    dialog.back_button.click()
    link.heard.emit(events.ServersFound(asked.number, "Example", (IMAP, SMTP)))
    assert dialog.pages.currentIndex() == 0


def test_two_accounts_of_one_domain_have_two_names(
    qtbot: QtBot, dialog: SetUpDialog, link: LinkToNobody, profile: Profile, vault: dict[tuple[str, str], str]
) -> None:
    accounts.put(profile.accounts, accounts.parse(
        'name = "example"\naddress = "bo@example.org"\n[incoming]\nprotocol = "imap"\nhost = "imap.example.org"'
    ))  # fmt: skip
    search(dialog, link, IMAP)
    assert "by hand" in dialog.found.servers.text()
    dialog.next_button.click()
    with qtbot.waitSignal(dialog.saved):
        answer(link, YES, YES)
    assert [account.name for account in accounts.load(profile.accounts)] == ["example", "alice@example.org"]


def test_enter_goes_on_from_any_field(qtbot: QtBot, dialog: SetUpDialog, link: LinkToNobody) -> None:
    qtbot.keyClick(dialog.password, Qt.Key.Key_Return)
    assert isinstance(wish(link), events.FindServers)
