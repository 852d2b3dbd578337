"""Folders of others, rights and quota, from a Dovecot that has them to the facade."""

from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from qtmail.errors import BadInput
from qtmail.events import Problem
from qtmail.model import AccountKey, Flag, Role
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.servers import PASSWORDS, SHARING, Dovecot

ALICE = AccountKey("alice")
PLANS, IDEAS = "Alice/Shared folders/bob/Plans", "Alice/Shared folders/bob/Ideas"


@pytest.fixture
def server() -> Iterator[Dovecot]:
    with Dovecot(extra=SHARING) as running:
        yield running


def share(server: Dovecot, folder: str, rights: str) -> None:
    """Bob lets Alice in."""
    with IMAPClient(server.host, server.imap, ssl=False) as client:
        client.login("bob", PASSWORDS["bob"])
        if not client.folder_exists(folder):
            client.create_folder(folder)
        client.setacl(folder, "alice", rights)


def test_folders_of_others(desktop: Desktop, server: Dovecot) -> None:
    share(server, "Plans", "lr")
    share(server, "Ideas", "lrswite")
    share(server, "Trash", "lrswite")
    server.fill("bob", mailbox(3), "Plans", flags="")
    server.fill("bob", [message(11), message(12)], "Ideas")
    server.fill("alice", [message(21)])
    desktop.add(server.account("alice"))
    report = desktop.sync()
    assert (report.new, report.bodies) == (6, 1), "of the mail of others only headers come by themselves"
    plans, ideas = desktop.mail.folder_named(PLANS), desktop.mail.folder_named(IDEAS)
    assert (plans.shared, plans.owner, plans.total, plans.left_out, plans.read_only) == (True, "bob", 3, 3, True)
    assert not ideas.read_only
    assert all(row.preview.startswith("This is mail number") for row in desktop.rows(PLANS)), "told by PREVIEW"
    assert desktop.mail.folder_named("Alice/INBOX").rights is not None
    assert desktop.mail.folder_of_role(ALICE, Role.TRASH).path == "Trash"

    with pytest.raises(BadInput, match="only read in “Plans”"):
        desktop.mail.set_flag(desktop.ids(PLANS), Flag.FLAGGED, True)
    with pytest.raises(BadInput, match="only read in “Plans”"):
        desktop.mail.move(desktop.ids("Alice/INBOX"), plans.id)
    desktop.mail.copy(desktop.ids(PLANS)[:1], desktop.folder("Alice/Archive"))
    desktop.mail.set_flag(desktop.ids(IDEAS)[:1], Flag.FLAGGED, True)
    desktop.mail.delete(desktop.ids(IDEAS)[1:])
    desktop.sync()
    desktop.sync()
    assert desktop.mail.waiting() == 0
    assert len(server.messages("bob", "Ideas")) == 1
    assert len(server.messages("alice", "Trash")) == 1, "it went to one's own Trash"
    assert len(server.messages("bob", "Trash")) == 0
    assert len(server.messages("alice", "Archive")) == 1
    desktop.verified()


def test_a_mailbox_that_is_nearly_full_is_told_once(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", [message(number, size=100_000) for number in range(10)])
    desktop.add(server.account("alice"))
    for _ in range(2):
        desktop.sync(good=False)
    limits = desktop.mail.server_details(ALICE).limits
    assert limits.nearly_full
    assert limits.words.endswith("of 1 MB used")
    told = [event.what for event in desktop.events if isinstance(event, Problem)]
    assert told == [f"The mailbox of Alice is nearly full: {limits.words}."]
