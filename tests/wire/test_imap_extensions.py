"""What extensions bring, on a Dovecot that has them."""

import hashlib
import os
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtmail.errors import FolderGone, MailboxFull, Refused
from qtmail.model import Protocol, Security
from qtmail.net.connect import Wake
from qtmail.net.imap import ImapSession
from qtmail.net.imap_values import Adding, Known
from tests.servers import Dovecot
from tests.wire.conftest import message

LogIn = Callable[..., ImapSession]

PLUGINS = """
mail_plugins = quota acl
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl imap_zlib
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=900K
  quota_grace = 0
  acl = vfile
}
"""


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """With quota, access control and compression."""
    with Dovecot(extra=PLUGINS) as running:
        yield running


@pytest.fixture
def inbox(dovecot: Dovecot, user: str, log_in: LogIn) -> ImapSession:
    """Ten messages, INBOX selected."""
    dovecot.fill(user, (message(number) for number in range(1, 11)))
    session = log_in()
    session.select(b"INBOX")
    return session


# ---- what is used ------------------------------------------------------------------------------------------------


def test_what_is_offered_and_what_was_used(inbox: ImapSession) -> None:
    told = inbox.extensions()
    assert {"IDLE", "QRESYNC", "COMPRESS=DEFLATE", "QUOTA", "SORT"} <= set(told.advertised)
    assert {"CONDSTORE", "ENABLE", "ID", "NAMESPACE", "LITERAL+", "SASL-IR"} <= set(told.used)
    assert not told["move"].used
    assert told["MOVE"].purpose
    assert not told["SORT"].purpose
    assert not told["OBJECTID"].advertised
    inbox.move([1], b"Trash")
    assert inbox.extensions()["MOVE"].used
    with pytest.raises(KeyError):
        told["NONSENSE"]


def test_what_was_set_aside_is_not_used(dovecot: Dovecot, user: str) -> None:
    dovecot.fill(user, [message(1), message(2)])
    session = ImapSession.connect(dovecot.server(user, Protocol.IMAP), "secret", set_aside=["move", "QRESYNC"])
    session.select(b"INBOX")
    assert session.enabled == frozenset({"CONDSTORE"})
    assert session.move([1], b"Trash").uids == {1: 1}
    assert not session.supports("MOVE")
    row = session.extensions()["MOVE"]
    assert row.advertised
    assert not row.used
    assert row.trouble
    session.distrust("ESEARCH", "It forgot a message.")
    assert list(session.uids()) == [2]
    assert session.extensions()["ESEARCH"].trouble == "It forgot a message."
    session.close()


def test_server_and_program_tell_their_names(inbox: ImapSession) -> None:
    assert inbox.server_id == {"name": "Dovecot"}


# ---- resynchronisation -------------------------------------------------------------------------------------------


def test_select_tells_what_changed_and_vanished(inbox: ImapSession, log_in: LogIn) -> None:
    before = inbox.select(b"INBOX")
    assert before.highestmodseq
    other = log_in()
    other.select(b"INBOX")
    other.expunge([2, 3])
    other.set_flags([5], ["\\Flagged"], True)
    other.append(b"INBOX", message(11))
    known = Known(before.uidvalidity, before.highestmodseq, range(1, 11))
    again = inbox.select(b"INBOX", known=known)
    assert again.resynced
    assert list(again.resynced.vanished) == [2, 3]
    assert {one.uid: one.flags for one in again.resynced.changed} == {5: {"\\Seen", "\\Flagged"}}
    assert inbox.extensions()["QRESYNC"].used
    assert not inbox.take_changes()


def test_select_with_sparse_uids_and_with_none(inbox: ImapSession, log_in: LogIn) -> None:
    before = inbox.select(b"INBOX")
    assert before.highestmodseq
    other = log_in()
    other.select(b"INBOX")
    other.expunge([2, 3])
    for uids in ((1, 3, 7), ()):
        again = inbox.select(b"INBOX", readonly=True, known=Known(before.uidvalidity, before.highestmodseq, uids))
        assert again.resynced
        assert 3 in again.resynced.vanished


def test_another_uidvalidity_is_never_taken_for_a_resynchronisation(inbox: ImapSession) -> None:
    before = inbox.select(b"INBOX")
    assert inbox.select(b"INBOX", known=Known(before.uidvalidity + 1, 1)).resynced is None
    with pytest.raises(FolderGone):
        inbox.select(b"Nowhere", known=Known(1, 1))
    assert inbox.supports("QRESYNC")


def test_leaving_a_folder_expunges_nothing(inbox: ImapSession) -> None:
    inbox.set_flags([1], ["\\Deleted"], True)
    inbox.unselect()
    inbox.unselect()
    assert inbox.select(b"INBOX").exists == 10


# ---- fetching ----------------------------------------------------------------------------------------------------


def test_large_bodies_go_to_disk(dovecot: Dovecot, user: str, log_in: LogIn, tmp_path: Path) -> None:
    contents = [message(1), message(2, 3_000_000), message(3, 1_200_000), message(4, 500)]
    dovecot.fill(user, contents)
    session = log_in(Security.TLS)
    session.select(b"INBOX")
    for number, one in enumerate(session.fetch_bodies(range(1, 5), spool=tmp_path)):
        content = contents[number]
        assert one.uid == number + 1
        if number in (1, 2):
            assert one.spooled
            assert one.content == b""
            assert one.spooled.path.read_bytes() == content
            assert (one.spooled.size, one.spooled.sha256) == (len(content), hashlib.sha256(content).digest())
            one.spooled.discard()
            one.spooled.discard()
        else:
            assert one.spooled is None
            assert one.content == content
    assert list(tmp_path.iterdir()) == []


def test_uids_are_read_only_as_far_as_needed(dovecot: Dovecot, user: str, log_in: LogIn) -> None:
    """An iterator that ends early ends the fetch: nothing more is asked for."""
    dovecot.fill(user, (message(number) for number in range(1, 301)))
    session = log_in()
    session.select(b"INBOX")
    stop = threading.Event()
    drawn: list[int] = []

    def wanted() -> Iterator[int]:
        for uid in session_uids:
            if stop.is_set():
                return
            drawn.append(uid)
            yield uid

    session_uids = list(session.uids())
    session._stream.body_pace.octets = 40 * 32 * 1024
    came = []
    for one in session.fetch_bodies(wanted()):
        came.append(one.uid)
        stop.set()
    assert came == drawn
    assert len(came) < 300
    session.noop()


def test_previews(inbox: ImapSession) -> None:
    assert [(one.uid, one.text) for one in inbox.fetch_previews([1, 2, 99])] == [(1, "Hello."), (2, "Hello.")]
    inbox.distrust("PREVIEW", "Test.")
    assert list(inbox.fetch_previews([1])) == []


@pytest.mark.parametrize("security", [Security.NONE, Security.TLS])
def test_compression(dovecot: Dovecot, user: str, log_in: LogIn, security: Security) -> None:
    contents = {number: message(number, 100_000) for number in range(1, 4)}
    dovecot.fill(user, contents.values())
    session = log_in(security)
    assert session.compress()
    assert session.compress()
    session.select(b"INBOX")
    assert {one.uid: one.content for one in session.fetch_bodies([1, 2, 3])} == contents
    assert session.bytes_in < 20_000
    sent = session.bytes_out
    assert session.append(b"Sent", message(9, 50_000))
    assert session.bytes_out - sent < 5_000
    wake = Wake()
    assert not session.idle(wake, 0.05)
    wake.close()
    assert session.extensions()["COMPRESS=DEFLATE"].used


def test_what_does_not_compress_arrives_all_the_same(dovecot: Dovecot, user: str, log_in: LogIn) -> None:
    noise = zlib.compress(os.urandom(150_000)).hex().encode()
    content = message(1) + b"\r\n".join(noise[at : at + 76] for at in range(0, len(noise), 76)) + b"\r\n"
    dovecot.fill(user, [content[:250_000]])
    session = log_in()
    session.compress()
    session.select(b"INBOX")
    assert next(session.fetch_bodies([1])).content == content[:250_000]


# ---- adding ------------------------------------------------------------------------------------------------------


def test_several_messages_in_one_command(log_in: LogIn, dovecot: Dovecot, user: str) -> None:
    session = log_in()
    adding = [Adding(message(number), ("\\Seen",), 1_600_000_000 + number) for number in range(3)]
    added = [one.uid for one in session.append_many(b"Sent", adding) if one]
    assert added == [1, 2, 3]
    session.select(b"Sent")
    assert [(one.uid, one.internaldate) for one in session.fetch_headers(added)] == [
        (1, 1_600_000_000),
        (2, 1_600_000_001),
        (3, 1_600_000_002),
    ]
    assert list(session.append_many(b"Sent", [])) == []
    session.distrust("MULTIAPPEND", "Test.")
    assert len(list(session.append_many(b"Sent", adding))) == 3
    assert len(dovecot.messages(user, "Sent")) == 6


def test_over_quota_nothing_is_added_and_the_session_goes_on(log_in: LogIn, dovecot: Dovecot, user: str) -> None:
    session = log_in()
    with pytest.raises(MailboxFull, match="full"):
        session.append(b"INBOX", message(1, 1_000_000))
    with pytest.raises(MailboxFull, match="full"):
        list(
            session.append_many(
                b"INBOX", [Adding(message(2)), Adding(message(3, 600_000)), Adding(message(4, 500_000))]
            )
        )
    assert dovecot.messages(user) == []
    assert session.append(b"INBOX", message(5))


def test_a_draft_in_place_of_the_older_one(inbox: ImapSession) -> None:
    added = inbox.replace(3, b"INBOX", message(33), ["\\Draft"])
    assert added
    assert added.uid == 11
    assert 3 not in inbox.uids()
    assert 11 in inbox.uids()


# ---- the account -------------------------------------------------------------------------------------------------


def test_quota(inbox: ImapSession) -> None:
    inbox.append(b"INBOX", message(11, 100_000))
    (quota,) = inbox.quota()
    assert (quota.root, quota.resource, quota.limit) == ("User quota", "STORAGE", 900 * 1024)
    assert 90_000 < quota.used < 120_000


def test_rights(inbox: ImapSession, dovecot: Dovecot, user: str) -> None:
    rights = inbox.rights_of([b"INBOX"])[b"INBOX"]
    assert rights
    assert rights.letters >= set("lrwstipekxa")
    acl = dovecot.folder(user, "Shown") / "dovecot-acl"
    acl.write_text("owner lr\n")
    shown = inbox.rights_of([b"Shown"])[b"Shown"]
    assert shown
    assert shown.letters == set("lr")
    with pytest.raises(Refused):
        inbox.append(b"Shown", message(1))


def test_size_of_a_folder(inbox: ImapSession) -> None:
    size = sum(len(message(number)) for number in range(1, 11))
    assert inbox.sizes_of([b"Trash", b"INBOX", b"Gone"]) == {b"Trash": 0, b"INBOX": size, b"Gone": None}


def test_other_folders_are_told_as_well(inbox: ImapSession, log_in: LogIn) -> None:
    assert inbox.notify()
    wake = Wake()
    inbox.take_changes()
    inbox.take_folder_news()
    other = log_in()
    adding = threading.Thread(target=other.append, args=(b"Archive", message(1)))
    adding.start()
    assert inbox.idle(wake, 20)
    adding.join()
    news = inbox.take_folder_news()
    assert news.changed[b"Archive"].total == 1
    assert not inbox.take_folder_news()
    other.create(b"New")
    while not news.renamed_or_new:
        assert inbox.idle(wake, 20)
        news = inbox.take_folder_news()
    adding = threading.Thread(target=other.append, args=(b"INBOX", message(11)))
    adding.start()
    while inbox.take_changes().exists != 11:
        assert inbox.idle(wake, 20)
        inbox.take_folder_news()
    adding.join()
    wake.close()
