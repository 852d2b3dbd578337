"""Servers that can do less, or say it in odd ways."""

from array import array
from collections.abc import Iterator

import pytest

from qtmail.errors import (
    FolderGone,
    Refused,
)
from qtmail.model import Protocol, Role
from qtmail.net.connect import Wake
from qtmail.net.imap import ImapSession
from tests.servers import Dovecot, ScriptedServer
from tests.wire.conftest import message
from tests.wire.imap_scripts import IN, able, connect, selected


@pytest.fixture(scope="module")
def plain() -> Iterator[Dovecot]:
    """Says it knows nothing but IMAP4rev1; "." between levels, everything below "INBOX."."""
    with Dovecot(capability="IMAP4rev1 NAMESPACE", separator=".", prefix="INBOX.") as running:
        yield running


def test_everything_works_without_extensions(plain: Dovecot) -> None:
    user = plain.add_user()
    plain.fill(user, (message(n) for n in range(1, 6)))
    session = ImapSession.connect(plain.server(user, Protocol.IMAP), "secret")
    folders = {folder.path: folder for folder in session.folders()}
    assert folders["Sent"].wire_name == b"INBOX.Sent"
    assert folders["Sent"].role is Role.SENT
    assert folders["INBOX"].status is None
    assert folders["Trash"].subscribed
    assert session.wire_name("Neu/Ä") == b"INBOX.Neu.&AMQ-"
    session.create(session.wire_name("Neu/Ä"))
    assert "Neu/Ä" in {folder.path for folder in session.folders()}
    with pytest.raises(Refused):
        session.wire_name("a.b")
    assert session.select(b"INBOX").highestmodseq is None
    assert session.uids(4) == array("I", [4, 5])
    assert [one.modseq for one in session.fetch_headers([1])] == [None]
    moved = session.move([1, 99], b"INBOX.Sent")
    assert moved.uids == {1: 1}
    session.expunge([2])
    assert {one.uid: "\\Deleted" in one.flags for one in session.fetch_flags(1)} == {
        1: True,
        2: True,
        3: False,
        4: False,
        5: False,
    }
    with pytest.raises(FolderGone):
        session.move([3], b"INBOX.Nowhere")
    assert session.append(b"INBOX.Sent", message(9)) is not None
    wake = Wake()
    session.take_changes()
    assert not session.idle(wake, 0.1)
    wake.close()
    session.close()


def test_moves_without_copyuid_name_what_was_there() -> None:
    script = f"""{able("MOVE")}
        C: $ UID MOVE 1:2 "Trash"
        S: * 1 EXPUNGE
        S: * 1 EXPUNGE
        S: $ OK moved
        C: $ UID MOVE 9 "Trash"
        S: $ OK nothing to move
        C: $ UID COPY 3:4 "Trash"
        S: $ OK copied
        C: $ UID SEARCH UID 3:4
        S: * SEARCH 3
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert session.move([1, 2], b"Trash").uids == {1: None, 2: None}
        assert session.move([9], b"Trash").uids == {}
        assert session.copy([3, 4], b"Trash").uids == {3: None}
        session._client.wire.close()


def test_odd_list_replies() -> None:
    script = f"""{IN}
        C: $ LIST "" "*"
        S: * LIST (\\HasNoChildren) NIL INBOX
        S: * LIST () "." "Gesendete Objekte"
        RAW * LIST (\\\\Noselect) "/" {{7}}\\r\\n[Gmail]\\r\\n
        S: * LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Papierkorb" ("CHILDINFO" ("SUBSCRIBED"))
        S: * LIST () "/" "bad &utf7"
        S: * LIST () "/" 123
        S: * LIST () "." "a/b.c"
        S: * LIST nonsense
        S: * LIST () "/" NIL
        S: $ OK done
        C: $ LSUB "" "*"
        S: * LSUB () "/" INBOX
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        folders = {folder.path: folder for folder in session.folders()}
        assert set(folders) == {
            "INBOX",
            "Gesendete Objekte",
            "[Gmail]",
            "[Gmail]/Papierkorb",
            "bad &utf7",
            "123",
            "a∕b/c",
            "NIL",
        }
        assert folders["Gesendete Objekte"].role is Role.SENT
        assert folders["[Gmail]/Papierkorb"].role is Role.TRASH
        assert not folders["[Gmail]"].selectable
        assert folders["INBOX"].subscribed
        assert not folders["123"].subscribed
        assert folders["INBOX"].delimiter == ""
        session._client.wire.close()


def test_names_in_eight_bits_and_attributes_nobody_knows() -> None:
    script = f"""{IN}
        C: $ LIST "" "*"
        RAW * LIST (\\\\X-New \\\\Unknown) "/" "Entw\\xfcrfe"\\r\\n
        RAW * LIST () "/" "Gel\\xc3\\xb6scht"\\r\\n
        RAW * LIST () "/" {{4}}\\r\\na\\xe4 b\\r\\n
        RAW * LIST () "\\xff" broken\\r\\n
        S: * LIST () "/" "&Jjo-!"
        S: * LIST () "/" "&&&"
        S: $ OK
        C: $ LSUB "" "*"
        S: $ OK
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        folders = {folder.path: folder for folder in session.folders()}
        assert {"Entwürfe", "Gelöscht", "aä b", "☺!", "&&&", "broken"} == set(folders)
        assert folders["Entwürfe"].role is Role.DRAFTS
        assert folders["Gelöscht"].wire_name == "Gelöscht".encode()
        session._client.wire.close()
