"""The engine killed at random moments of everything at once; afterwards both sides have each message exactly once.

QTMAIL_KILLS says how often (6; up to 200), QTMAIL_DICE with which dice: what fails is found again by its number.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qtmail.engine.comparing import compare
from qtmail.model import Flag, Row, RowId
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox, message
from tests.e2e.engine.test_killed import killed_after
from tests.servers import Dovecot

KILLS = min(int(os.environ.get("QTMAIL_KILLS", "6")), 200)
DICE = int(os.environ.get("QTMAIL_DICE", "11"))
FIRST = 1200
LONGEST_S = 0.15
FOLDERS = ("INBOX", "Archive", "Trash", "Work")


def message_id(number: int) -> str:
    return f"<mail.{number}@example.test>"


SERVERS = {"everything": "", "without MOVE": "IMAP4rev1 UIDPLUS CONDSTORE", "bare": "IMAP4rev1"}
"""What Dovecot says of itself. A bare one cannot expunge one message alone: what went stays there, marked."""


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    with Dovecot(capability=SERVERS[request.param]) as running:
        yield running


@dataclass
class Expected:
    """Where every message has to be in the end, by Message-ID, and which are starred or answered."""

    where: dict[str, str] = field(default_factory=dict)
    starred: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)


@dataclass
class Load:
    """What people do between two kills, here and elsewhere; every message is touched by one side only."""

    desktop: Desktop
    server: Dovecot
    elsewhere: Elsewhere
    files: Path
    dice: random.Random
    expected: Expected = field(default_factory=Expected)
    touched: set[str] = field(default_factory=set)
    next_number: int = FIRST

    def fill(self) -> None:
        self.server.fill("alice", mailbox(FIRST, size=12_000), flags="")
        self.expected.where |= dict.fromkeys(map(message_id, range(FIRST)), "INBOX")
        self.server.folder("alice", "Work")

    def deliver(self) -> None:
        """New mail comes."""
        numbers = self._numbers(self.dice.randint(0, 5))
        self.server.fill("alice", [message(n, size=4000) for n in numbers], flags="", first_date=1_700_100_000)
        self.expected.where |= dict.fromkeys(map(message_id, numbers), "INBOX")

    def act_here(self) -> None:
        """Move, delete and star some of what is known here; add some files to a folder."""
        mail = self.desktop.mail
        rows = self._untouched(6)
        moved, deleted, starred = rows[:3], rows[3:4], rows[2:6:2]
        if starred:
            mail.set_flag(self._ids(starred), Flag.FLAGGED, True)
            self.expected.starred |= {row.message_id for row in starred}
        if moved:
            mail.move(self._ids(moved), self.desktop.folder("Alice/Archive"))
            self.expected.where |= {row.message_id: "Archive" for row in moved}
        if deleted:
            mail.delete(self._ids(deleted))
            self.expected.where |= {row.message_id: "Trash" for row in deleted}
        self._add_files()

    def act_elsewhere(self) -> None:
        """Another client answers some that nobody touches here."""
        chosen = self._untouched(3)
        with self.elsewhere("alice") as client:
            client.select_folder("INBOX")
            for row in chosen:
                uids = client.search(["HEADER", "Message-ID", row.message_id])
                client.add_flags(uids, [b"\\Answered"])
                self.expected.answered |= {row.message_id} if uids else set()

    def _add_files(self) -> None:
        if not any(folder.path == "Work" for folder in self.desktop.mail.folders()):
            return
        numbers = self._numbers(self.dice.randint(0, 3))
        for number in numbers:
            file = self.files / f"{number}.eml"
            file.write_bytes(message(number, size=8000))
            assert self.desktop.mail.import_messages(file, self.desktop.folder("Alice/Work"))[0] == 1
        self.expected.where |= dict.fromkeys(map(message_id, numbers), "Work")

    def _numbers(self, count: int) -> range:
        first, self.next_number = self.next_number, self.next_number + count
        return range(first, first + count)

    def _untouched(self, count: int) -> list[Row]:
        every = [row for row in self.desktop.rows("Alice/INBOX") if row.message_id not in self.touched]
        chosen = self.dice.sample(every, min(count, len(every)))
        self.touched |= {row.message_id for row in chosen}
        return chosen

    @staticmethod
    def _ids(rows: list[Row]) -> list[RowId]:
        return [row.id for row in rows]


def unmarked(server: Dovecot, path: str) -> list[bytes]:
    """What the server has and would show."""
    folder = server.folder("alice", path)
    files = [file for part in ("new", "cur") for file in (folder / part).iterdir()]
    return [file.read_bytes() for file in files if "T" not in file.name.rpartition(":2,")[2]]


def lines(raw: bytes) -> bytes:
    """Dovecot stores what was added with bare line feeds."""
    return raw.replace(b"\r\n", b"\n")


@pytest.mark.serial
def test_killed_at_any_moment_of_a_mixed_load(
    desktop: Desktop, server: Dovecot, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    account = desktop.add(server.account("alice"))
    load = Load(desktop, server, elsewhere, tmp_path, random.Random(DICE))
    load.fill()
    at_work = 0
    for _ in range(KILLS):
        load.deliver()
        load.act_here()
        load.act_elsewhere()
        at_work += killed_after(desktop, server, load.dice.uniform(0.0, LONGEST_S))
    assert at_work >= KILLS // 3
    for _ in range(2):
        desktop.sync()
    assert desktop.mail.waiting() == 0
    desktop.verified()
    assert compare(desktop.profile, account, passwords=desktop.password).problems == ()
    identical(desktop, server, load.expected)
    again = desktop.sync()
    assert (again.new, again.bodies) == (0, 0)


def identical(desktop: Desktop, server: Dovecot, expected: Expected) -> None:
    """Each message where it belongs, once, the same octets on both sides, with its flags."""
    here: list[str] = []
    for path in FOLDERS:
        rows = desktop.rows(f"Alice/{path}")
        here += [row.message_id for row in rows]
        wanted = Counter(id_ for id_, where in expected.where.items() if where == path)
        assert Counter(row.message_id for row in rows) == wanted, path
        assert all(row.has_body for row in rows), path
        stored = Counter(lines(desktop.mail.raw(row.id)) for row in rows)
        assert stored == Counter(map(lines, unmarked(server, path))), path
        assert {row.message_id for row in rows if row.starred} == expected.starred & wanted.keys(), path
        assert {row.message_id for row in rows if Flag.ANSWERED in row.flags} == expected.answered & wanted.keys(), path
    assert len(here) == len(set(here)) == len(expected.where)
