"""Sizes, lines and answers past every limit, and folders that go away under a session."""

import pytest

from qtmail.errors import FolderGone, MailError, ProtocolError, Refused, ServerClosed, TemporarilyRefused
from qtmail.net import imap_fetch, imap_transport
from tests.servers import ScriptedServer
from tests.wire.imap_scripts import IN, SELECTED, connect, fetch, selected


@pytest.mark.parametrize("size", ["2147483648", "9" * 15, "9" * 19, "9" * 20, "9" * 21, "-1", "-2147483648", "x"])
def test_a_literal_of_absurd_size_in_a_fetch(size: str) -> None:
    """Neither believed nor waited for; no memory is set aside for it."""
    announced = f"S: * 1 FETCH (UID 1 BODY[] {{{size}}}"
    script = fetch(announced, "RAW hello)\\r\\n", "S: what?", "DROP").removesuffix("\nHOLD")
    with ScriptedServer(script) as server:
        session = selected(server)
        with pytest.raises((ProtocolError, ServerClosed)):
            list(session.fetch_bodies([1, 2, 3], size_hint={1: 100}))
        session.close()


def test_lines_without_end_end_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each comes in time and is harmless; the command never ends."""
    monkeypatch.setattr(imap_transport, "REPLY_LIMIT", 100_000)
    monkeypatch.setattr(imap_fetch, "_LINES", 1_000)
    endless = "DRIP 1000000 * OK still here\\r\\n"
    with ScriptedServer(f"{IN}\nC: $ NOOP\n{endless}", f"{SELECTED}\nC: $ UID FETCH...\n{endless}") as server:
        session = connect(server)
        with pytest.raises(ProtocolError, match="does not come to an end"):
            session.noop()
        session = selected(server)
        with pytest.raises(ProtocolError, match="does not come to an end"):
            list(session.fetch_bodies([1]))
        session = selected(server)
        with pytest.raises(ProtocolError, match="does not come to an end"):
            list(session.fetch_flags(1))


def test_a_line_of_two_megabytes_is_read() -> None:
    script = fetch("RAW * 1 FETCH (UID 1 X {{b'x' * 2000000}} BODY[] {1}\\r\\na)\\r\\n", "S: $ OK done")
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [one.content for one in session.fetch_bodies([1, 2, 3])] == [b"a"]
        session._client.wire.close()


@pytest.mark.parametrize("end", ["$ OK", "$ ok", "$ OK [", "$ OK [X"])
def test_a_tagged_ok_without_text(end: str) -> None:
    script = fetch("RAW * 1 FETCH (UID 1 BODY[] {1}\\r\\na)\\r\\n", f"RAW {end} \\r\\n")
    with ScriptedServer(script) as server:
        session = selected(server)
        assert [one.content for one in session.fetch_bodies([1, 2, 3])] == [b"a"]
        session._client.wire.close()


@pytest.mark.parametrize("answer", ["A999 OK done", "OK done", "$", ") stray"])
def test_a_tag_that_is_not_ours_ends_the_session(answer: str) -> None:
    with ScriptedServer(f"{SELECTED}\nC: $ UID...\nRAW {answer}\\r\\n\nHOLD") as server:
        with pytest.raises(ProtocolError):
            list(selected(server).fetch_bodies([1]))
        with pytest.raises(ProtocolError):
            selected(server).uids(2)


def test_a_bye_in_the_middle_of_a_fetch() -> None:
    script = fetch("RAW * 1 FETCH (UID 1 BODY[] {1}\\r\\na)\\r\\n", "S: * BYE [UNAVAILABLE] restarting", "DROP")
    with ScriptedServer(script) as server:
        session = selected(server)
        bodies = session.fetch_bodies([1, 2, 3])
        assert next(bodies).uid == 1
        with pytest.raises(TemporarilyRefused) as caught:
            next(bodies)
        assert caught.value.server_words == "restarting"
        session.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("$ NO [READ-ONLY] look, do not touch", Refused),
        ("$ NO [NONEXISTENT] it was deleted", FolderGone),
        ("$ NO [UNAVAILABLE] later", TemporarilyRefused),
        ("$ NO [LIMIT] too many", TemporarilyRefused),
        ("$ BAD no folder selected", Refused),
        ("* BYE folder deleted", ServerClosed),
    ],
)
def test_a_folder_that_cannot_be_changed_or_is_gone_while_selected(answer: str, kind: type[MailError]) -> None:
    with ScriptedServer(f"{SELECTED}\nC: $ UID STORE...\nS: {answer}\nHOLD") as server:
        session = selected(server)
        with pytest.raises(kind) as caught:
            session.set_flags([1], ["\\Seen"], True)
        assert type(caught.value) is kind
        session._client.wire.close()
