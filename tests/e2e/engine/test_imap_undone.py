"""Undo brings back what was, on both sides: before the server heard of it, after an answer that was lost, and later."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtmail.model import Flag
from tests.e2e.engine.conftest import mailbox, message
from tests.e2e.engine.lab import Case, Shown, case
from tests.servers import Dovecot

SERVERS = {"everything": "", "without MOVE": "IMAP4rev1 UIDPLUS"}
Act = Callable[[Case, Path], object]


def _import(one: Case, files: Path) -> None:
    letter = files / "letter.eml"
    letter.write_bytes(message(60))
    one.mail.import_messages(letter, one.folder("Work"))


def _twice(one: Case, _files: Path) -> None:
    rows = one.rows("Mail 1", "Mail 2")
    one.mail.move(rows, one.folder("Work"))
    one.mail.move(rows, one.folder("Archive"))


ACTS: dict[str, tuple[Act, int]] = {
    "flag": (lambda one, _files: one.mail.set_flag(one.rows("Mail 1", "Mail 2"), Flag.FLAGGED, True), 1),
    "move": (lambda one, _files: one.mail.move(one.rows("Mail 1", "Mail 2"), one.folder("Work")), 1),
    "move twice": (_twice, 2),
    "copy": (lambda one, _files: one.mail.copy(one.rows("Mail 1"), one.folder("Work")), 1),
    "delete": (lambda one, _files: one.mail.delete(one.rows("Mail 1")), 1),
    "delete for good": (lambda one, _files: one.mail.expunge(one.rows("Mail 1")), 1),
    "junk": (lambda one, _files: one.mail.junk(one.rows("Mail 1")), 1),
    "add": (_import, 1),
    "make a folder": (lambda one, _files: one.mail.create_folder(one.mail.accounts()[0].key, "New"), 1),
    "rename a folder": (lambda one, _files: one.mail.rename_folder(one.folder("Work"), "Play"), 1),
    "unsubscribe": (lambda one, _files: one.mail.subscribe_folders({one.folder("Work"): False}), 1),
    "delete a folder": (lambda one, _files: one.mail.delete_folder(one.folder("Work")), 1),
}
"""What is done, and how many times it is undone."""
WITHOUT_MOVE = ("move twice", "copy", "delete for good")
_CHANGES = "UID STORE|UID MOVE|UID COPY|UID EXPUNGE|APPEND|CREATE|RENAME|DELETE|UNSUBSCRIBE"


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    with Dovecot(capability=SERVERS[request.param]) as running:
        yield running


def names(one: Case) -> set[str]:
    """All folders, and once more those that are subscribed."""
    with one.elsewhere() as client:
        listed = {"": client.list_folders(), "subscribed ": client.list_sub_folders()}
        return {kind + name for kind, found in listed.items() for _attributes, _delimiter, name in found}


@pytest.mark.parametrize("when", ["pending", "sent", "done"])
def test_imap_undo_brings_back_what_was(server: Dovecot, tmp_path: Path, when: str) -> None:
    for what in WITHOUT_MOVE if server.capability else ACTS:
        act, times = ACTS[what]
        with case(server, tmp_path) as one:
            one.fill(mailbox(4))
            one.fill([message(50)], "Work")
            with one.elsewhere() as client:
                client.subscribe_folder("Work")
            one.sync()
            before: tuple[Shown, set[str]] = (one.there(), names(one))
            act(one, tmp_path)
            if when == "sent":
                one.line.cut_after(_CHANGES)
                one.sync(good=False)
            elif when == "done":
                one.sync()
                assert one.mail.waiting() == 0, what
                assert (one.there(), names(one)) != before, what
            for _ in range(times):
                one.mail.undo()
            one.line.honest()
            one.hurry()
            one.sync()
            one.settled()
            assert (one.there(), names(one)) == before, what
