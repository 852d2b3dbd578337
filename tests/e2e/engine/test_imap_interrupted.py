"""The line ends right before or right after the server does what it was asked: nothing is lost, nothing done twice."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.model import Flag
from tests.e2e.engine.conftest import mailbox, message
from tests.e2e.engine.lab import Case, case
from tests.servers import Dovecot

SERVERS = {
    "everything": ("", ("UID STORE", "UID MOVE", "UID COPY", "UID EXPUNGE")),
    "without MOVE": ("IMAP4rev1 UIDPLUS CONDSTORE", ("UID STORE", "UID COPY", "UID EXPUNGE")),
    "bare": ("IMAP4rev1", ("UID STORE", "UID COPY")),
}
COMMANDS = ("APPEND", "CREATE", "RENAME", "DELETE", "SUBSCRIBE", "UNSUBSCRIBE")


@pytest.fixture(scope="module", params=SERVERS)
def kind(request: pytest.FixtureRequest) -> Iterator[tuple[Dovecot, tuple[str, ...]]]:
    capability, commands = SERVERS[request.param]
    with Dovecot(capability=capability) as running:
        yield running, commands + (COMMANDS if request.param == "everything" else ("APPEND",))


def load(one: Case, files: Path) -> None:
    """Something of everything that can be done to mail."""
    one.fill(mailbox(8))
    one.fill([message(20)], "Old")
    one.fill([], "Empty")
    one.server.folder(one.user, "Work")
    one.sync()
    mail = one.mail
    mail.set_flag(one.rows("Mail 0", "Mail 1"), Flag.FLAGGED, True)
    mail.set_flag(one.rows("Mail 1"), Flag.SEEN, True)
    mail.set_flag(one.rows("Mail 1"), Flag.FLAGGED, False)
    mail.move(one.rows("Mail 2"), one.folder("Work"))
    mail.move(one.rows("Mail 2", path="Work"), one.folder("Archive"))
    mail.copy(one.rows("Mail 3", "Mail 4"), one.folder("Archive"))
    mail.expunge(one.rows("Mail 5"))
    mail.delete(one.rows("Mail 6"))
    file = files / "letter.eml"
    file.write_bytes(message(30))
    mail.import_messages(file, one.folder("Work"))
    mail.create_folder(mail.accounts()[0].key, "New")
    mail.rename_folder(one.folder("Old"), "Older")
    mail.delete_folder(one.folder("Empty"))
    mail.move(one.rows("Mail 7"), one.folder("New"))


WHERE = {
    "INBOX": ["Mail 0", "Mail 1", "Mail 3", "Mail 4"],
    "Archive": ["Mail 2", "Mail 3", "Mail 4"],
    "Trash": ["Mail 6"],
    "Work": ["Mail 30"],
    "New": ["Mail 7"],
    "Older": ["Mail 20"],
}


def test_imap_cut_before_and_after_each_command(kind: tuple[Dovecot, tuple[str, ...]], tmp_path: Path) -> None:
    """Each alone on a server that offers everything; one after the other in one mailbox on the lesser ones."""
    server, commands = kind
    together = [(command,) for command in commands] if not server.capability else [commands]
    for sweep in together:
        for moment in ("before", "after"):
            with case(server, tmp_path) as one:
                load(one, tmp_path)
                cut = one.line.cut_before if moment == "before" else one.line.cut_after
                for command in sweep:
                    cut(command)
                    report = one.sync(good=False)
                    assert one.line.asked(command), command
                    assert all(problem.retry for problem in report.problems), (command, moment, report)
                    one.line.honest()
                    one.hurry()
                one.settled()
                for path, subjects in WHERE.items():
                    assert one.subjects(path) == subjects, (sweep, moment, path)
                names = {folder.path for folder in one.mail.folders() if folder.account == "case"}
                assert not names & {"Old", "Empty"}, (sweep, moment)


def test_imap_moves_whose_new_places_are_not_told(kind: tuple[Dovecot, tuple[str, ...]], tmp_path: Path) -> None:
    """They are met by Message-ID; what has none is met as new, and not shown twice."""
    server, _ = kind
    with case(server, tmp_path) as one:
        one.fill([*mailbox(3), b"From: a@example.test\r\nSubject: Nameless\r\n\r\nHello\r\n"])
        one.server.folder(one.user, "Work")
        one.sync()
        one.line.answer = lambda _command, line: re.sub(rb"\[(COPYUID|APPENDUID) [^]]*\] ", b"", line)
        one.mail.move(one.rows("Mail 1", "Nameless"), one.folder("Work"))
        one.mail.set_flag(one.rows("Mail 1", path="Work"), Flag.SEEN, True)
        one.mail.copy(one.rows("Mail 2"), one.folder("Work"))
        one.mail.move(one.rows("Mail 1", path="Work"), one.folder("Archive"))
        letter = tmp_path / "letter.eml"
        letter.write_bytes(message(30))
        one.mail.import_messages(letter, one.folder("Work"))
        for _ in range(3):
            one.sync()
            one.hurry()
        assert one.mail.waiting() == 0
        assert one.subjects("Work") == ["Mail 2", "Mail 30", "Nameless"]
        assert one.subjects("Archive") == ["Mail 1"]
        one.settled()
