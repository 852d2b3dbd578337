"""Every earlier schema opens with all that is in it; a step happens whole or not at all; what was published stays."""

import hashlib
import re
import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from qtmail.errors import StoreError
from qtmail.paths import Profile
from qtmail.store import lists, read, search, verify
from qtmail.store.connection import is_old, scripts
from qtmail.store.db import Store

DATA = Path(__file__).parents[2] / "data"
NEWEST = max(scripts("facts"))
PUBLISHED = {
    1: "bdfbf646e344e7eef3e16b06c0df049d0c8af850f402eb5bffb67e026649bc51",
    2: "05948a5c22b457bc94fe2c1d08a7558d5cbe6e8277f85d12a8d3b1dc0ed65242",
    3: "35d612650d3b063b14b13c0c3c30140799f04a23ecc7ce73f8c85b99b5a1221b",
    4: "c40e3c51add3cfdd430ece1bebea6dbcf2e47e45990e0eb1b37136caba89d3f2",
    5: "f027a3e1d7ba80c347d32654c21f908e0fa79f5353c28d550be8b7152d2b60e9",
    6: "e04624f9829f4613ade2e2fe1abd7612297dc5421f7d0c948f5272ca8f58e7d5",
    7: "684a6ea276e5eac85576e723d49a2f1268afc85f0d3aa0210934a522b7010097",
    8: "e6027149d3a28d52ad6d9e69a3b06bfc072e12aa388818a10e42dadaee03c6d9",
}
"""SHA-256 of what users' databases were made with; later ones are added when they are published."""


def _written() -> dict[int, str]:
    """Version -> what a program of that version wrote, from facts_later.sql."""
    parts = re.split(r"^-- version (\d+)$", (DATA / "facts_later.sql").read_text("utf-8"), flags=re.MULTILINE)
    return {int(version): sql for version, sql in zip(parts[1::2], parts[2::2], strict=True)}


def _old(profile: Profile, version: int) -> None:
    """A database as that version left it."""
    written, steps = _written(), scripts("facts")
    sqlite = apsw.Connection(str(profile.facts))
    sqlite.execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY")
    sqlite.execute((DATA / "facts_001.sql").read_text("utf-8"))
    for step in range(1, version + 1):
        if step > 1:
            sqlite.execute(steps[step])
        sqlite.execute(written.get(step, ""))
    sqlite.execute(f"PRAGMA user_version = {version}")
    sqlite.close()


def _check(profile: Profile, version: int) -> None:
    store = Store.open(profile)
    try:
        reader = store.read()
        assert reader.value("PRAGMA user_version") == NEWEST
        inbox = next(
            folder for folder in read.folders(reader) if folder.path == "INBOX" and folder.account == "a1b2c3d4"
        )
        assert (inbox.total, inbox.unread) == (2, 1)
        assert {row.subject for row in lists.rows(reader, lists.ids(reader, [inbox.id])).values()} == {  # type: ignore[arg-type]
            "First letter",
            "Second letter",
        }
        assert len(search.search(reader, "letter")) == 3
        assert reader.value("SELECT payload FROM draft") is not None
        assert reader.all("SELECT position, scheduled FROM outbox") == [(1, int(version >= 3))]
        assert reader.value("SELECT count(*) FROM pop_ledger") == 1 + (version >= 2)
        assert reader.value("SELECT wish FROM pop_ledger WHERE uidl = 'u2'") == ("keep" if version >= 2 else None)
        assert reader.value("SELECT keep FROM folder WHERE id = 1") == ("30" if version >= 4 else "")
        assert reader.value("SELECT owner FROM folder WHERE id = 1") == ("ann" if version >= 5 else "")
        assert reader.value("SELECT count(*) FROM view_choice") == int(version >= 6)
        assert (inbox.bodies_missing, inbox.left_out) == ((0, 1) if version >= 8 else (1, 0))
        assert verify.verify(store, contents=False).problems == (), version
    finally:
        store.close()


def test_every_earlier_schema_opens_and_keeps_everything(tmp_path: Path) -> None:
    for version in range(1, NEWEST + 1):
        profile = Profile(tmp_path / str(version)).create()
        _old(profile, version)
        assert is_old(profile.facts, "facts") is (version < NEWEST)
        _check(profile, version)
        assert not is_old(profile.facts, "facts")


def test_what_was_published_is_not_changed() -> None:
    steps = scripts("facts")
    for version, digest in PUBLISHED.items():
        assert hashlib.sha256(steps[version].encode()).hexdigest() == digest, version


KILLED = """
import os, signal, sys
from pathlib import Path
from qtmail.paths import Profile
from qtmail.store import connection
from qtmail.store.db import Store
at = int(sys.argv[2])
seen = 0
leave = connection.Immediate.__exit__
def exit(self, *given):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), signal.SIGKILL)
    leave(self, *given)
connection.Immediate.__exit__ = exit
Store.open(Profile(Path(sys.argv[1])))
"""


def test_killed_between_two_words_of_a_migration_it_goes_on(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "profile").create()
    _old(profile, 1)
    for at in (1, 3):
        killed = subprocess.run([sys.executable, "-c", KILLED, str(profile.root), str(at)], check=False, timeout=60)
        assert killed.returncode == -signal.SIGKILL
    sqlite = apsw.Connection(str(profile.facts))
    assert sqlite.execute("PRAGMA user_version").fetchall() == [(3,)]
    sqlite.close()
    _check(profile, 1)


def test_a_newer_content_database_is_refused_too(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "profile").create()
    Store.open(profile).close()
    sqlite = apsw.Connection(str(profile.content))
    sqlite.execute("PRAGMA user_version = 99")
    sqlite.close()
    with pytest.raises(StoreError, match="newer qtmail"):
        Store.open(profile)
