"""An account, a store and a fake server for the engine's decisions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import Announcer, Control
from qtmail.engine.imap_sync import ImapBackend
from qtmail.events import Event, Problem
from qtmail.model import Account, AccountKey, FolderId, Protocol, Role, Row, Security, Server
from qtmail.net.imap import ImapSession
from qtmail.paths import Profile
from qtmail.store import lists, read
from qtmail.store.db import Store
from tests.unit.engine.loops.fake_imap import FakeFolder, FakeImap

KEY = AccountKey("alice")


@dataclass
class World:
    """One IMAP account whose server is a FakeImap."""

    store: Store
    fake: FakeImap
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        server = Server("127.0.0.1", 1, Security.NONE, "alice")
        account = Account(KEY, "Alice", "alice@example.test", "", Protocol.IMAP, server, None)
        self.control = Control()
        self.desk = Desk(account, self.control, Announcer(self.events.append), lambda: "secret")
        self.backend = ImapBackend(self.desk, self.store)

    @property
    def server(self) -> FakeFolder:
        return self.fake.folders_[b"INBOX"]

    def sync(self) -> Tally:
        self.fake.asked.clear()
        return self.backend.sync()

    def asked(self) -> list[str]:
        """What the last pass asked, but for what only proves that the line lives."""
        return [one for one in self.fake.asked if one != "NOOP"]

    def inbox(self) -> FolderId:
        found = read.folder_of_role(self.store.read(), KEY, Role.INBOX)
        assert found is not None
        return found

    def rows(self) -> list[Row]:
        ids = lists.ids(self.store.read(), [self.inbox()])
        return list(lists.rows(self.store.read(), ids).values())  # type: ignore[arg-type]

    def problems(self) -> list[Problem]:
        return [event for event in self.events if isinstance(event, Problem)]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    fake = FakeImap({b"INBOX": FakeFolder()})
    monkeypatch.setattr(ImapSession, "connect", lambda *_arguments, **_more: fake)
    store = Store.open(Profile(tmp_path).create(), slow=5)
    found = World(store, fake)
    yield found
    found.backend.close()
    found.control.close()
    store.close()
