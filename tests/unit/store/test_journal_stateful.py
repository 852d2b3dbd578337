"""Whatever is done and in whatever order, undoing it all brings back what was; counts are right all along."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from qtmail.errors import BadInput
from qtmail.model import Folder, FolderId, GestureId, RowId
from qtmail.operations import (
    Copy,
    CreateFolder,
    DeleteFolder,
    Expunge,
    Move,
    NotUndoable,
    Operation,
    RenameFolder,
    SetFlag,
)
from qtmail.paths import Profile
from qtmail.store import folders, journal, read, replay, undo, verify
from qtmail.store.db import Store
from tests.unit.store.world import IMAP, NOW, POP, REMOTE, World, header

some = st.sets(st.integers(0, 9), min_size=1, max_size=4)
flags = st.sampled_from(["\\Seen", "\\Flagged", "$Junk"])
where = st.integers(0, 3)


class Journal(RuleBasedStateMachine):
    """Acts of the user's and answers of the server's, in any order; at the end everything is undone."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.world = World(Store.open(Profile(self.root)))
        self.gestures: list[GestureId] = []
        self.next_uid = 1000
        self.names = 0

    @initialize()
    def fill(self) -> None:
        world = self.world
        self.rows = [*world.arrive(world.inbox, *[header(uid) for uid in range(1, 5)])]
        self.rows += world.arrive(world.work, header(11, "\\Seen"), header(12, "\\Flagged"), header(13))
        self.local = [world.write(folders.ensure_folder, POP, p) for p in ("INBOX", "Trash")]
        self.rows += [world.own(self.local[0], f"pop{n}") for n in range(3)]
        self.folders = [world.inbox, world.trash, world.work, world.old]
        self.before = world.seen()

    def pick(self, which: set[int], *, local: bool | None = None) -> tuple[RowId, ...]:
        rows = tuple(self.rows[n] for n in sorted(which) if n < len(self.rows))
        return rows if local is None else tuple(row for row in rows if (row in self.rows[7:10]) is local)

    def do(self, *operations: Operation) -> None:
        done = self.world.do(*operations)
        if done.gesture is not None:
            self.gestures.append(done.gesture)

    @rule(which=some, flag=flags, on=st.booleans())
    def set_flag(self, which: set[int], flag: str, on: bool) -> None:
        self.do(SetFlag(self.pick(which), flag, on))

    @rule(which=some, to=where, local=st.booleans())
    def move(self, which: set[int], to: int, local: bool) -> None:
        target: FolderId = self.local[to % 2] if local else self.folders[to]
        try:
            self.do(Move(self.pick(which, local=local), (), target))
        except BadInput:
            assert target not in {folder.id for folder in self.live()}

    @rule(which=some, to=where)
    def copy(self, which: set[int], to: int) -> None:
        try:
            self.do(Copy(self.pick(which, local=False), self.folders[to], ()))
        except BadInput:
            assert self.folders[to] not in {folder.id for folder in self.live()}

    @rule(which=some)
    def expunge(self, which: set[int]) -> None:
        self.do(Expunge(self.pick(which)))

    @rule(which=some)
    def junk(self, which: set[int]) -> None:
        rows = self.pick(which, local=False)
        self.do(SetFlag(rows, "$Junk", True), Move(rows, (), self.world.trash))

    @rule(which=some)
    def move_away(self, which: set[int]) -> None:
        rows = self.pick(which, local=False)
        moved = journal.move_across(self.world.store, rows, self.world.other_inbox, now=NOW, remote=REMOTE)
        if moved.gesture is not None:
            self.gestures.append(moved.gesture)

    @rule(to=where)
    def create(self, to: int) -> None:
        self.names += 1
        path = f"New {self.names}"
        folder = self.world.write(journal.reserve_folder, IMAP, path, now=NOW)
        self.do(CreateFolder(IMAP, folder, path))
        self.folders[to] = folder

    @rule(to=where)
    def rename(self, to: int) -> None:
        self.names += 1
        for folder in self.live():
            if folder.id == self.folders[to]:
                self.do(RenameFolder(IMAP, folder.id, folder.path, f"Renamed {self.names}"))

    @rule(to=where)
    def delete(self, to: int) -> None:
        for folder in self.live():
            if folder.id == self.folders[to] and not any(f.path.startswith(f"{folder.path}/") for f in self.live()):
                rows = self.world.store.read().column(
                    "SELECT id FROM placement WHERE folder = ? AND gone_at IS NULL", folder.id
                )
                if folder.id != self.world.trash:
                    self.do(Move(tuple(rows), (), self.world.trash), DeleteFolder(IMAP, folder.id, folder.path))

    @rule(sent=st.booleans())
    def server_answers(self, sent: bool) -> None:
        for account in REMOTE:
            for operation in replay.open_operations(self.world.store.read(), account, now=NOW)[:2]:
                self.world.write(replay.mark_sent, operation.id)
                if sent:
                    continue
                target = operation.target
                placed = {}
                for row in operation.rows:
                    self.next_uid += 1
                    placed[row.row] = (target.uidvalidity if target else 0, self.next_uid)
                if operation.rows:
                    self.world.write(replay.confirm, operation.id, placed, now=NOW)
                else:
                    self.world.write(replay.confirm_folder, operation.id, {}, now=NOW)

    def live(self) -> list[Folder]:
        return list(read.folders(self.world.store.read()))

    @invariant()
    def counts_are_right(self) -> None:
        assert self.world.counts_are_right()

    def teardown(self) -> None:
        try:
            while undo.last(self.world.store.read()) is not None:
                try:
                    undo.undo(self.world.store, now=NOW, remote=REMOTE)
                except NotUndoable:
                    continue
            if hasattr(self, "before"):
                assert self.world.seen() == self.before
                checked = verify.verify(self.world.store)
                assert checked.problems == ()
        finally:
            self.world.store.close()
            shutil.rmtree(self.root)


Journal.TestCase.settings = settings(
    max_examples=40, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
)
TestJournal = Journal.TestCase
