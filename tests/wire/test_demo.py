"""The demo's servers, spoken to as any client would."""

import smtplib
from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from qtmail.demo.process import PASSWORD, DemoProcess
from qtmail.errors import MailError
from qtmail.model import Account, Role
from qtmail.net.imap import ImapSession

MAIL = (
    b"From: a@b.example\r\nTo: you\r\nSubject: A hello\r\nMessage-ID: <hello@b.example>\r\n\r\nHello\r\n.\r\nthere\r\n"
)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProcess]:
    with DemoProcess.start() as running:
        yield running


@pytest.fixture
def alma(demo: DemoProcess) -> Iterator[IMAPClient]:
    with _connected(demo.accounts[0]) as client:
        yield client


def _connected(account: Account) -> IMAPClient:
    client = IMAPClient(account.incoming.host, account.incoming.port, ssl=False)
    client.login(account.incoming.username, PASSWORD)
    return client


def _send(account: Account, to: str) -> dict[str, tuple[int, bytes]]:
    assert account.outgoing
    with smtplib.SMTP(account.outgoing.host, account.outgoing.port) as server:
        server.login(account.outgoing.username, PASSWORD)
        return server.sendmail(account.address, [to], MAIL)


def test_there_are_two_accounts_on_loopback(demo: DemoProcess) -> None:
    assert [account.name for account in demo.accounts] == ["Alma", "Work"]
    assert {account.incoming.host for account in demo.accounts} == {"127.0.0.1"}


def test_folders_say_what_they_are_for(alma: IMAPClient) -> None:
    folders = {name: attributes for attributes, _, name in alma.list_folders()}
    for name in ("Drafts", "Sent", "Archive", "Junk", "Trash"):
        assert b"\\" + name.encode() in folders[name]
    assert b"\\Noselect" in folders["Projects"]
    assert "Projects/Garden" in folders


def test_what_one_account_sends_arrives_at_the_other_while_it_idles(demo: DemoProcess, alma: IMAPClient) -> None:
    exists = alma.select_folder("INBOX")[b"EXISTS"]
    alma.idle()
    assert _send(demo.accounts[1], demo.accounts[0].address) == {}
    told: list[object] = []
    while (exists + 1, b"EXISTS") not in told:
        told += (answer := alma.idle_check(10))
        assert answer, "not told within 10 s"
    alma.idle_done()
    [uid] = alma.search(["HEADER", "Message-ID", "<hello@b.example>"])
    content = alma.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert content.endswith(MAIL)


def test_mail_to_the_world_comes_back_with_a_note(demo: DemoProcess) -> None:
    assert _send(demo.accounts[1], "someone@elsewhere.example") == {}
    with _connected(demo.accounts[1]) as work:
        work.select_folder("INBOX")
        [uid] = work.search(["SUBJECT", "Not sent into the world"])
        content = work.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert b"In-Reply-To: <hello@b.example>" in content
    assert b"someone@elsewhere.example" in content


def test_unknown_names_and_wrong_passwords_are_refused(demo: DemoProcess) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        _send(demo.accounts[0], "nobody@demo.example")
    assert refused.value.recipients["nobody@demo.example"][0] == 550
    account = demo.accounts[0]
    assert account.outgoing
    with smtplib.SMTP(account.outgoing.host, account.outgoing.port) as server:
        server.ehlo()
        assert server.docmd("MAIL FROM:<a@b.example>")[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            server.login(account.outgoing.username, "guess")


def test_messages_can_be_moved_flagged_and_appended(alma: IMAPClient) -> None:
    alma.select_folder("Junk")
    uid = alma.search()[0]
    alma.add_flags([uid], ["\\Flagged", "$Forwarded"])
    assert {b"\\Flagged", b"$Forwarded"} <= set(alma.get_flags([uid])[uid])
    alma.move([uid], "Trash")
    assert uid not in alma.search()
    assert b"APPENDUID" in alma.append("Sent", MAIL, ["\\Seen"])


def test_our_own_client_reads_all_of_it(demo: DemoProcess) -> None:
    session = ImapSession.connect(demo.accounts[1].incoming, PASSWORD)
    try:
        folders = session.folders()
        assert {folder.role for folder in folders} >= {Role.INBOX, Role.DRAFTS, Role.SENT, Role.JUNK, Role.TRASH}
        count = 0
        for folder in folders:
            if folder.selectable:
                session.select(folder.wire_name, readonly=True)
                uids = session.uids()
                assert [body.uid for body in session.fetch_bodies(uids)] == list(uids)
                count += len(uids)
        assert count >= 70
        assert session.take_quarantined() == ()
    finally:
        session.close()


def test_it_ends_when_it_is_stopped() -> None:
    demo = DemoProcess.start()
    assert demo.running
    demo.stop()
    assert not demo.running
    demo.stop()


def test_it_says_so_when_it_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtmail.demo.process.command", lambda: ["false"])
    with pytest.raises(MailError, match="could not be started"):
        DemoProcess.start()
