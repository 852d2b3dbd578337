"""When small messages come whole with their headers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from qtmail.engine.backend import Desk
from qtmail.engine.context import Announcer, Control
from qtmail.engine.imap_small import FAST, MOST, SAMPLE, WORTH, Small, header_of
from qtmail.engine.workshop import Workshop
from qtmail.model import Account, AccountKey, Protocol, Role, Security, Server
from qtmail.net.imap import ImapSession
from qtmail.net.imap_values import FetchedHeader
from qtmail.paths import Profile
from qtmail.store import folders, keeping, read
from qtmail.store.db import Store
from qtmail.store.keeping import Due, Rule
from qtmail.store.values import FolderState, ServerFolder

KEY = AccountKey("alice")


@dataclass
class Line:
    """A session, as far as it is looked at."""

    header_speed: int = FAST
    gmail: bool = False

    def supports(self, name: str) -> bool:
        return self.gmail and name == "X-GM-EXT-1"


@dataclass
class Ready:
    ready: bool = True


@dataclass
class Place:
    store: Store
    desk: Desk
    folder: FolderState

    def small(self, size: int = WORTH, seen: int = SAMPLE, **other: object) -> Small:
        """One that has seen so many of this size."""
        small = Small(self.store, replace(self.desk, **other))  # type: ignore[arg-type]
        small.learn([fetched(b"", size)] * seen)
        return small

    def worth_it(self, small: Small, **line: object) -> bool:
        return small.worth_it(cast(ImapSession, Line(**line)), self.folder)  # type: ignore[arg-type]


def fetched(header: bytes, size: int) -> FetchedHeader:
    return FetchedHeader(1, frozenset(), size, 0, header, None)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    store = Store.open(Profile(tmp_path).create())
    with store.transaction("folder") as tx:
        folders.update_folders(tx, KEY, [ServerFolder(b"INBOX", "INBOX", Role.INBOX)], now=1)
    inbox = read.folder_of_role(store.read(), KEY, Role.INBOX)
    assert inbox is not None
    server = Server("127.0.0.1", 1, Security.NONE, "alice")
    account = Account(KEY, "Alice", "alice@example.test", "", Protocol.IMAP, server, None)
    workshop = cast(Workshop, Ready())
    desk = Desk(account, Control(), Announcer(lambda event: None), lambda: "", workshop=workshop)
    yield Place(store, desk, read.folder_state(store.read(), inbox))
    desk.control.close()
    store.close()


def test_where_most_are_small_the_line_is_fast_and_everything_is_kept(place: Place) -> None:
    assert place.worth_it(place.small())


NOT: dict[str, Callable[[Place], bool]] = {
    "too few were seen": lambda place: place.worth_it(place.small(seen=SAMPLE - 1)),
    "large ones": lambda place: place.worth_it(place.small(size=WORTH + 1)),
    "a slow line": lambda place: place.worth_it(place.small(), header_speed=FAST - 1),
    "folders are labels": lambda place: place.worth_it(place.small(), gmail=True),
    "no second process": lambda place: place.worth_it(place.small(workshop=Ready(ready=False))),
    "no workshop": lambda place: place.worth_it(place.small(workshop=None)),
}


@pytest.mark.parametrize("why", NOT)
def test_the_list_comes_first(place: Place, why: str) -> None:
    assert not NOT[why](place)


def test_not_on_a_metered_line_nor_where_old_ones_are_left_out(place: Place) -> None:
    place.desk.control.metered = True
    assert not place.worth_it(place.small())
    place.desk.control.metered = False
    with place.store.transaction("keep") as tx:
        keeping.put_in_force(tx, Due(place.folder.id, Rule(), Rule(since=5), whole=True))
    assert not place.worth_it(place.small())


def test_later_sizes_count_more(place: Place) -> None:
    small = place.small(size=MOST, seen=10 * SAMPLE)
    for _ in range(4):
        small.learn([fetched(b"", 500)] * 5 * SAMPLE)
    assert place.worth_it(small)


def test_only_what_the_server_calls_as_long_is_whole(place: Place) -> None:
    small = place.small()
    assert small.is_whole(fetched(b"x" * 10, 10))
    assert not small.is_whole(fetched(b"x" * 10, 11))
    assert not small.is_whole(fetched(b"x" * MOST, MOST))
    assert place.worth_it(small)


def test_a_server_that_sends_more_than_was_asked_for_is_not_asked_again(place: Place) -> None:
    small = place.small()
    assert small.is_whole(fetched(b"x" * (MOST + 1), MOST + 1))
    assert not place.worth_it(small)


def test_the_header_of_a_beginning() -> None:
    assert header_of(b"A: b\r\n\r\ntext") == b"A: b\r\n\r\n"
    assert header_of(b"A: b\r\n" * 20) is None
