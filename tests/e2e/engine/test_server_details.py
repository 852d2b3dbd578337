"""What an account page can say of a real Dovecot after some passes, and of a POP3 account."""

from qtmail.engine.server_details import ExtensionState, ServerDetails
from qtmail.model import AccountKey, Protocol
from tests.e2e.engine.conftest import Desktop, Elsewhere, mailbox
from tests.servers import Dovecot

ALICE = AccountKey("alice")


def states(desktop: Desktop) -> dict[str, ExtensionState]:
    return {one.name: one for one in desktop.mail.server_details(ALICE).extensions}


def test_what_dovecot_offers_is_used_and_proven(desktop: Desktop, server: Dovecot, elsewhere: Elsewhere) -> None:
    server.fill("alice", mailbox(5), flags="")
    desktop.add(server.account("alice"))
    desktop.sync()
    first = states(desktop)
    assert first["ESEARCH"].verified
    assert first["IDLE"].advertised
    assert not first["IDLE"].used
    assert not first["CONDSTORE"].verified, "nothing has changed yet"
    with elsewhere("alice") as client:
        client.select_folder("INBOX")
        client.add_flags([2], [b"\\Flagged"])
        client.delete_messages([3])
        client.expunge([3])
    desktop.sync()
    assert len(desktop.ids("Alice/INBOX")) == 4
    assert states(desktop)["QRESYNC"].verified, "what it named as gone was gone"
    desktop.mail.move(desktop.ids("Alice/INBOX")[:2], desktop.folder("Alice/Archive"))
    for _ in range(2):
        desktop.sync()
    found = states(desktop)
    assert found["CONDSTORE"].verified
    assert found["MOVE"].verified, "what was moved was found where it went"
    details = desktop.mail.server_details(ALICE)
    assert details.honesty == ()
    assert details.server.endswith(f":{server.imap}")
    assert "Dovecot" in details.software


def test_of_a_pop3_server_nothing_is_told(desktop: Desktop, server: Dovecot) -> None:
    desktop.add(server.account("alice", Protocol.POP3))
    desktop.sync()
    assert desktop.mail.server_details(ALICE) == ServerDetails()
