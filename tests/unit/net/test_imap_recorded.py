"""What Dovecot said, with something wrong in it: the reader loses at most the message that is hurt."""

import contextlib

from hypothesis import assume, example, given
from hypothesis import strategies as st

from qtmail.errors import ProtocolError, ServerClosed
from qtmail.net.imap_values import FetchedHeader
from tests.unit.net.test_imap_fetch import fetching

_HEADERS = {
    1: (
        rb"\Recent",
        239,
        b"From: Bob <bob@example.test>\r\nSubject: Mail 1\r\nMessage-ID: <mail.1@example.test>\r\n\r\n",
    ),
    2: (rb"\Flagged \Seen", 239, b"From: Bob <bob@example.test>\r\nSubject: ) UID 4 {3}\r\n\r\n"),
    3: (rb"\Recent $Forwarded", 239, b"Subject: * 9 FETCH (UID 9 FLAGS ())\r\n\r\n"),
    4: (b"", 438, b"From: =?utf-8?q?=E2=80=AEtset=2Eelpmaxe=40ob?= <mallory@evil.example.test>\r\nSubject: x\r\n\r\n"),
    5: (b"", 11, b"From: a\r\n\r\n"),
}
LINES = {
    uid: (
        b'* %d FETCH (UID %d FLAGS (%s) INTERNALDATE "14-Nov-2023 22:1%d:20 +0000" RFC822.SIZE %d MODSEQ (2) '
        b"BODY[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID)] " % (uid, uid, flags, uid, size),
        b"{%d}\r\n%s)\r\n" % (len(header), header),
    )
    for uid, (flags, size, header) in _HEADERS.items()
}
"""As recorded: for each UID what comes before its literal, and the rest."""
END = b"T1 OK Fetch completed (0.001 + 0.000 secs).\r\n"
WHOLE = b"".join(text + rest for text, rest in LINES.values()) + END


def read(replies: bytes, cuts: list[int]) -> list[FetchedHeader]:
    stream, records, unasked = fetching(replies, cuts, list(LINES))
    found: list[FetchedHeader] = []
    with contextlib.suppress(ProtocolError, ServerClosed):
        found.extend(records)
    unasked.take()
    assert all(entry.why for entry in stream.quarantined)
    return found


RECORDED = read(WHOLE, [])


def test_as_recorded() -> None:
    assert [(one.uid, one.size, one.header) for one in RECORDED] == [
        (uid, size, header) for uid, (_flags, size, header) in _HEADERS.items()
    ]


@given(
    st.sampled_from(sorted(LINES)),
    st.integers(0, 150),
    st.integers(0, 12),
    st.binary(max_size=12),
    st.lists(st.integers(0, 900), max_size=3),
)
@example(2, 20, 0, b"((((", [])
@example(2, 13, 6, b"", [])
@example(3, 2, 1, b"", [])
def test_one_line_changed_costs_one_message_only(uid: int, at: int, gone: int, new: bytes, cuts: list[int]) -> None:
    """Its literal is left alone."""
    assume(not set(new) & set(b'\r\n{}"'))
    before, rest = LINES[uid]
    at = min(at, len(before) - 1)
    hurt = before[:at] + new + before[at + gone :]
    assume(not set(before[at : at + gone]) & set(b'"\r\n') and hurt.startswith(b"* "))
    replies = b"".join(hurt + rest if one == uid else text + end for one, (text, end) in LINES.items()) + END
    found = read(replies, cuts)
    for one in RECORDED:
        if one.uid != uid:
            assert one in found
    assert len(found) <= len(RECORDED)


@given(
    st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=30), st.lists(st.integers(0, 900), max_size=3)
)
def test_octets_changed_anywhere_end_in_an_error_or_in_what_was_sent(
    at: int, gone: int, new: bytes, cuts: list[int]
) -> None:
    """Never an exception that is a bug, never endless; what came whole before the place is what it was."""
    found = read(WHOLE[:at] + new + WHOLE[at + gone :], cuts)
    whole = [one for one, end in zip(RECORDED, _ends(), strict=True) if end <= at]
    assert found[: len(whole)] == whole


@given(st.integers(0, len(WHOLE)), st.lists(st.integers(0, 900), max_size=3))
def test_cut_anywhere_nothing_half_is_believed(at: int, cuts: list[int]) -> None:
    found = read(WHOLE[:at], cuts)
    assert found == RECORDED[: len(found)]
    assert len(found) >= sum(end <= at for end in _ends())


def _ends() -> list[int]:
    ends, place = [], 0
    for text, rest in LINES.values():
        place += len(text) + len(rest)
        ends.append(place)
    return ends
