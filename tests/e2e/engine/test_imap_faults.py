"""What servers and networks do wrong, met by the whole engine in the middle of its work on a real mailbox.

Each time: no crash, words that people understand, no secret in the log; and once the fault is gone, without anybody's
help, the same mail on both sides, each message once, everything told.
"""

import logging
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtmail.engine import clock
from qtmail.events import Problem
from qtmail.model import Flag
from qtmail.net import imap_fetch, imap_transport
from qtmail.net.imap import ImapSession
from tests.e2e.engine.conftest import mailbox, message
from tests.e2e.engine.lab import Case, case
from tests.servers import Dovecot
from tests.servers.dovecot import SPARE_PASSWORD

PATIENCE = 0.7
"""Seconds a server may keep these sessions waiting."""
Fault = Callable[[Case], None]
JARGON = re.compile(r"\b(UID|FETCH|NO|BAD|BYE|STORE|Traceback|None)\b|\\|\[|b'|Error")


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with Dovecot() as running:
        yield running


@pytest.fixture
def one(server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Case]:
    """Twelve mails known, three new ones there, and things done here that the server is still to be told."""
    monkeypatch.setitem(ImapSession.connect.__func__.__kwdefaults__, "timeout", PATIENCE)  # type: ignore[attr-defined]
    monkeypatch.setattr(imap_transport, "REPLY_LIMIT", 1_000_000)
    monkeypatch.setattr(imap_fetch, "_LINES", 10_000)
    with case(server, tmp_path) as found:
        found.fill(mailbox(12))
        found.fill([message(40), message(41)], "Work")
        found.sync()
        found.fill([message(n) for n in (20, 21, 22)])
        found.fill([message(42)], "Work")
        found.mail.set_flag(found.rows("Mail 1", "Mail 2"), Flag.FLAGGED, True)
        found.mail.move(found.rows("Mail 3"), found.folder("Work"))
        found.mail.expunge(found.rows("Mail 4"))
        letter = tmp_path / "letter.eml"
        letter.write_bytes(message(60))
        found.mail.import_messages(letter, found.folder("Work"))
        yield found


def understandable(problem: Problem) -> None:
    for words in filter(None, (problem.what, problem.hint)):
        assert words.endswith((".", "!")), words
        assert not JARGON.search(words), words
    assert problem.hint or problem.retry


def instead(name: str, change: Callable[[bytes], bytes | None], *, times: int = 10**9) -> Fault:
    """Lines of answers to commands that begin like this are changed, so often."""
    wanted = re.compile(name.encode())

    def fault(one: Case) -> None:
        left = [times]

        def answer(command: bytes, line: bytes) -> bytes | None:
            if not left[0] or not wanted.match(command):
                return line
            changed = change(line)
            left[0] -= changed != line
            return changed

        one.line.answer = answer

    return fault


def sub(pattern: bytes, by: bytes, count: int = 0) -> Callable[[bytes], bytes]:
    """`by`: "T" stands for the tag, NL for a line's end."""
    found = re.compile(pattern, re.IGNORECASE | re.DOTALL)
    return lambda line: found.sub(by.replace(b"NL", b"\r\n"), line, count)


def end(by: bytes) -> Callable[[bytes], bytes]:
    """The tagged line is this (after the tag)."""
    return lambda line: line if line.startswith((b"*", b"+")) else line.partition(b" ")[0] + b" " + by + b"\r\n"


def first(extra: bytes) -> Callable[[bytes], bytes]:
    """These lines come before any other."""
    return lambda line: extra + line


def vanishes(path: str) -> Fault:
    """Another client deletes the folder as soon as it is selected."""

    def fault(one: Case) -> None:
        done: list[str] = []

        def answer(command: bytes, line: bytes) -> bytes:
            if not done and re.match(rb'(SELECT|EXAMINE) "%s"' % path.encode(), command) and line[:1] not in b"*+":
                done.append(one.server.doveadm("mailbox", "delete", "-u", one.user, path))
            return line

        one.line.answer = answer

    return fault


_FETCHED = rb"(FETCH \()"
_ODD_LIST = (
    rb"""* LIST (\HasNoChildren) NIL lonely
* LIST () "/" "bad &utf7"
* LIST () "/" "Entw%cfe"
* LIST () "/" "child" ("CHILDINFO" ("SUBSCRIBED"))
* LIST () "/" {4}
a b
* LIST nonsense
* LIST () "/" NIL
""".replace(b"\n", b"\r\n").replace(b"a b\r\n", b"a bc\r\n")
    % 0xFC
)
POOR = b"OK [CAPABILITY IMAP4rev1] in"
LIES = (
    b"OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE CONDSTORE QRESYNC ENABLE ESEARCH LIST-EXTENDED LIST-STATUS SPECIAL-USE "
    b"OBJECTID PREVIEW NOTIFY ACL QUOTA REPLACE MULTIAPPEND UTF8=ACCEPT X-GM-EXT-1 STATUS=SIZE APPENDLIMIT] in"
)

FAULTS: dict[str, Fault] = {
    "no greeting": instead(r"\Z", lambda _line: b""),
    "a greeting that is no IMAP": instead(r"\Z", lambda _line: b"220 mail.example.test ESMTP\r\n"),
    "BYE at the greeting": instead(r"\Z", lambda _line: b"* BYE [UNAVAILABLE] too busy\r\n"),
    "the wrong password, it says": instead("AUTHENTICATE", end(b"NO [AUTHENTICATIONFAILED] wrong")),
    "a login service that is down": instead("AUTHENTICATE", end(b"NO [UNAVAILABLE] try later")),
    "too many connections": instead("AUTHENTICATE", end(b"NO [LIMIT] too many")),
    "capabilities that shrink at login": instead("AUTHENTICATE", end(POOR)),
    "capabilities that are lies": instead("AUTHENTICATE", end(LIES)),
    "a half-open connection": instead("SELECT|EXAMINE|LIST", lambda _line: b""),
    "answers without end": instead("LIST", lambda line: b"* OK still here\r\n" * 100_000 + line),
    "lines of flags without end": instead("UID FETCH", lambda line: b"* 1 FETCH (UID 1 FLAGS ())\r\n" * 20_000 + line),
    "BYE in the middle": instead("UID FETCH", lambda _line: b"* BYE Autologout\r\n", times=1),
    "BYE each time": instead("UID SEARCH|SELECT", lambda _line: b"* BYE [UNAVAILABLE] restarting\r\n"),
    "an unknown tag": instead("UID SEARCH|UID FETCH", sub(rb"^[A-Z]+\d+ ", b"X999 ")),
    "a tagged OK without text": instead("", sub(rb"^([A-Z]+\d+ OK)(?! \[).*", b"\\1NL")),
    "a literal of 2 GB": instead("UID FETCH", sub(rb"\{\d+\}", b"{2147483648}")),
    "a literal of absurd size": instead("UID FETCH", sub(rb"\{\d+\}", b"{99999999999999999999}")),
    "a literal of negative size": instead("UID FETCH", sub(rb"\{\d+\}", b"{-1}")),
    "a line of 2 MB": instead("UID FETCH", sub(_FETCHED, b"\\1X " + b"x" * 2_000_000 + b" "), times=1),
    "50,000 nested parentheses": instead(
        "UID FETCH", sub(_FETCHED, b"\\1X " + b"(" * 50_000 + b")" * 50_000 + b" "), times=1
    ),
    "a malformed ENVELOPE": instead("UID FETCH", sub(_FETCHED, b'\\1ENVELOPE ("x" "y (((" '), times=1),
    "a malformed BODYSTRUCTURE": instead("UID FETCH", sub(_FETCHED, b'\\1BODYSTRUCTURE ((("TEXT" '), times=1),
    "FETCH without UID": instead("UID FETCH", sub(rb"UID \d+ ?", b"")),
    "EXPUNGE during FETCH": instead("UID FETCH", first(b"* 3 EXPUNGE\r\n"), times=1),
    "0 EXISTS, it says": instead("SELECT|EXAMINE|NOOP", sub(rb"^\* \d+ EXISTS", b"* 0 EXISTS")),
    "0 EXISTS and an empty search": instead(
        "SELECT|EXAMINE|NOOP|UID SEARCH", sub(rb"^\* (?:\d+ EXISTS|ESEARCH.*)", b"* 0 EXISTSNL")
    ),
    "VANISHED of all, it says": instead("SELECT|EXAMINE|UID FETCH", first(b"* VANISHED (EARLIER) 1:12\r\n")),
    "HIGHESTMODSEQ that goes backwards": instead("", sub(rb"HIGHESTMODSEQ \d+", b"HIGHESTMODSEQ 1")),
    "UIDVALIDITY of another folder for a while": instead("SELECT|EXAMINE", sub(rb"UIDVALIDITY \d+", b"UIDVALIDITY 77")),
    "odd folders": instead("LIST", first(_ODD_LIST), times=1),
    "a list without folders": instead("LIST", sub(rb"^\* (LIST|STATUS).*", b"")),
    "a folder deleted while it is selected": vanishes("Work"),
    "a server that refuses everything": instead("UID|SELECT|EXAMINE|APPEND", end(b"NO [SERVERBUG] something broke")),
    "a folder that cannot be opened": instead('(SELECT|EXAMINE) "INBOX"', end(b"NO [CORRUPTION] index is broken")),
}
FOR_THE_USER = {"a greeting that is no IMAP", "the wrong password, it says", "FETCH without UID"}
MARKED = {"capabilities that shrink at login"}
"""What cannot be expunged alone stays there, marked, until somebody does."""
DELETED = {"a folder deleted while it is selected"}
TWO_LIES = {"0 EXISTS and an empty search"}
"""What number and list agree on is gone from sight, in grace, until they say otherwise."""
KNOWN = {f"Mail {n}" for n in (0, 1, 2, *range(5, 12))}


@pytest.mark.parametrize("name", FAULTS)
def test_imap_survives(one: Case, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "qtmail")
    FAULTS[name](one)
    problems = one.sync(good=False).problems
    for problem in problems:
        understandable(problem)
    assert {problem.retry for problem in problems} <= {name not in FOR_THE_USER, True}
    assert name in TWO_LIES or set(one.subjects()) >= KNOWN, "nothing goes without proof, not even for a while"
    secret = b64encode(f"\0{one.user}\0{SPARE_PASSWORD}".encode()).decode()
    assert secret not in caplog.text
    assert f"{SPARE_PASSWORD}" not in caplog.text
    one.line.honest()
    one.hurry()
    one.sync(good=False)
    if name in MARKED:
        with one.elsewhere() as client:
            client.select_folder("INBOX")
            client.expunge()
    one.settled()
    if name in DELETED:
        return
    assert one.subjects() == sorted({*KNOWN, *(f"Mail {n}" for n in (20, 21, 22))})
    assert one.subjects("Work") == [f"Mail {n}" for n in (3, 40, 41, 42, 60)]


@pytest.mark.parametrize("leap", [86_400, 10 * 365 * 86_400, -86_400])
def test_imap_survives_a_clock_that_leaps(one: Case, leap: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is set right again."""
    real = clock.now
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: real() + leap)
        one.line.cut_before("UID STORE")
        one.sync(good=False)
        one.line.honest()
        one.sync(good=False)
    one.settled()
    assert len(one.subjects("Work")) == 5
