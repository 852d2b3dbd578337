"""Making room: only what the server shows, now and as large as here, is dropped; everything else stays and is told."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from qtmail.engine import freeing
from qtmail.engine.signing_in import Keys
from qtmail.errors import Unreachable
from qtmail.events import RoomMade
from qtmail.model import Account, Protocol, Server
from qtmail.net.imap import ImapSession
from qtmail.paths import Profile
from qtmail.store import verify
from qtmail.store.db import Store
from tests.unit.store.world import IMAP, NOW, World, header

ACCOUNT = Account(IMAP, "Work", "a@example.test", "A", Protocol.IMAP, Server("127.0.0.1", 1), Server("127.0.0.1", 2))
POP = Account(IMAP, "Pop", "a@example.test", "A", Protocol.POP3, Server("127.0.0.1", 1), Server("127.0.0.1", 2))


class FakeSession:
    """A server with these messages, by folder: UID -> size."""

    def __init__(self, folders: dict[bytes, tuple[int, dict[int, int]]]) -> None:
        self.folders = folders
        self.closed = False
        self._selected: dict[int, int] = {}

    def select(self, name: bytes, *, readonly: bool) -> SimpleNamespace:
        assert readonly
        uidvalidity, self._selected = self.folders[name]
        return SimpleNamespace(uidvalidity=uidvalidity)

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        return {uid: self._selected[uid] for uid in uids if uid in self._selected}

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = Store.open(Profile(tmp_path / "profile").create(), slow=5)
    yield World(store)
    store.close()


def _server(world: World, monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """One that has everything that is here."""
    folders: dict[bytes, tuple[int, dict[int, int]]] = {}
    for name, uidvalidity, uid, size in world.store.read().all(
        """
        SELECT f.wire_name, f.uidvalidity, p.uid, m.size FROM placement AS p JOIN folder AS f ON f.id = p.folder
          JOIN message AS m ON m.id = p.message
        """
    ):
        folders.setdefault(name, (uidvalidity, {}))[1][uid] = size
    session = FakeSession(folders)
    monkeypatch.setattr(ImapSession, "connect", lambda server, password: session)
    return session


def _free(world: World) -> freeing.Freed:
    keys = Keys.over(Profile(world.store.path.parent), lambda key, service: "secret")
    return freeing.free(world.store, [ACCOUNT, POP], NOW, keys)


def test_only_what_the_server_shows_as_it_is_here_is_dropped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fill(world.inbox, 5)
    for folder in (world.inbox, world.work):
        rows = world.arrive(folder, header(90, key="twice"))
        world.bodies(rows, raw=lambda row: b"Subject: twice\r\n\r\nsame")
    session = _server(world, monkeypatch)
    del session.folders[b"INBOX"][1][2]
    session.folders[b"INBOX"][1][3] += 1
    del session.folders[b"Work"][1][90]
    steps: list[tuple[int, int]] = []
    assert freeing.could_free(world.store, [ACCOUNT, POP], NOW, lambda *step: steps.append(step)).messages == 6
    found = _free(world)
    assert (found.messages, found.unproven, found.remarks) == (3, 3, ())
    assert found.octets > 0
    assert found.events
    assert session.closed
    kept = world.store.read().column(
        "SELECT p.uid FROM placement AS p JOIN message AS m ON m.id = p.message "
        "WHERE m.content IS NOT NULL ORDER BY p.folder, p.uid"
    )
    assert kept == [2, 3, 90, 90]
    assert verify.verify(world.store).problems == ()
    header_kept = world.store.read().value("SELECT header FROM message WHERE content IS NULL LIMIT 1")
    assert header_kept.startswith(b"Subject: ")
    assert header_kept.endswith(b"\r\n\r\n")


def test_a_renumbered_folder_proves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fill(world.inbox, 3)
    session = _server(world, monkeypatch)
    session.folders[b"INBOX"] = (999, session.folders[b"INBOX"][1])
    assert (_free(world).messages, _free(world).unproven) == (0, 3)


def test_the_window_is_told_how_it_went_however_it_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fill(world.inbox, 3)
    session = _server(world, monkeypatch)
    keys = Keys.over(Profile(world.store.path.parent), lambda key, service: "secret")
    told: list[object] = []
    stopped = freeing.RoomMaker(world.store, [ACCOUNT], 1, keys, told.append)
    stopped.stop()
    stopped.run()
    assert isinstance(told[-1], RoomMade)
    assert "Stopped" in told[-1].remarks[0]
    session.closed = False
    freeing.RoomMaker(world.store, [ACCOUNT], 1, keys, told.append).run()
    assert session.closed
    assert isinstance(told[-1], RoomMade)
    assert told[-1].remarks == ()


def test_a_server_that_cannot_be_asked_is_a_remark(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fill(world.inbox, 3)

    def refuse(server: Server, password: str) -> None:
        raise Unreachable("No answer.", hint="Check the network.")

    monkeypatch.setattr(ImapSession, "connect", refuse)
    found = _free(world)
    assert found.messages == 0
    assert "Work: nothing was dropped" in found.remarks[0]
