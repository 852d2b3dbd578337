"""One Dovecot and one Postfix for all tests of the wire; each test has users of its own."""

from collections.abc import Callable, Iterator

import pytest

from qtmail.model import Protocol, Security
from qtmail.net.imap import ImapSession
from tests.servers import Authority, Dovecot, Postfix


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture(scope="session")
def postfix(dovecot: Dovecot) -> Iterator[Postfix]:
    with Postfix(dovecot) as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A second root, which no Dovecot uses."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    """A user with an empty mailbox; the password is "secret"."""
    return dovecot.add_user()


@pytest.fixture
def log_in(dovecot: Dovecot, user: str) -> Iterator[Callable[..., ImapSession]]:
    """Makes IMAP sessions of the user; closed afterwards."""
    opened: list[ImapSession] = []

    def make(security: Security = Security.NONE, timeout: float = 10) -> ImapSession:
        opened.append(ImapSession.connect(dovecot.server(user, Protocol.IMAP, security), "secret", timeout=timeout))
        return opened[-1]

    yield make
    for session in opened:
        session.close()


def message(number: int, size: int = 0) -> bytes:
    """A message with CRLF lines, its Message-ID <NUMBER@example.test>, padded to about `size`."""
    head = (
        f"From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: Number {number}\r\n"
        f"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <{number}@example.test>\r\n\r\n"
    ).encode()
    return head + b"Hello.\r\n" + b"0123456789abcde\r\n" * max(0, (size - len(head)) // 17)
