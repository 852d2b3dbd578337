"""Small messages that come whole with their headers are stored as those whose bodies come later."""

from collections.abc import Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path

import apsw
import pytest

from qtmail.engine import imap_small, imap_sync
from qtmail.engine.mail import Mail
from qtmail.model import Protocol
from qtmail.net.imap import ImapSession
from qtmail.paths import Profile
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.servers import Dovecot
from tests.unit.mime.samples import names, raw
from tests.unit.mime.torture import mails


def corpus() -> Iterator[bytes]:
    """Ordinary ones, hostile ones, some twice, one with an endless header, one much larger than what is asked for."""
    odd = [raw(name) for name in names()]
    return chain(
        odd,
        islice((mail for mail in mails(300, 5) if len(mail) < 200_000), 150),
        mailbox(8),
        [b"X-Long: " + b"y" * 40_000 + b"\r\n" + message(8000), message(8001, size=50_000)],
        mailbox(160),
    )


def stored(profile: Profile) -> dict[str, list[tuple[object, ...]]]:
    """What the store made of it, without what depends on the order and the time in which it came."""
    with closing(apsw.Connection(str(profile.facts))) as sqlite:
        sqlite.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, search, instance)")
        sqlite.execute("CREATE VIRTUAL TABLE temp.header_words USING fts5vocab(main, search_header, instance)")
        asked = {
            "rows": """
                SELECT p.uid, p.flags, p.date, p.received, p.added_why, m.content, m.header, m.message_id, m.subject,
                  m.base_subject, m.from_name, m.from_addr, m.to_names, m.to_addr, m.size, m.preview, m.attachments,
                  m.refs, m.body_at IS NULL
                FROM placement AS p JOIN message AS m ON m.id = p.message ORDER BY p.uid
            """,
            "twins": "SELECT p.uid, q.uid FROM placement AS p JOIN placement AS q USING (message) ORDER BY 1, 2",
            "wanted": "SELECT count(*) FROM body_wanted",
            "counts": "SELECT path, total, unread, bodies_missing FROM folder ORDER BY path",
            "words": """
                SELECT DISTINCT m.content, w.col, w.offset, w.term FROM words AS w JOIN message AS m ON m.id = w.doc
                ORDER BY m.content, w.col, w.offset, w.term
            """,
            "headers": "SELECT count(*) FROM header_words",
            "people": "SELECT name, heard FROM person WHERE address = 'bob@example.test'",
        }
        return {name: sqlite.execute(question).fetchall() for name, question in asked.items()}


@pytest.fixture
def whole_from_the_start(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every header but the newest few is asked for with the whole message. -> how many beginnings came."""
    monkeypatch.setattr(imap_sync, "NEWEST", 5)
    monkeypatch.setattr(imap_small, "SAMPLE", 1)
    monkeypatch.setattr(imap_small, "WORTH", imap_small.MOST)
    monkeypatch.setattr(imap_small, "FAST", 0)
    came: list[int] = []
    fetch = ImapSession.fetch_beginnings

    def counted(self: ImapSession, *arguments: object, **named: object) -> Iterator[object]:
        for one in fetch(self, *arguments, **named):  # type: ignore[arg-type]
            came.append(one.uid)
            yield one

    monkeypatch.setattr(ImapSession, "fetch_beginnings", counted)
    return came


def test_the_store_is_the_same_whether_small_messages_come_whole_or_in_two_parts(
    server: Dovecot, desktop: Desktop, tmp_path: Path, whole_from_the_start: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = server.fill("alice", corpus())
    desktop.add(server.account("alice", Protocol.IMAP))
    report = desktop.sync()
    assert (report.new, report.bodies) == (count, count)
    assert set(whole_from_the_start) == set(range(1, count - 4))
    desktop.verified()

    monkeypatch.setattr(imap_small, "SAMPLE", 10**9)
    profile = Profile(tmp_path / "other").create()
    mail = Mail(profile)
    other = Desktop(profile, mail)
    other.add(server.account("alice", Protocol.IMAP))
    other.sync()
    mail.close()
    assert len(set(whole_from_the_start)) == count - 5
    mine, theirs = stored(desktop.profile), stored(other.profile)
    for name, found in theirs.items():
        assert mine[name] == found, name
