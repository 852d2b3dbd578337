"""A profile with an IMAP and a POP3 account, its facade on a clock that the test moves, and mail to put into it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtmail import accounts
from qtmail.engine.mail import Mail
from qtmail.model import Account, AccountKey, FolderId, Protocol, RowId, Server
from qtmail.paths import Profile

START = 1_795_428_000
"""2026-11-23 10:00 UTC."""


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> int:
        return self.at


def account(key: str, name: str, protocol: Protocol, *, sends: bool = True) -> Account:
    return Account(
        key=AccountKey(key),
        name=name,
        address=f"{name.lower()}@example.test",
        display_name=f"{name} Example",
        protocol=protocol,
        incoming=Server("127.0.0.1", 1143),
        outgoing=Server("127.0.0.1", 1587) if sends else None,
    )


def eml(number: int, *, to: str = "work@example.test", body: str = "Hello", more: str = "") -> bytes:
    """A small message from Bob; `more`: further header lines, each with its CRLF."""
    return (
        f"From: Bob <bob@example.test>\r\nTo: {to}\r\nSubject: Number {number}\r\n"
        f"Date: Mon, 23 Nov 2026 0{number % 9}:00:00 +0000\r\nMessage-ID: <{number}@example.test>\r\n"
        f"{more}\r\n{body}\r\n"
    ).encode()


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    found = Profile(tmp_path / "profile").create()
    accounts.put(found.accounts, account("w", "Work", Protocol.IMAP))
    accounts.put(found.accounts, account("h", "Home", Protocol.POP3))
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mail(profile: Profile, clock: Clock) -> Iterator[Mail]:
    opened = Mail(profile, now=clock)
    yield opened
    opened.close()


@pytest.fixture
def put(mail: Mail, tmp_path: Path) -> Callable[..., tuple[RowId, ...]]:
    """put("Work/INBOX", 3) -> the ids of three messages there now, in the order of their numbers."""

    def run(folder: str, count: int = 1, *, first: int = 1, raws: list[bytes] | None = None) -> tuple[RowId, ...]:
        source = tmp_path / f"in{first}"
        source.mkdir(exist_ok=True)
        for number, raw in enumerate(raws or [eml(n) for n in range(first, first + count)]):
            (source / f"{number:04}.eml").write_bytes(raw)
        into: FolderId = mail.folder_named(folder).id
        before = set(mail.ids([into]))
        mail.import_messages(source, into)
        return tuple(sorted(RowId(row) for row in set(mail.ids([into])) - before))

    return run
