"""An IMAP session without a socket: what a server would answer, and how it may lie."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from qtmail.errors import FolderGone
from qtmail.model import Role
from qtmail.net.imap_extensions import Extensions, Ledger
from qtmail.net.imap_values import (
    Changes,
    FetchedBody,
    FetchedFlags,
    FetchedHeader,
    FolderNews,
    FolderStatus,
    Known,
    Quarantined,
    Quota,
    RemoteFolder,
    Resynced,
    Rights,
    Selected,
)


@dataclass
class FakeFolder:
    """One mailbox: messages by UID."""

    messages: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, frozenset[str]] = field(default_factory=dict)
    uidvalidity: int = 7
    hidden: set[int] = field(default_factory=set)
    """UIDs that SEARCH leaves out though they are there: a server's fault."""
    says_empty: bool = False
    """Whether SELECT says `0 EXISTS` whatever is there: a server's fault."""
    broken: set[int] = field(default_factory=set)
    """UIDs whose header makes no sense."""
    lost: set[int] = field(default_factory=set)
    """UIDs nothing of which can be fetched."""
    highestmodseq: int = 0
    """0: no CONDSTORE."""
    resynced: Resynced | None = None
    """What QRESYNC tells at the next SELECT that asks for it."""

    def fill(self, count: int) -> "FakeFolder":
        for uid in range(1, count + 1):
            self.messages[uid] = f"Subject: Mail {uid}\r\nMessage-ID: <{uid}@x>\r\n\r\nText {uid}\r\n".encode()
        return self

    @property
    def uidnext(self) -> int:
        return max(self.messages, default=0) + 1


class FakeImap:
    """Stands in for net.imap.ImapSession in ImapLink. `asked` is what was asked, in order."""

    def __init__(self, folders: dict[bytes, FakeFolder]) -> None:
        self.folders_ = folders
        self.asked: list[str] = []
        self.bytes_in = 0
        self.closed = False
        self.worth_compressing = False
        self.server_id: dict[str, str] = {}
        self.ledger = Ledger(("UIDPLUS", "MOVE", "ESEARCH", "QRESYNC", "CONDSTORE"))
        self.idles: list[Callable[[], bool]] = []
        """What each IDLE comes to, in order."""
        self.changes = Changes()
        self.news = FolderNews()
        self._folder = FakeFolder()
        self._odd: list[Quarantined] = []

    def supports(self, name: str) -> bool:
        return self.ledger.usable(name)

    def extensions(self) -> Extensions:
        return self.ledger.standing()

    def folders(self) -> tuple[RemoteFolder, ...]:
        self.asked.append("LIST")
        found = []
        for name, folder in self.folders_.items():
            status = FolderStatus(
                len(folder.messages), 0, folder.uidnext, folder.uidvalidity, folder.highestmodseq or None
            )
            role = Role.INBOX if name == b"INBOX" else Role.NONE
            found.append(RemoteFolder(name, name.decode(), "/", role, status=status))
        return tuple(found)

    def select(self, wire_name: bytes, readonly: bool = False, known: Known | None = None) -> Selected:
        self.asked.append(f"SELECT {wire_name.decode()}")
        if wire_name not in self.folders_:
            raise FolderGone("It is gone.")
        self._folder = self.folders_[wire_name]
        folder = self._folder
        modseq = folder.highestmodseq or None
        told, folder.resynced = folder.resynced if known and self.supports("QRESYNC") else None, None
        return Selected(
            *(folder.uidvalidity, folder.uidnext, 0 if folder.says_empty else len(folder.messages), modseq),
            *(readonly, frozenset(), True),
            resynced=told,
        )

    def distrust(self, name: str, why: str) -> None:
        self.ledger.give_up(name, why)

    def present(self, uids: Iterable[int]) -> "array[int]":
        self.asked.append("PRESENT")
        return array("I", sorted(set(uids) & (set(self._folder.messages) - self._folder.hidden)))

    def uids(self, since_uid: int | None = None) -> "array[int]":
        self.asked.append(f"SEARCH {since_uid or 1}")
        return array("I", sorted(u for u in set(self._folder.messages) - self._folder.hidden if u >= (since_uid or 1)))

    def fetch_headers(self, uids: Iterable[int]) -> Iterator[FetchedHeader]:
        self.asked.append("HEADERS")
        coming = iter(uids)
        for uid in (uid for part in iter(lambda: sorted(islice(coming, 200)), []) for uid in part):
            if uid in self._folder.broken | self._folder.lost:
                self._odd.append(Quarantined(uid, "nonsense"))
            elif uid in self._folder.messages:
                raw = self._folder.messages[uid]
                head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                yield FetchedHeader(uid, self._flags(uid), len(raw), 1_700_000_000 + uid, head, None)

    def fetch_bodies(
        self, uids: Iterable[int], *, size_hint: Mapping[int, int] | None = None, spool: Path | None = None
    ) -> Iterator[FetchedBody]:
        self.asked.append("BODIES")
        for uid in sorted(uids):
            if uid in self._folder.lost:
                self._odd.append(Quarantined(uid, "nonsense"))
            elif uid in self._folder.messages:
                yield FetchedBody(uid, self._folder.messages[uid])

    def fetch_flags(
        self, first_uid: int, last_uid: int | None = None, changed_since: int | None = None
    ) -> Iterator[FetchedFlags]:
        self.asked.append("FLAGS")
        for uid in sorted(self._folder.messages):
            if first_uid <= uid <= (last_uid or uid):
                yield FetchedFlags(uid, self._flags(uid), None)

    def take_quarantined(self) -> tuple[Quarantined, ...]:
        odd, self._odd = tuple(self._odd), []
        return odd

    def take_changes(self) -> Changes:
        changes, self.changes = self.changes, Changes()
        return changes

    def rights_of(self, wire_names: Sequence[bytes]) -> dict[bytes, Rights | None]:
        return dict.fromkeys(wire_names)

    def quota(self) -> tuple[Quota, ...]:
        return ()

    def sizes_of(self, wire_names: Sequence[bytes]) -> dict[bytes, int | None]:
        return dict.fromkeys(wire_names)

    def append_limit(self) -> int | None:
        return None

    def noop(self) -> None:
        self.asked.append("NOOP")

    def unselect(self) -> None:
        self._folder = FakeFolder()

    def notify(self) -> bool:
        return self.ledger.use("NOTIFY")

    def idle(self, stop: object, seconds: float) -> bool:
        self.asked.append(f"IDLE {seconds:.0f}")
        return self.idles.pop(0)()

    def take_folder_news(self) -> FolderNews:
        news, self.news = self.news, FolderNews()
        return news

    def abort(self) -> None:
        self.closed = True

    def close(self) -> None:
        self.closed = True

    def _flags(self, uid: int) -> frozenset[str]:
        return self._folder.flags.get(uid, frozenset())
