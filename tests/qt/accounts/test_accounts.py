"""Accounts in the window: typed, tested, saved, ordered, disabled, removed."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from qtmail import accounts, events, secrets
from qtmail.engine.indexing import new_messages
from qtmail.engine.mail import Mail
from qtmail.errors import NoSecret
from qtmail.model import Account, AccountKey, AccountState, PopPolicy, Protocol, Role, Security, Server
from qtmail.paths import Profile
from qtmail.secrets import Service
from qtmail.store import add, ledger
from qtmail.store.ledger import NewEntry
from qtmail.ui.accounts import AccountDialog, AccountsPage
from qtmail.ui.theme import Theme
from qtmail.ui.window.pulse import Pulse
from qtmail.ui.window.status import STATE_WORDS


class LinkToNobody(QObject):
    """Remembers the wishes; answers are emitted by the test."""

    heard = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[events.Wish] = []

    def wish(self, wish: events.Wish) -> None:
        self.wishes.append(wish)


@pytest.fixture
def link() -> LinkToNobody:
    return LinkToNobody()


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path / "profile").create()


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """Secrets kept in a dictionary: the real keyring has its own tests."""
    kept: dict[tuple[str, str], str] = {}

    def delete(account: AccountKey, service: Service | None = None) -> None:
        for key in [key for key in kept if key[0] == account and service in (None, key[1])]:
            del kept[key]

    monkeypatch.setattr(secrets, "put", lambda account, service, secret: kept.__setitem__((account, service), secret))
    monkeypatch.setattr(secrets, "delete", delete)
    return kept


def stored(profile: Profile, name: str, protocol: Protocol = Protocol.IMAP) -> Account:
    server = Server("mail.example.org", 993, Security.TLS, "alice")
    outgoing = replace(server, port=465)
    made = Account(AccountKey(""), name, "alice@example.org", "Alice", protocol, server, outgoing)
    return accounts.put(profile.accounts, made)


def type_account(dialog: AccountDialog, qtbot: QtBot) -> None:
    qtbot.keyClicks(dialog.form.display_name, "Alice Ünal")
    qtbot.keyClicks(dialog.form.address, "alice@example.org")
    qtbot.keyClicks(dialog.form.incoming.password, "wonderland")


def test_typing_the_address_fills_in_the_rest_and_saving_keeps_it(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, vault: dict[tuple[str, str], str]
) -> None:
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    type_account(dialog, qtbot)
    with qtbot.waitSignal(dialog.saved):
        qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    (account,) = accounts.load(profile.accounts)
    assert (account.name, account.display_name) == ("Example", "Alice Ünal")
    assert account.incoming == Server("imap.example.org", 993, Security.TLS, "alice@example.org")
    assert account.outgoing == Server("smtp.example.org", 465, Security.TLS, "alice@example.org")
    assert vault == {(account.key, Service.INCOMING): "wonderland"}


def test_the_password_is_there_before_the_account_is_seen(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine watches the file: it would complain that a new account has no password."""
    known: list[int] = []
    monkeypatch.setattr(secrets, "put", lambda *_: known.append(len(accounts.load(profile.accounts))))
    monkeypatch.setattr(secrets, "delete", lambda *_: None)
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    type_account(dialog, qtbot)
    with qtbot.waitSignal(dialog.saved) as saved:
        dialog.save_button.click()
    assert known == [0]
    assert accounts.load(profile.accounts) == (saved.args[0],)


def test_what_was_edited_by_hand_is_not_guessed_over(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme
) -> None:
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    qtbot.keyClicks(dialog.form.incoming.host, "mx.other.net")
    qtbot.keyClicks(dialog.form.address, "alice@example.org")
    assert dialog.form.incoming.host.text() == "mx.other.net"
    assert dialog.form.outgoing.host.text() == "smtp.example.org"


def test_pop3_has_its_port_and_its_policy_in_a_sentence(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, vault: dict[tuple[str, str], str]
) -> None:
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    type_account(dialog, qtbot)
    form = dialog.form
    form.protocol.setCurrentIndex(form.protocol.findData(Protocol.POP3))
    assert (form.incoming.host.text(), form.incoming.port.value()) == ("pop.example.org", 995)
    for choice, number, words, policy in (
        ("days", 30, "30 days", PopPolicy(delete_after_days=30)),
        ("newest", 2000, "more than 2,000 messages", PopPolicy(keep_newest=2000)),
        ("megabytes", 90, "more than 90 MB", PopPolicy(keep_newest_mb=90)),
        ("fetched", 0, "as soon as it is proven stored", PopPolicy(keep_on_server=False)),
        ("for ever", 0, "Nothing is ever removed", PopPolicy()),
    ):
        form.pop.keep.setCurrentIndex(form.pop.keep.findData(choice))
        if number:
            form.pop.number.setValue(number)
        assert words in form.pop.sentence.text()
        assert form.account().pop == policy
    form.pop.when_deleted.setChecked(True)
    form.pop.limited.setChecked(True)
    form.pop.largest.setValue(3)
    form.pop.every.setValue(0)
    form.pop.at_start.setChecked(False)
    account = form.account()
    assert account.pop == PopPolicy(delete_when_deleted=True)
    assert (account.largest_mb, account.check_minutes, account.check_at_start) == (3, 0, False)


def test_before_a_policy_is_saved_it_says_what_happens_to_how_many(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, vault: dict[tuple[str, str], str]
) -> None:
    shared, account = (stored(profile, name, Protocol.POP3) for name in ("Shared", "Other"))
    with contextlib.closing(Mail(profile)) as mail:
        store = mail._store
        inbox = mail.folder_of_role(account.key, Role.INBOX).id
        messages = new_messages(store.content, [b"Subject: %d\r\n\r\n" % n for n in range(3)], now=5)
        with store.transaction("mail") as tx:
            rows = add.add_messages(tx, inbox, messages, now=5)
            entries = [
                NewEntry(f"u{n}", m.content, row, 9) for n, (m, row) in enumerate(zip(messages, rows, strict=True))
            ]
            ledger.record(tx, account.key, entries, now=5)
    dialog = AccountDialog(profile, link, theme, account)
    qtbot.addWidget(dialog)
    pop = dialog.form.pop
    assert "nothing will be removed from the server: 3 messages stay there" in pop.sentence.text()
    pop.keep.setCurrentIndex(pop.keep.findData("fetched"))
    assert "3 messages will be removed from the server; all of them are stored here" in pop.sentence.text()
    pop.inbox.setCurrentIndex(pop.inbox.findData(shared.key))
    assert dialog.form.account().pop == PopPolicy(keep_on_server=False, deliver_to=shared.key)


def test_a_policy_that_is_loaded_is_the_policy_that_is_saved(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme
) -> None:
    for policy in (PopPolicy(), PopPolicy(True, 7, True), PopPolicy(False, 0, False)):
        account = accounts.put(profile.accounts, replace(stored(profile, "Home", Protocol.POP3), pop=policy))
        dialog = AccountDialog(profile, link, theme, account)
        qtbot.addWidget(dialog)
        assert dialog.form.account() == account
        accounts.remove(profile.accounts, account.key)


def test_a_wrong_address_is_told_and_nothing_saved(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme
) -> None:
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    qtbot.keyClicks(dialog.form.address, "alice")
    dialog.save()
    assert dialog.problem.isVisibleTo(dialog)
    assert "alice" in dialog.problem.text()
    assert accounts.load(profile.accounts) == ()


def test_an_unprotected_password_needs_a_tick(qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme) -> None:
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    type_account(dialog, qtbot)
    fields = dialog.form.incoming
    assert not fields.clear_text.isVisibleTo(fields)
    fields.security.setCurrentIndex(fields.security.findData(Security.NONE))
    assert fields.clear_text.isVisibleTo(fields)
    assert not dialog.form.account().incoming.clear_text_allowed
    fields.clear_text.setChecked(True)
    assert dialog.form.account().incoming.clear_text_allowed
    fields.host.setText("127.0.0.1")
    assert not fields.clear_text.isVisibleTo(fields)


def test_the_test_button_asks_the_engine_and_shows_its_words(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme
) -> None:
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    type_account(dialog, qtbot)
    qtbot.mouseClick(dialog.test_button, Qt.MouseButton.LeftButton)
    (wish,) = link.wishes
    assert isinstance(wish, events.TestAccount)
    assert (wish.incoming_password, wish.outgoing_password) == ("wonderland", "wonderland")
    assert not dialog.test_button.isEnabled()
    link.heard.emit(events.AccountTested(wish.number - 1, events.Tried(True, "old"), events.Tried(True, "old")))
    assert not dialog.test_button.isEnabled()
    refused = events.Tried(False, "The password is wrong.", "Type it again.", "NO [AUTHENTICATIONFAILED]")
    link.heard.emit(events.AccountTested(wish.number, refused, events.Tried(True, "Sending works.")))
    assert dialog.test_button.isEnabled()
    shown = " ".join(label.text() for label in dialog.verdict.findChildren(type(dialog.problem)))
    for words in ("The password is wrong. Type it again.", "NO [AUTHENTICATIONFAILED]", "Sending works."):
        assert words in shown


def test_without_a_keyring_the_password_can_serve_this_session(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(account: AccountKey, service: Service, secret: str) -> None:
        raise NoSecret("There is no keyring.")

    monkeypatch.setattr(secrets, "put", refuse)
    monkeypatch.setattr(secrets, "delete", lambda account, service=None: None)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Yes)
    dialog = AccountDialog(profile, link, theme)
    qtbot.addWidget(dialog)
    type_account(dialog, qtbot)
    with qtbot.waitSignal(dialog.saved):
        dialog.save()
    (account,) = accounts.load(profile.accounts)
    assert events.Unlock(account.key, Service.INCOMING, "wonderland") in link.wishes
    assert events.Unlock(account.key, Service.OUTGOING, "wonderland") in link.wishes


def test_accounts_are_ordered_disabled_and_removed(
    qtbot: QtBot,
    profile: Profile,
    link: LinkToNobody,
    theme: Theme,
    vault: dict[tuple[str, str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = stored(profile, "One"), stored(profile, "Two")
    vault[one.key, Service.INCOMING] = "secret"
    page = AccountsPage(profile, link, theme)
    qtbot.addWidget(page)
    page.list.setCurrentRow(0)
    qtbot.mouseClick(page.buttons["down"], Qt.MouseButton.LeftButton)
    assert [account.key for account in accounts.load(profile.accounts)] == [two.key, one.key]
    chosen = page.chosen()
    assert chosen is not None
    assert chosen.key == one.key
    qtbot.mouseClick(page.buttons["enable"], Qt.MouseButton.LeftButton)
    assert not accounts.named(profile.accounts, "One").enabled
    assert page.buttons["enable"].text() == "Enable"

    def press_remove(box: QMessageBox) -> int:
        (button,) = (b for b in box.findChildren(QPushButton) if b.text() == "Remove")
        monkeypatch.setattr(QMessageBox, "clickedButton", lambda _box: button)
        return 0

    monkeypatch.setattr(QMessageBox, "exec", press_remove)
    with qtbot.waitSignal(page.changed):
        qtbot.mouseClick(page.buttons["remove"], Qt.MouseButton.LeftButton)
    assert [account.key for account in accounts.load(profile.accounts)] == [two.key]
    assert vault == {}
    assert events.Reload() in link.wishes


def test_the_page_says_how_each_account_is_doing(
    qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme
) -> None:
    """Every state has words, and they follow what the engine says; the chosen line stays chosen."""
    one, two = stored(profile, "One"), stored(profile, "Two")
    page, pulse = AccountsPage(profile, link, theme), Pulse()
    qtbot.addWidget(page)
    page.list.setCurrentRow(1)
    page.follow(lambda: pulse.health, pulse.changed)
    for state in AccountState:
        pulse.hear(events.StateChanged(one.key, state, "The whole story."))
        assert page.list.item(0).text().endswith(f" · {STATE_WORDS[state]}")
        assert page.list.item(0).toolTip() == "The whole story."
    assert page.list.item(1).text().endswith("IMAP")
    assert page.chosen() == two
    accounts.put(profile.accounts, replace(two, enabled=False))
    page.reload()
    assert page.list.item(1).text().endswith(STATE_WORDS[AccountState.DISABLED])


def test_a_damaged_accounts_file_is_told(qtbot: QtBot, profile: Profile, link: LinkToNobody, theme: Theme) -> None:
    profile.accounts.write_text("account = [")
    page = AccountsPage(profile, link, theme)
    qtbot.addWidget(page)
    assert "cannot be read" in page.problem.text()
    assert profile.accounts.read_text() == "account = ["
