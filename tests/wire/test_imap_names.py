"""Names of folders in UTF-8 (UTF8=ACCEPT): other bytes on the wire, the same names for everybody else."""

from qtmail.net.imap_values import Appended
from tests.servers import ScriptedServer
from tests.wire.imap_scripts import IN, connect

OFFER = IN.replace("IMAP4rev1] in", "IMAP4rev1 ENABLE UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL+ MOVE] in")
ENABLED = "C: $ ENABLE UTF8=ACCEPT\nS: * ENABLED UTF8=ACCEPT\nS: $ OK done"
WIRE = b"Entw&APw-rfe &- mehr"
TOLD = "Entw\\xc3\\xbcrfe & mehr"


def test_names_are_the_same_in_every_session() -> None:
    script = f"""{OFFER}
        C: $ ENABLE UTF8=ACCEPT
        C: $ LIST "" "*" RETURN (SUBSCRIBED STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN))
        S: * ENABLED UTF8=ACCEPT
        S: $2 OK done
        RAW * LIST () "/" "{TOLD}"\\r\\n
        S: * LIST () "/" "Plain"
        RAW * STATUS "{TOLD}" (MESSAGES 3)\\r\\n
        S: $1 OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        folders = {folder.path: folder for folder in session.folders()}
        drafts = folders["Entwürfe & mehr"]
        assert drafts.wire_name == WIRE
        assert drafts.status
        assert drafts.status.total == 3
        assert folders["Plain"].wire_name == b"Plain"
        assert session.wire_name("Entwürfe & mehr") == WIRE
        assert session.extensions()["UTF8=ACCEPT"].used
        session._client.wire.close()


def test_every_command_names_it_in_utf8() -> None:
    name = '"Entwürfe & mehr"'
    script = f"""{OFFER}
        {ENABLED}
        C: $ CREATE {name}
        C: $ SUBSCRIBE {name}
        S: $2 OK done
        S: $1 OK done
        C: $ RENAME "a &broken" {name}
        S: $ OK done
        C: $ SUBSCRIBE {name}
        C: $ UNSUBSCRIBE "a &broken"
        S: $2 OK done
        S: $1 OK done
        C: $ SELECT {name}
        S: * OK [UIDVALIDITY 7] v
        S: $ OK done
        C: $ UID MOVE 1 {name}
        S: $ OK [COPYUID 7 1 2] done
        C: $ APPEND {name} () {{1+}}
        C: x
        S: $ OK done
        C: $ DELETE {name}
        C: $ UNSUBSCRIBE {name}
        S: $2 OK done
        S: $1 OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        session.create(WIRE)
        session.rename(b"a &broken", WIRE)
        assert session.select(WIRE).uidvalidity == 7
        assert session.move([1], WIRE).uids == {1: 2}
        assert session.append(WIRE, b"x") is None
        session.delete(WIRE)
        session._client.wire.close()


def test_headers_beyond_ascii_are_added_as_utf8() -> None:
    content = "Subject: Grüße\r\n\r\nx".encode()
    script = f"""{OFFER}
        {ENABLED}
        C: $ APPEND "Sent" (\\Seen) UTF8 (~{{{len(content)}+}}
        READ {len(content)}
        C: )
        S: $ OK [APPENDUID 1 2] done
        C: $ APPEND "Sent" () {{3+}}
        READ 3
        C:
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        session._before_names()
        assert session.append(b"Sent", content, ["\\Seen"]) == Appended(1, 2)
        assert session.append(b"Sent", b"a\r\n") is None
        session._client.wire.close()


def test_a_server_that_does_not_grant_it_hears_the_old_form() -> None:
    script = f"""{OFFER}
        C: $ ENABLE UTF8=ACCEPT
        S: * ENABLED
        S: $ OK done
        C: $ CREATE "Entw&APw-rfe &- mehr"
        C: $ SUBSCRIBE "Entw&APw-rfe &- mehr"
        S: $2 OK done
        S: $1 OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        session.create(WIRE)
        assert not session.extensions()["UTF8=ACCEPT"].used
        session._client.wire.close()


def test_imap4rev2_is_enabled_and_what_changes_with_it_is_taken() -> None:
    """Names in UTF-8, SEARCH answered as ESEARCH; a header beyond ASCII still goes as any octets do."""
    offer = IN.replace("IMAP4rev1] in", "IMAP4rev1 IMAP4rev2 LITERAL+] in")
    script = f"""{offer}
        C: $ ENABLE IMAP4REV2
        C: $ NAMESPACE
        C: $ LIST "" "*" RETURN (SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN))
        S: * ENABLED IMAP4rev2
        S: $3 OK done
        S: * NAMESPACE (("" "/")) NIL NIL
        S: $2 OK done
        RAW * LIST () "/" "{TOLD}"\\r\\n
        S: $1 OK done
        C: $ SELECT "Entwürfe & mehr"
        S: * 1 EXISTS
        RAW * LIST () "/" "{TOLD}" ("OLDNAME" ("Old"))\\r\\n
        S: * OK [UIDVALIDITY 7] v
        S: $ OK [READ-WRITE] done
        C: $ UID SEARCH HEADER MESSAGE-ID "<a@b>"
        S: * ESEARCH (TAG "x") UID ALL 4,6
        S: $ OK done
        C: $ UID SEARCH RETURN (ALL) ALL
        S: * ESEARCH (TAG "x") UID
        S: $ OK done
        C: $ APPEND "Entwürfe & mehr" () {{12+}}
        READ 12
        SKIP
        S: $ OK [APPENDUID 7 9] done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        (folder,) = session.folders()
        assert folder.wire_name == WIRE
        session.select(WIRE)
        assert session.find_message_id("<a@b>") == (4, 6)
        assert list(session.uids()) == []
        assert session.append(WIRE, "A: é\r\n\r\nx\r\n".encode()) == Appended(7, 9)
        assert session.extensions()["IMAP4REV2"].used
        session._client.wire.close()


def test_a_server_of_imap4rev2_alone_is_taken_too() -> None:
    script = f"""S: * OK [CAPABILITY IMAP4rev2 SASL-IR AUTH=PLAIN] hello
        C: $ AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        S: $ OK [CAPABILITY IMAP4rev2] in
        C: $ NAMESPACE
        S: $ OK done
        C: $ STATUS "Entwürfe & mehr" (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)
        RAW * STATUS "{TOLD}" (MESSAGES 3)\\r\\n
        S: $ OK done
        HOLD"""
    with ScriptedServer(script) as server:
        session = connect(server)
        assert session.statuses_of([WIRE])[WIRE].total == 3  # type: ignore[union-attr]
        session._client.wire.close()
