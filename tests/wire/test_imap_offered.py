"""Extensions that no Dovecot here has, and servers that offer what they cannot do: on scripts."""

from pathlib import Path

import pytest

from qtmail.errors import MailError, Refused
from qtmail.model import Role
from qtmail.net.imap import HEADER_FIELDS, ImapSession
from qtmail.net.imap_spool import sweep
from qtmail.net.imap_values import Adding, Appended, Known
from tests.servers import ScriptedServer
from tests.wire.imap_scripts import IN, able, connect, selected

FIELDS = HEADER_FIELDS.decode()


def offering(capability: str) -> str:
    """Logged in, nothing selected, on a server that offers this."""
    return IN.replace("IMAP4rev1] in", f"IMAP4rev1 {capability}] in")


def resyncing(*selecting: str) -> str:
    """A server with QRESYNC, and what happens from the SELECT on."""
    enabled = "C: $ ENABLE CONDSTORE QRESYNC\nS: * ENABLED CONDSTORE QRESYNC\nS: $ OK done"
    return "\n".join((offering("ENABLE CONDSTORE QRESYNC"), enabled, *selecting, "HOLD"))


def close(session: ImapSession) -> None:
    session._client.wire.close()


# ---- ids and labels ----------------------------------------------------------------------------------------------


def test_emailid_comes_with_the_headers_and_mailboxid_with_the_folder() -> None:
    script = f"""{offering("OBJECTID")}
        C: $ STATUS "INBOX" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN MAILBOXID)
        S: * STATUS INBOX (MESSAGES 3 MAILBOXID (F2212ea87) UIDVALIDITY 7)
        S: $ OK done
        C: $ SELECT "INBOX"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] valid
        S: * OK [MAILBOXID (F2212ea87)] Ok
        S: $ OK [READ-WRITE] selected
        C: $ UID FETCH 1:2 (UID FLAGS INTERNALDATE RFC822.SIZE EMAILID BODY.PEEK[HEADER.FIELDS ({FIELDS})])
        RAW * 1 FETCH (UID 1 EMAILID (M6d99ac3275bb4e) FLAGS () BODY[HEADER.FIELDS (X)] {{2}}\\r\\n\\r\\n)\\r\\n
        RAW * 2 FETCH (BODY[HEADER.FIELDS (X)] {{2}}\\r\\n\\r\\n EMAILID (M99) UID 2)\\r\\n
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        status = session.status(b"INBOX")
        assert (status.mailboxid, status.total, status.uidvalidity) == ("F2212ea87", 3, 7)
        assert session.select(b"INBOX").mailboxid == "F2212ea87"
        fetched = {one.uid: one.emailid for one in session.fetch_headers([1, 2])}
        assert fetched == {1: "M6d99ac3275bb4e", 2: "M99"}
        assert session.extensions()["OBJECTID"].used
        close(session)


def test_gmails_ids_and_labels() -> None:
    script = f"""{able("X-GM-EXT-1")}
        C: $ UID FETCH 1:3 (UID FLAGS INTERNALDATE RFC822.SIZE X-GM-MSGID X-GM-LABELS BODY.PEEK[HEADER.FIELDS...
        RAW * 1 FETCH (X-GM-MSGID 1278455344230334865
        RAW {{{{b' '}}}}X-GM-LABELS ("\\\\\\\\Inbox" Work "&AMQ- b") UID 1 BODY[H] {{1}}\\r\\na)\\r\\n
        RAW * 2 FETCH (X-GM-MSGID 17 X-GM-LABELS (\\\\Sent {{3}}\\r\\n(x) "") UID 2 BODY[H] {{1}}\\r\\nb)\\r\\n
        RAW * 3 FETCH (X-GM-MSGID 18 X-GM-LABELS () UID 3 BODY[H] {{1}}\\r\\nc)\\r\\n
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        one, two, three = session.fetch_headers([1, 2, 3])
        assert (one.emailid, one.labels) == ("1278455344230334865", frozenset({"\\Inbox", "Work", "Ä b"}))
        assert (two.emailid, two.header) == ("17", b"b")
        assert two.labels == frozenset({"\\Sent", "(x)", ""})
        assert three.labels == frozenset()
        assert session.take_quarantined() == ()
        close(session)


# ---- pipelining --------------------------------------------------------------------------------------------------


def test_four_commands_are_on_the_way_before_the_first_answer() -> None:
    """And no fifth: what is in flight is bounded."""
    asked = "\n".join(f"C: $ UID FETCH {uid} (UID BODY.PEEK[])" for uid in range(1, 5))
    script = f"""{able("X")}
        {asked}
        RAW * 1 FETCH (UID 1 BODY[] {{1}}\\r\\na)\\r\\n
        S: $4 OK done
        C: $ UID FETCH 5 (UID BODY.PEEK[])
        RAW * 2 FETCH (UID 2 BODY[] {{1}}\\r\\nb)\\r\\n
        S: $4 OK done
        RAW * 3 FETCH (UID 3 BODY[] {{1}}\\r\\nc)\\r\\n
        S: $3 OK done
        RAW * 4 FETCH (UID 4 BODY[] {{1}}\\r\\nd)\\r\\n
        S: $2 OK done
        RAW * 5 FETCH (UID 5 BODY[] {{1}}\\r\\ne)\\r\\n
        S: $1 OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        session._stream.body_pace.octets = 1
        session._stream.body_pace.learn = lambda *_, **__: None  # type: ignore[method-assign]
        assert [one.content for one in session.fetch_bodies(range(1, 6))] == [b"a", b"b", b"c", b"d", b"e"]
        close(session)


# ---- large contents ----------------------------------------------------------------------------------------------

LARGE = f"""{able("X")}
    C: $ UID FETCH 1:2 (UID BODY.PEEK[])
    S: * 1 FETCH (UID 1 BODY[] {{2000000}}
    RAW {{{{b'x' * 2000000}}}})\\r\\n
    RAW * 2 FETCH (UID 2 BODY[] {{1}}\\r\\nb)\\r\\n
    S: $ OK done
    C: $ NOOP
    S: $ OK done
    HOLD"""


def test_a_full_disk_is_said_and_the_session_goes_on(tmp_path: Path) -> None:
    with ScriptedServer(LARGE) as server:
        session = selected(server)
        with pytest.raises(MailError, match="could not be kept on the disk") as caught:
            list(session.fetch_bodies([1, 2], spool=tmp_path / "missing"))
        assert caught.value.retry
        session.noop()
        close(session)


def test_a_large_content_cut_off_leaves_no_file(tmp_path: Path) -> None:
    script = f"""{able("X")}
        C: $ UID FETCH 1 (UID BODY.PEEK[])
        S: * 1 FETCH (UID 1 BODY[] {{2000000}}
        RAW {{{{b'x' * 1500000}}}}
        DROP"""
    with ScriptedServer(script) as server:
        session = selected(server)
        with pytest.raises(MailError):
            list(session.fetch_bodies([1], spool=tmp_path))
        session.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_program_left_is_swept(tmp_path: Path) -> None:
    with ScriptedServer(LARGE) as server:
        session = selected(server)
        one = next(session.fetch_bodies([1, 2], spool=tmp_path))
        assert one.spooled
        assert one.spooled.path.stat().st_size == 2_000_000
        session.noop()
        close(session)
    (tmp_path / "other").write_text("not ours")
    assert sweep(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


# ---- adding ------------------------------------------------------------------------------------------------------


def test_replace_in_one_command() -> None:
    script = f"""{able("REPLACE LITERAL+")}
        C: $ UID REPLACE 2 "Drafts" (\\Draft) {{1+}}
        C: x
        S: * OK [APPENDUID 9 2001] ready
        S: * 2 EXPUNGE
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert session.replace(2, b"Drafts", b"x", ["\\Draft"]) == Appended(9, 2001)
        close(session)


def test_too_large_for_the_server_is_refused_before_it_is_sent() -> None:
    with ScriptedServer(f"{able('APPENDLIMIT=1000')}\nHOLD") as server:
        session = selected(server)
        assert session.append_limit() == 1000
        for send in (
            lambda: session.append(b"Sent", b"x" * 1001),
            lambda: list(session.append_many(b"Sent", [Adding(b"x" * 1001), Adding(b"x")])),
            lambda: session.replace(1, b"Sent", b"x" * 1001),
        ):
            with pytest.raises(Refused, match="1,000 at most"):
                send()
        assert b"APPEND" not in server.received
        close(session)


def test_limits_of_one_folder() -> None:
    script = f"""{offering("APPENDLIMIT")}
        C: $ STATUS "INBOX" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN APPENDLIMIT)
        S: * STATUS INBOX (MESSAGES 1 APPENDLIMIT 257890)
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        assert session.append_limit() is None
        assert session.status(b"INBOX").appendlimit == 257_890
        close(session)


@pytest.mark.parametrize(
    ("capability", "size", "announced"),
    [("LITERAL-", 4096, "4096+"), ("LITERAL-", 4097, "4097"), ("LITERAL+", 4097, "4097+"), ("X", 1, "1")],
)
def test_small_literals_go_without_waiting(capability: str, size: int, announced: str) -> None:
    waiting = "" if announced.endswith("+") else "S: + go"
    script = f"""{able(capability)}
        C: $ APPEND "Sent" () {{{announced}}}
        {waiting}
        READ {size}
        C:
        S: $ OK [APPENDUID 3 4] done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert session.append(b"Sent", b"x" * size) == Appended(3, 4)
        close(session)


def test_octets_that_are_no_text_go_as_binary() -> None:
    script = f"""{able("BINARY LITERAL+")}
        C: $ APPEND "Sent" () ~{{3+}}
        READ 3
        C:
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert session.append(b"Sent", b"a\0b") is None
        assert session.extensions()["BINARY"].used
        close(session)


def test_several_where_the_answer_names_another_number_of_uids() -> None:
    script = f"""{able("MULTIAPPEND LITERAL+")}
        C: $ APPEND "Sent" () {{1+}}
        C: a () {{1+}}
        C: b
        S: $ OK [APPENDUID 3 4:6] done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert list(session.append_many(b"Sent", [Adding(b"a"), Adding(b"b")])) == [None, None]
        close(session)


def test_a_new_folder_gets_its_role_or_at_least_exists() -> None:
    script = f"""{offering("CREATE-SPECIAL-USE")}
        C: $ CREATE "Gesendet" (USE (\\Sent))
        C: $ SUBSCRIBE "Gesendet"
        S: $2 OK done
        S: $1 OK done
        C: $ CREATE "Kram" (USE (\\Junk))
        C: $ SUBSCRIBE "Kram"
        S: $2 NO [USEATTR] not here
        S: $1 NO what
        C: $ CREATE "Kram"
        C: $ SUBSCRIBE "Kram"
        S: $2 OK done
        S: $1 OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        session.create(b"Gesendet", Role.SENT)
        session.create(b"Kram", Role.JUNK)
        assert session.extensions()["CREATE-SPECIAL-USE"].trouble
        close(session)


# ---- offered, and not held ---------------------------------------------------------------------------------------


def test_qresync_that_is_refused_is_never_asked_again() -> None:
    plain = 'C: $ SELECT "INBOX"\nS: * 3 EXISTS\nS: * OK [UIDVALIDITY 7] v\nS: * OK [HIGHESTMODSEQ 9] h\nS: $ OK done'
    script = resyncing('C: $ SELECT "INBOX" (QRESYNC (7 5 1:3))', "S: $ BAD invalid known-uids", plain, plain)
    with ScriptedServer(script) as server:
        session = connect(server)
        for _ in range(2):
            chosen = session.select(b"INBOX", known=Known(7, 5, [1, 2, 3]))
            assert chosen.exists == 3
            assert chosen.resynced is None
        assert "invalid known-uids" in session.extensions()["QRESYNC"].trouble
        close(session)


@pytest.mark.parametrize(
    "odd", ["* VANISHED (EARLIER) 1:4294967295", "* VANISHED (EARLIER) x", "* 1 FETCH (FLAGS (\\Seen) MODSEQ (8))"]
)
def test_a_resynchronisation_that_makes_no_sense_is_not_believed(odd: str) -> None:
    answer = "S: * 3 EXISTS\nS: * OK [UIDVALIDITY 7] v\nS: * OK [HIGHESTMODSEQ 9] h"
    script = resyncing(
        f'C: $ SELECT "INBOX" (QRESYNC (7 5))\n{answer}\nS: {odd}\nS: $ OK done',
        f'C: $ SELECT "INBOX"\n{answer}\nS: $ OK done',
    )
    with ScriptedServer(script) as server:
        session = connect(server)
        assert session.select(b"INBOX", known=Known(7, 5)).resynced is None
        assert session.extensions()["QRESYNC"].trouble
        close(session)


def test_what_was_said_of_the_folder_before_is_not_taken_for_this_one() -> None:
    script = resyncing(
        'C: $ SELECT "INBOX" (QRESYNC (7 5))',
        "S: * VANISHED (EARLIER) 99",
        "S: * 2 FETCH (UID 98 FLAGS (\\Seen) MODSEQ (77))",
        "S: * OK [CLOSED] before",
        "S: * 3 EXISTS",
        "S: * OK [UIDVALIDITY 7] v",
        "S: * OK [HIGHESTMODSEQ 9] h",
        "S: * VANISHED (EARLIER) 2,4:5",
        'S: * 1 FETCH (MODSEQ (8) UID 1 FLAGS (\\Seen $X) X "y")',
        "S: $ OK done",
    )
    with ScriptedServer(script) as server:
        session = connect(server)
        told = session.select(b"INBOX", known=Known(7, 5)).resynced
        assert told
        assert list(told.vanished) == [2, 4, 5]
        assert [(one.uid, one.flags, one.modseq) for one in told.changed] == [(1, frozenset({"\\Seen", "$X"}), 8)]
        close(session)


def test_compression_and_notify_that_are_refused() -> None:
    script = f"""{able("COMPRESS=DEFLATE NOTIFY UNSELECT")}
        C: $ COMPRESS DEFLATE
        S: $ NO [COMPRESSIONACTIVE] TLS does it
        C: $ NOTIFY SET...
        S: $ BAD no such thing
        C: $ UNSELECT
        S: $ BAD what
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert not session.compress()
        assert not session.compress()
        assert not session.notify()
        assert not session.notify()
        session.unselect()
        told = session.extensions()
        assert "TLS does it" in told["COMPRESS=DEFLATE"].trouble
        assert told["NOTIFY"].trouble
        close(session)


def test_compressed_nonsense_ends_the_session() -> None:
    script = f"""{able("COMPRESS=DEFLATE")}
        C: $ COMPRESS DEFLATE
        S: $ OK done
        RAW {{{{bytes([255]) * 100}}}}
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        with pytest.raises(MailError, match="makes no sense"):
            session.compress()
            session.noop()
        session.close()


def test_without_an_extension_nothing_is_asked() -> None:
    with ScriptedServer(f"{able('X')}\nHOLD") as server:
        session = selected(server)
        received = len(server.received)
        assert session.quota() == ()
        assert session.rights_of([b"INBOX"]) == session.sizes_of([b"INBOX"]) == {b"INBOX": None}
        assert not session.compress()
        assert not session.notify()
        assert list(session.fetch_previews([1])) == []
        assert len(server.received) == received
        close(session)


@pytest.mark.parametrize("odd", ['QUOTA "" (STORAGE x 5)', "QUOTA", 'QUOTA "" (STORAGE 1', "QUOTA root NIL"])
def test_a_quota_that_makes_no_sense_is_no_quota(odd: str) -> None:
    script = f'{able("QUOTA")}\nC: $ GETQUOTAROOT "INBOX"\nS: * {odd}\nS: $ OK done\nHOLD'
    with ScriptedServer(script) as server:
        session = selected(server)
        assert session.quota() == ()
        close(session)


def test_previews_in_every_form() -> None:
    script = f"""{able("PREVIEW")}
        C: $ UID FETCH 1:5 (UID PREVIEW)
        RAW * 1 FETCH (UID 1 PREVIEW {{7}}\\r\\na  b\\r\\nc)\\r\\n
        S: * 2 FETCH (PREVIEW NIL UID 2)
        S: * 3 FETCH (UID 3 FLAGS ())
        S: * 4 FETCH (UID x PREVIEW "y")
        S: * 5 FETCH (UID 5 PREVIEW "")
        S: * 9 EXISTS
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [(one.uid, one.text) for one in session.fetch_previews(range(1, 6))] == [
            (1, "a b c"),
            (2, None),
            (5, ""),
        ]
        assert session.take_changes().exists == 9
        close(session)
