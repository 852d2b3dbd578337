"""Every call of an IMAP session, on a real Dovecot."""

import threading
import time
from array import array
from collections.abc import Callable

import pytest

from qtmail.errors import FolderGone, LoginFailed, Refused, ServerClosed
from qtmail.model import Protocol, Role, Security
from qtmail.net.connect import Wake
from qtmail.net.imap import ImapSession
from tests.servers import PASSWORDS, Dovecot
from tests.wire.conftest import message

LogIn = Callable[..., ImapSession]


@pytest.fixture
def inbox(dovecot: Dovecot, user: str, log_in: LogIn) -> ImapSession:
    """Ten messages, INBOX selected."""
    dovecot.fill(user, (message(number) for number in range(1, 11)))
    session = log_in()
    session.select(b"INBOX")
    return session


@pytest.mark.parametrize("security", Security)
@pytest.mark.parametrize("name", PASSWORDS)
def test_logs_in_with_every_security_and_odd_passwords(dovecot: Dovecot, name: str, security: Security) -> None:
    session = ImapSession.connect(dovecot.server(name, Protocol.IMAP, security), PASSWORDS[name])
    assert session.supports("MOVE")
    assert session.bytes_in > 0
    session.close()
    session.close()


def test_imaplibs_debug_buffer_stays_off(log_in: LogIn) -> None:
    """imapclient switches it on: bodies then cost four times the CPU."""
    assert log_in()._client._imap.debug == 0


def test_wrong_password(dovecot: Dovecot, user: str) -> None:
    with pytest.raises(LoginFailed) as caught:
        ImapSession.connect(dovecot.server(user, Protocol.IMAP), "wrong")
    assert "AUTHENTICATIONFAILED" in caught.value.server_words
    assert not caught.value.retry


def test_folders_with_roles_and_status_in_one_round_trip(dovecot: Dovecot, user: str, log_in: LogIn) -> None:
    dovecot.fill(user, [message(1), message(2)], flags="")
    dovecot.fill(user, [message(3)], "Projekte/Ä & Ö")
    folders = {folder.path: folder for folder in log_in().folders()}
    assert folders["INBOX"].role is Role.INBOX
    assert folders["Sent"].role is Role.SENT
    assert folders["Trash"].role is Role.TRASH
    assert folders["Drafts"].subscribed
    assert folders["Projekte/Ä & Ö"].wire_name == b"Projekte/&AMQ- &- &ANY-"
    status = folders["INBOX"].status
    assert status is not None
    assert (status.total, status.unseen, status.uidnext) == (2, 2, 3)
    assert status.uidvalidity
    assert status.highestmodseq


def test_status_of_one_folder(dovecot: Dovecot, user: str, log_in: LogIn) -> None:
    dovecot.fill(user, [message(1)])
    session = log_in()
    assert session.status(b"INBOX").total == 1
    with pytest.raises(FolderGone):
        session.status(b"Nowhere")


def test_select(inbox: ImapSession) -> None:
    chosen = inbox.select(b"INBOX")
    assert (chosen.exists, chosen.uidnext, chosen.read_only, chosen.can_create_keywords) == (10, 11, False, True)
    assert chosen.uidvalidity
    assert chosen.highestmodseq
    assert "\\Seen" in chosen.permanent_flags
    assert inbox.select(b"INBOX", readonly=True).read_only
    with pytest.raises(FolderGone):
        inbox.select(b"Nowhere")


def test_uids(inbox: ImapSession) -> None:
    assert inbox.uids() == array("I", range(1, 11))
    assert inbox.uids(8) == array("I", [8, 9, 10])
    assert inbox.uids(11) == array("I")


def test_headers(inbox: ImapSession) -> None:
    fetched = list(inbox.fetch_headers([2, 3, 99]))
    assert [one.uid for one in fetched] == [2, 3]
    first = fetched[0]
    assert first.flags == {"\\Seen"}
    assert first.size == len(message(2))
    assert first.internaldate == 1_700_000_060
    assert b"Subject: Number 2\r\n" in first.header
    assert b"Hello" not in first.header
    assert first.modseq


def test_bodies_byte_for_byte_and_unread_stays_unread(dovecot: Dovecot, user: str, log_in: LogIn) -> None:
    contents = [message(n, size) for n, size in enumerate([0, 100, 70_000, 3_000_000], 1)]
    dovecot.fill(user, contents, flags="")
    session = log_in(Security.TLS)
    session.select(b"INBOX")
    sizes = {uid: len(content) for uid, content in enumerate(contents, 1)}
    assert {one.uid: one.content for one in session.fetch_bodies([1, 2, 3, 4], size_hint=sizes)} == dict(
        enumerate(contents, 1)
    )
    assert all(not one.flags for one in session.fetch_flags(1))


def test_many_bodies_in_several_commands_in_flight(dovecot: Dovecot, user: str, log_in: LogIn) -> None:
    dovecot.fill(user, (message(n, 2_000) for n in range(1, 601)))
    session = log_in()
    session.select(b"INBOX")
    assert [one.uid for one in session.fetch_bodies(session.uids())] == list(range(1, 601))
    assert [one.uid for one in session.fetch_headers(session.uids())] == list(range(1, 601))


def test_an_iterator_left_early_does_not_harm_the_next_command(inbox: ImapSession) -> None:
    for one in inbox.fetch_bodies(range(1, 11)):
        assert one.uid == 1
        break
    assert inbox.uids(9) == array("I", [9, 10])
    headers = inbox.fetch_headers(range(1, 11))
    next(headers)
    assert inbox.status(b"INBOX").total == 10


def test_a_command_within_an_iteration_is_a_bug_that_shows(inbox: ImapSession) -> None:
    headers = inbox.fetch_headers(range(1, 11))
    next(headers)
    inbox.noop()
    with pytest.raises(RuntimeError, match="another command"):
        next(headers)
    inbox.noop()


def test_flags_of_a_range_and_changes_since(inbox: ImapSession) -> None:
    before = inbox.select(b"INBOX").highestmodseq
    inbox.set_flags([3, 4], ["\\Flagged", "$Label1"], True)
    inbox.set_flags([4], ["\\Seen"], False)
    flags = {one.uid: one.flags for one in inbox.fetch_flags(3, 5)}
    assert flags == {3: {"\\Seen", "\\Flagged", "$Label1"}, 4: {"\\Flagged", "$Label1"}, 5: {"\\Seen"}}
    assert [one.uid for one in inbox.fetch_flags(1, changed_since=before)] == [3, 4]
    assert list(inbox.fetch_flags(11)) == []


def test_a_flag_that_would_break_the_command_is_refused(inbox: ImapSession) -> None:
    with pytest.raises(Refused):
        inbox.set_flags([1], ["a) EXPUNGE"], True)


def test_vanished_since_is_reported_with_qresync(inbox: ImapSession) -> None:
    before = inbox.select(b"INBOX").highestmodseq
    inbox.expunge([2, 3])
    inbox.take_changes()
    list(inbox.fetch_flags(1, changed_since=before))
    assert set(inbox.take_changes().vanished) == {2, 3}


def test_move_tells_the_new_uids_and_leaves_out_what_was_not_there(inbox: ImapSession) -> None:
    moved = inbox.move([1, 3, 99], b"Trash")
    assert moved.uids == {1: 1, 3: 2}
    assert moved.uidvalidity
    assert 1 not in inbox.uids()
    assert inbox.select(b"Trash").exists == 2


def test_move_to_a_folder_that_is_not_there_changes_nothing(inbox: ImapSession) -> None:
    with pytest.raises(FolderGone):
        inbox.move([1], b"Nowhere")
    assert len(inbox.uids()) == 10


def test_copy(inbox: ImapSession) -> None:
    assert inbox.copy([5], b"Archive").uids == {5: 1}
    assert len(inbox.uids()) == 10


def test_append_exact_bytes_flags_and_date(inbox: ImapSession) -> None:
    content = message(77) + "Grüße\r\n".encode()
    added = inbox.append(b"Sent", content, ["\\Seen", "$Forwarded"], 1_600_000_000)
    assert added is not None
    chosen = inbox.select(b"Sent")
    assert chosen.uidvalidity == added.uidvalidity
    header = next(inbox.fetch_headers([added.uid]))
    assert (header.flags, header.internaldate) == ({"\\Seen", "$Forwarded"}, 1_600_000_000)
    assert next(inbox.fetch_bodies([added.uid])).content == content


def test_append_to_a_folder_that_is_not_there(inbox: ImapSession) -> None:
    with pytest.raises(FolderGone):
        inbox.append(b"Nowhere", message(1))
    inbox.noop()


def test_expunge_exactly_these(inbox: ImapSession) -> None:
    inbox.set_flags([1], ["\\Deleted"], True)
    inbox.expunge([2])
    assert list(inbox.uids())[:2] == [1, 3]


def test_find_by_message_id(inbox: ImapSession) -> None:
    assert inbox.find_message_id("<7@example.test>") == (7,)
    assert inbox.find_message_id('<no "such"\\one@example.test>') == ()


def test_find_many_by_message_id_in_one_round_trip_or_two(inbox: ImapSession) -> None:
    """Also twice the same, and a name that can only go as a literal."""
    inbox.append(b"INBOX", message(7, 2000))
    wanted = ["<7@example.test>", "<9@example.test>", "<none@example.test>", "<a\r\nb@example.test>", ""]
    found = inbox.find_messages(wanted)
    assert inbox.extensions()["SEARCHRES"].used
    assert {name: [one.uid for one in several] for name, several in found.items()} == {
        wanted[0]: [max(inbox.uids()), 7],
        wanted[1]: [9],
        wanted[2]: [],
        wanted[3]: [],
    }
    assert found[wanted[0]][0].size == len(message(7, 2000))
    inbox.distrust("SEARCHRES", "To try without.")
    assert inbox.find_messages(wanted) == found


def test_create_rename_and_delete_folders(log_in: LogIn) -> None:
    session = log_in()
    session.folders()
    name = session.wire_name("Neu/日本語 & mehr")
    session.create(name)
    session.create(name)
    made = {folder.path: folder for folder in session.folders()}["Neu/日本語 & mehr"]
    assert made.subscribed
    assert session.wire_name(made.path) == name
    session.rename(name, session.wire_name("Alt"))
    assert "Alt" in {folder.path for folder in session.folders()}
    session.subscribe({b"Alt": False, b"INBOX": True})
    assert {folder.path: folder.subscribed for folder in session.folders()}["Alt"] is False
    session.subscribe({b"Gone": False})
    session.delete(b"Alt")
    session.delete(b"Alt")
    assert "Alt" not in {folder.path for folder in session.folders()}
    with pytest.raises(FolderGone):
        session.rename(b"Alt", b"Other")


def test_idle_hears_of_new_mail(dovecot: Dovecot, user: str, inbox: ImapSession, log_in: LogIn) -> None:
    wake = Wake()
    other = log_in()
    inbox.take_changes()
    adding = threading.Thread(target=other.append, args=(b"INBOX", message(11)))
    adding.start()
    assert inbox.idle(wake, 10)
    adding.join()
    assert inbox.take_changes().exists == 11
    assert inbox.uids(11) == array("I", [11])
    wake.close()


def test_idle_ends_at_once_when_woken_and_when_time_is_up(inbox: ImapSession) -> None:
    wake = Wake()
    inbox.take_changes()
    threading.Timer(0.1, wake.set).start()
    began = time.monotonic()
    assert not inbox.idle(wake, 30)
    assert time.monotonic() - began < 5
    assert not inbox.idle(wake, 30)
    wake.clear()
    assert not inbox.idle(wake, 0.05)
    inbox.noop()
    wake.close()


def test_idle_notices_the_end_of_the_connection() -> None:
    wake = Wake()
    with Dovecot() as server:
        session = ImapSession.connect(server.server("alice", Protocol.IMAP), PASSWORDS["alice"])
        session.select(b"INBOX")
        ending = threading.Timer(0.2, server.stop)
        ending.start()
        with pytest.raises(ServerClosed):
            session.idle(wake, 30)
        ending.join()
        with pytest.raises(ServerClosed):
            session.noop()
        session.close()
    wake.close()


def test_idle_reports_what_came_before_it_began(inbox: ImapSession, log_in: LogIn) -> None:
    log_in().append(b"INBOX", message(12))
    inbox.noop()
    wake = Wake()
    assert inbox.idle(wake, 30)
    wake.close()


def test_beginnings_are_the_whole_of_small_messages(dovecot: Dovecot, user: str, log_in: LogIn) -> None:
    long = b"Subject: long\r\n\r\n" + b"x" * 3000
    raws = [message(1), long, b"X-Endless: " + b"y" * 5000 + b"\r\n\r\ntext\r\n"]
    dovecot.fill(user, raws)
    session = log_in()
    session.select(b"INBOX")
    one, two, three = session.fetch_beginnings([1, 2, 3], 1000, guess=500)
    assert (one.header, one.size) == (raws[0], len(raws[0]))
    assert (two.uid, two.header, two.size) == (2, raws[1][:1000], len(raws[1]))
    assert three.header == raws[2][:1000]
    assert one.flags == {"\\Seen"}
    assert one.modseq
    assert session.take_quarantined() == ()
    assert session.header_speed > 0
