"""The lean reader of FETCH replies, fed from memory: right on every legal form, and never worse than a quarantine."""

import contextlib
import itertools
from collections.abc import Callable, Iterator

from hypothesis import given
from hypothesis import strategies as st

from qtmail.errors import ProtocolError, ServerClosed
from qtmail.model import Server
from qtmail.net.imap_fetch import FetchStream
from qtmail.net.imap_pace import Pace
from qtmail.net.imap_transport import ImapClient
from qtmail.net.imap_unasked import Unasked
from qtmail.net.imap_values import FetchedHeader
from qtmail.net.wire import Wire


class _Recording:
    """A socket that gives what was recorded, in pieces, then the end of the stream."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.sent = bytearray()

    def recv(self, size: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def settimeout(self, seconds: float) -> None: ...

    def close(self) -> None: ...


class _Client:
    """As much of ImapClient as a FetchStream uses; tags are T1, T2 and so on."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.socket = _Recording(pieces)
        self.wire = Wire(self.socket, Server("test", 143), 5)  # type: ignore[arg-type]
        self._count = 0

    def send(self, *arguments: bytes) -> bytes:
        self._count += 1
        self.wire.sendall(b" ".join(arguments))
        return b"T%d" % self._count


Made = tuple[FetchStream, Iterator[FetchedHeader], Unasked]


def fetching(replies: bytes, cuts: list[int], uids: list[int]) -> Made:
    """A stream over these replies, which arrive cut at these places."""
    places = sorted({min(cut, len(replies)) for cut in cuts} | {0, len(replies)})
    pieces = [replies[a:b] for a, b in itertools.pairwise(places)]
    client: ImapClient = _Client(pieces)  # type: ignore[assignment]
    unasked = Unasked()
    stream = FetchStream(client, unasked)
    return stream, stream.contents(b"(X)", uids, pace=Pace(), weigh=lambda _: 1, limit=lambda _: 10_000), unasked


LABELS = {"\\Inbox": b'"\\\\Inbox"', "Work": b"Work", "Ä (b) c": b'"&AMQ- (b) c"', "}": b"{1}\r\n}"}
"""Gmail's labels as they come: quoted, bare, in modified UTF-7, as a literal."""

ITEMS: list[tuple[str, Callable[[FetchedHeader], bytes]]] = [
    ("uid", lambda one: b"UID %d" % one.uid),
    ("flags", lambda one: b"FLAGS (" + " ".join(sorted(one.flags)).encode() + b")"),
    ("size", lambda one: b"RFC822.SIZE %d" % one.size),
    ("body", lambda one: b"BODY[HEADER.FIELDS (A B)] {%d}\r\n%s" % (len(one.header), one.header)),
    ("modseq", lambda one: b"MODSEQ (%d)" % (one.modseq or 0)),
    ("emailid", lambda one: b"EMAILID (%s)" % one.emailid.encode()),
    ("labels", lambda one: b"X-GM-LABELS (" + b" ".join(LABELS[label] for label in sorted(one.labels or ())) + b")"),
    ("extra", lambda _: b'X-EXTRA (NIL "a ) b" (c))'),
    ("date", lambda _: b'INTERNALDATE "14-Nov-2023 22:13:20 +0000"'),
]
records = st.builds(
    FetchedHeader,
    uid=st.integers(1, 0xFFFFFFFF),
    flags=st.frozensets(st.sampled_from(["\\Seen", "\\Flagged", "$X", "nice"])),
    size=st.integers(0, 2**40),
    internaldate=st.just(1_700_000_000),
    header=st.binary(max_size=60),
    modseq=st.integers(1, 2**62),
    emailid=st.sampled_from(["M123", "x-Y_9"]),
    labels=st.frozensets(st.sampled_from(sorted(LABELS))),
)


@given(st.lists(st.tuples(records, st.permutations(ITEMS)), max_size=8), st.lists(st.integers(0, 2000), max_size=6))
def test_every_order_of_items_cut_anywhere(
    sent: list[tuple[FetchedHeader, list[tuple[str, Callable[[FetchedHeader], bytes]]]]], cuts: list[int]
) -> None:
    replies = b"".join(
        b"* %d FETCH (" % number + b" ".join(write(one) for _, write in order) + b")\r\n"
        for number, (one, order) in enumerate(sent, 1)
    )
    stream, records, unasked = fetching(replies + b"T1 OK done\r\n", cuts, [1, 2])
    assert list(records) == [one for one, _ in sent]
    assert stream.quarantined == []
    assert not unasked


GOOD = b"* 9 FETCH (UID 9 FLAGS (\\Seen) BODY[] {3}\r\nabc)\r\n"


@given(st.text(alphabet='()"\\ {[]UID1BODY*FETCH', max_size=60), st.lists(st.integers(0, 200), max_size=3))
def test_a_bad_line_costs_itself_only(bad: str, cuts: list[int]) -> None:
    """Whatever a line says (short of announcing a literal that is none), the next reply is read."""
    line = b"* 1 FETCH (" + bad.encode() + b"\r\n"
    _, records, _ = fetching(line + GOOD + b"T1 OK done\r\n", cuts, [1, 9])
    assert (9, b"abc") in [(one.uid, one.header) for one in records]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=3))
def test_any_octets_at_all(octets: bytes, cuts: list[int]) -> None:
    _, records, unasked = fetching(octets + b"\r\n" + GOOD, cuts, [9])
    with contextlib.suppress(ProtocolError, ServerClosed):
        assert all(one.uid for one in records)
    unasked.take()


def test_settle_reads_past_what_was_left() -> None:
    replies = GOOD * 3 + b"* 4 EXISTS\r\nT1 OK done\r\n* 5 EXISTS\r\n"
    stream, records, unasked = fetching(replies, [50, 120], [9])
    assert next(records).uid == 9
    busy = [stream.busy]
    stream.settle()
    assert [*busy, stream.busy] == [True, False]
    assert unasked.take().exists == 4
