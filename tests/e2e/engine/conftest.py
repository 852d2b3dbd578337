"""The engine without a window on real servers: a Dovecot for each test, a second client to look and act elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from imapclient import IMAPClient

from qtmail import accounts
from qtmail.engine.mail import Mail
from qtmail.engine.passes import AccountReport, sync_once
from qtmail.events import Event
from qtmail.model import Account, AccountKey, FolderId, Row, RowId
from qtmail.paths import Profile
from qtmail.secrets import Service
from tests.servers import PASSWORDS, Dovecot

Elsewhere = Callable[[str], AbstractContextManager[IMAPClient]]


def message(number: int, *, subject: str = "", size: int = 0) -> bytes:
    """A distinct plain mail, padded to about `size` octets."""
    head = (
        f"From: Bob <bob@example.test>\r\nTo: Alice <alice@example.test>\r\nSubject: {subject or f'Mail {number}'}\r\n"
        f"Date: Tue, 14 Nov 2023 {number // 60 % 24:02}:{number % 60:02}:20 +0000\r\n"
        f"Message-ID: <mail.{number}@example.test>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"This is mail number {number}.\r\n"
    ).encode()
    line = b"Words to fill the mail with, so that it has a size.\r\n"
    return head + line * max(0, (size - len(head)) // len(line))


def mailbox(count: int, *, size: int = 0) -> list[bytes]:
    """`count` distinct mails."""
    return [message(number, size=size) for number in range(count)]


@dataclass
class Desktop:
    """One profile: what the window would do (`mail`), and passes of the engine."""

    profile: Profile
    mail: Mail
    passwords: dict[AccountKey, str] = field(default_factory=lambda: {AccountKey(u): p for u, p in PASSWORDS.items()})
    events: list[Event] = field(default_factory=list)

    def add(self, account: Account) -> Account:
        return accounts.put(self.profile.accounts, account)

    def sync(self, *, good: bool = True) -> AccountReport:
        """One pass of all accounts. -> the first one's report; `good`: nothing may have gone wrong."""
        return self.sync_all(good=good)[0]

    def sync_all(self, *, good: bool = True) -> tuple[AccountReport, ...]:
        reports = sync_once(self.profile, self.mail.accounts(), self.events.append, passwords=self.password)
        if good:
            assert not any(report.problems for report in reports), reports
        return reports

    def password(self, account: AccountKey, _service: Service) -> str:
        return self.passwords[account]

    def folder(self, name: str) -> FolderId:
        return self.mail.folder_named(name).id

    def ids(self, name: str) -> list[RowId]:
        """Newest first."""
        return [RowId(row) for row in self.mail.ids([self.folder(name)])]

    def rows(self, name: str) -> list[Row]:
        return list(self.mail.rows(self.ids(name)).values())

    def subjects(self, name: str) -> list[str]:
        return sorted(row.subject for row in self.rows(name))

    def verified(self) -> None:
        """The store agrees with itself."""
        found = self.mail.verify()
        assert not found.problems, found.problems


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    profile = Profile(tmp_path / "profile").create()
    mail = Mail(profile)
    yield Desktop(profile, mail)
    mail.close()


@pytest.fixture
def elsewhere(server: Dovecot) -> Elsewhere:
    """A second mail client, not ours: `with elsewhere("alice") as client`."""

    @contextmanager
    def connected(user: str) -> Iterator[IMAPClient]:
        client = IMAPClient(server.host, server.imap, ssl=False, use_uid=True)
        client.login(user, PASSWORDS[user])
        try:
            yield client
        finally:
            client.logout()

    return connected
