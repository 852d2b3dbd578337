"""A server without the usual folders, and with a prefix before all of them: each is made when it is first needed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtmail.engine import imap_append_replay
from qtmail.errors import Unreachable
from qtmail.model import Role, RowId
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.servers import Dovecot

_BARE = "namespace inbox {{\n{}\n}}".format(
    "\n".join(f"  mailbox {name} {{\n    auto = no\n  }}" for name in ("Drafts", "Sent", "Trash", "Junk", "Archive"))
)


@pytest.fixture
def bare() -> Iterator[Dovecot]:
    with Dovecot(separator=".", prefix="INBOX.", extra=_BARE) as running:
        yield running


@pytest.fixture
def filled(desktop: Desktop, bare: Dovecot) -> Desktop:
    """Alice with three mails, synced."""
    bare.fill("alice", mailbox(3))
    desktop.add(bare.account("alice"))
    desktop.sync()
    return desktop


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.eml"
    path.write_bytes(message(7))
    return path


@pytest.mark.parametrize("role", [Role.SENT, Role.ARCHIVE])
def test_mail_is_added_to_a_folder_it_lacks(filled: Desktop, bare: Dovecot, letter: Path, role: Role) -> None:
    folder = filled.mail.folder_of_role(filled.mail.accounts()[0].key, role)
    filled.mail.import_messages(letter, folder.id)
    for _ in range(2):
        assert filled.sync().new == 0
        assert filled.subjects(f"Alice/{folder.path}") == ["Mail 7"]
    assert filled.mail.waiting() == 0
    assert len(bare.messages("alice", folder.path)) == 1


def test_mail_is_moved_to_a_folder_it_lacks_and_back(filled: Desktop, bare: Dovecot) -> None:
    row: RowId = filled.ids("Alice/INBOX")[0]
    filled.mail.delete([row])
    for _ in range(2):
        assert filled.sync().new == 0
        assert filled.ids("Alice/Trash") == [row]
    assert len(bare.messages("alice", "Trash")) == 1
    filled.mail.undo()
    assert filled.sync().new == 0
    assert len(filled.ids("Alice/INBOX")) == 3
    assert bare.messages("alice", "Trash") == []


def test_an_answer_that_never_came_doubles_nothing_there(
    filled: Desktop, bare: Dovecot, letter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection ends between the server's APPEND and what we keep of it."""
    filled.mail.import_messages(letter, filled.folder("Alice/Archive"))

    def lost(*_arguments: object) -> None:
        raise Unreachable("The connection was lost.")

    with monkeypatch.context() as patched:
        patched.setattr(imap_append_replay.Adder, "_prove", lost)
        filled.sync(good=False)
    assert filled.sync().new == 0
    assert filled.subjects("Alice/Archive") == ["Mail 7"]
    assert len(bare.messages("alice", "Archive")) == 1


def test_the_copy_the_server_filed_by_itself_is_ours_before_its_folder_was_ever_seen(
    desktop: Desktop, bare: Dovecot, letter: Path
) -> None:
    """It files what it is given to send, and the first mail was sent before the first sync."""
    account = desktop.add(bare.account("alice"))
    bare.fill("alice", [message(7)], "Sent")
    desktop.mail.import_messages(letter, desktop.mail.folder_of_role(account.key, Role.SENT).id)
    for _ in range(2):
        desktop.sync()
        assert desktop.subjects("Alice/Sent") == ["Mail 7"]
    assert len(bare.messages("alice", "Sent")) == 1
