"""Much that was done without a network is told in few commands, whatever the clicks were."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.model import Flag
from tests.e2e.engine.conftest import mailbox
from tests.e2e.engine.lab import Case, case
from tests.servers import Dovecot

_CHANGING = r"SELECT|UID STORE|UID MOVE|UID COPY|UID EXPUNGE|APPEND|UID SEARCH"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def one(server: Dovecot, tmp_path: Path) -> Iterator[Case]:
    with case(server, tmp_path) as found:
        yield found


def replayed(one: Case) -> list[str]:
    """One pass -> what was asked for before the folders were listed."""
    one.line.commands.clear()
    one.sync()
    commands = [command.decode() for command in one.line.commands]
    end = next(number for number, command in enumerate(commands) if command.startswith("LIST"))
    return [command for command in commands[:end] if re.match(_CHANGING, command)]


def test_imap_a_thousand_clicks_and_a_hundred_deletions(one: Case) -> None:
    """Each message starred by a click of its own, every second one read as well; some twice, or not after all."""
    one.fill(mailbox(1000))
    one.sync()
    rows = one.desktop.ids("Case/INBOX")
    for row in rows:
        one.mail.set_flag([row], Flag.FLAGGED, True)
    one.mail.set_flag(rows[::2], Flag.SEEN, True)
    one.mail.set_flag(rows[:100], Flag.FLAGGED, False)
    one.mail.set_flag(rows[:50], Flag.FLAGGED, True)
    for start in range(900, 1000, 10):
        one.mail.delete(rows[start : start + 10])
    asked = replayed(one)
    assert [re.split(r" [\d,:]+", command)[0] for command in asked] == [
        'SELECT "INBOX"',
        *["UID STORE"] * 4,
        "UID MOVE",
    ]
    assert max(map(len, asked)) < 8000
    assert one.mail.waiting() == 0
    assert len(one.desktop.ids("Case/Trash")) == 100
    one.settled()


def test_imap_moves_and_copies_to_one_folder_go_together_and_in_order(one: Case) -> None:
    one.fill(mailbox(30))
    one.server.folder(one.user, "Work")
    one.sync()
    rows = one.desktop.ids("Case/INBOX")
    archive, work = one.folder("Archive"), one.folder("Work")
    for row in rows[:10]:
        one.mail.move([row], archive)
        one.mail.set_flag([row], Flag.SEEN, True)
    for row in rows[10:20]:
        one.mail.copy([row], work)
        one.mail.move([row], archive)
    one.mail.copy(rows[20:21], work)
    one.mail.copy(rows[20:21], work)
    one.mail.move(rows[:2], work)
    asked = [re.sub(r" [\d,:]+ ", " ", command) for command in replayed(one)]
    assert asked == [
        'SELECT "INBOX"',
        'UID MOVE "Archive"',
        'UID COPY "Work"',
        'UID MOVE "Archive"',
        'UID COPY "Work"',
        'SELECT "Archive"',
        "UID STORE +FLAGS.SILENT (\\Seen)",
        'UID MOVE "Work"',
    ]
    assert len(one.desktop.ids("Case/Work")) == 14
    assert len(one.desktop.ids("Case/Archive")) == 18
    one.settled()


def test_imap_uid_sets_of_any_size_keep_to_the_length_of_a_line(one: Case) -> None:
    """Nothing can be put in ranges: each second of 4,000 messages."""
    one.fill(mailbox(4000))
    one.sync()
    one.mail.set_flag(one.desktop.ids("Case/INBOX")[::2], Flag.SEEN, True)
    asked = replayed(one)
    assert len(asked) == 3
    assert max(map(len, asked)) < 8000
    assert one.mail.folder_named("Case/INBOX").unread == 2000
    one.line.honest()
    assert one.here() == one.there()
