"""Damaged stores: octets changed in many places, files cut, logs lost. No crash, and what is only here survives."""

import json
import random
import shutil
from pathlib import Path

import apsw
import pytest

from qtmail import secrets
from qtmail.engine import protecting
from qtmail.engine.mail import Mail
from qtmail.engine.recovering import RESCUED, recover
from qtmail.errors import StoreError
from qtmail.model import Address, Draft, RowId
from qtmail.operations import Append
from qtmail.paths import Profile
from qtmail.store import drafts, rescue, sealing, verify
from qtmail.store.content import hash_of
from qtmail.store.db import Store
from tests.unit.store.world import IMAP, NOW, World, header

PAGE = 4096
DRAFTS = {"half written 1", "half written 2"}
LETTERS = {b"Subject: unsent\r\n\r\nprecious words", b"Subject: local\r\n\r\nprecious words"}


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """Two drafts, two letters that no server has, and some mail that one has."""
    profile = Profile(tmp_path / "profile").create()
    world = World(Store.open(profile, slow=5))
    world.bodies(
        world.arrive(world.inbox, *[header(uid) for uid in range(1, 121)]),
        raw=lambda row: b"Subject: %d\r\n\r\n" % row + random.Random(row).randbytes(3000),
    )
    rows = [world.own(world.work, name, text="precious words") for name in ("unsent", "local")]
    world.do(Append(tuple(rows[:1])))
    for subject in sorted(DRAFTS):
        world.write(drafts.save, Draft(None, IMAP, Address("", "me@example.test"), subject=subject), now=NOW)
    world.store.close()
    return profile


def _copied(profile: Profile, to: Path) -> Profile:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(profile.root, to)
    return Profile(to)


def _used(profile: Profile) -> bool:
    """Open it and look at everything -> whether that went without a complaint. Only StoreError is allowed."""
    try:
        store = Store.open(profile, slow=5)
    except StoreError:
        return False
    try:
        return not verify.verify(store).problems
    except StoreError:
        return False
    finally:
        store.close()


def _readable(profile: Profile) -> tuple[set[str], set[bytes]]:
    """The drafts and letters that SQLite alone can still read."""
    subjects: set[str] = set()
    letters: set[bytes] = set()
    try:
        facts = apsw.Connection(str(profile.facts), flags=apsw.SQLITE_OPEN_READONLY)
        for (payload,) in facts.execute("SELECT payload FROM draft").fetchall():
            subjects.add(json.loads(str(payload))["subject"])
    except (apsw.Error, ValueError):
        subjects.clear()
    for letter in LETTERS:
        try:
            contents = apsw.Connection(str(profile.content), flags=apsw.SQLITE_OPEN_READONLY)
            sql = "SELECT data FROM blob WHERE hash = ?"
            found = contents.execute(sql, (hash_of(letter),)).fetchall()
            letters.update(letter for (data,) in found if data == letter)
        except apsw.Error:
            continue
    return subjects & DRAFTS, letters


def _survivors(profile: Profile) -> tuple[set[str], set[bytes]]:
    mail = Mail(profile, now=lambda: NOW)
    try:
        found = [one.id for one in mail.folders() if one.path == RESCUED]
        letters = {mail.raw(RowId(row)) for folder in found for row in mail.ids((folder,))}
        return {one.subject for one in mail.open_drafts()}, letters
    finally:
        mail.close()


def test_octets_changed_anywhere_never_crash_and_drafts_survive_where_they_can_be_read(
    profile: Profile, tmp_path: Path
) -> None:
    chance = random.Random(5)
    harmed = saved = 0
    for name in ("mail.db", "content.db"):
        size = (profile.root / name).stat().st_size
        for _ in range(9):
            one = _copied(profile, tmp_path / "one")
            at, length = chance.randrange(size), chance.choice((1, 40, PAGE, 3 * PAGE))
            with (one.root / name).open("r+b") as file:
                file.seek(at)
                file.write(chance.randbytes(length))
            if _used(one):
                continue
            harmed += 1
            subjects, precious = _readable(one)
            into = tmp_path / "saved"
            shutil.rmtree(into, ignore_errors=True)
            rescue.rescue(one, into, now=NOW)
            found = {draft.subject for draft in map(rescue.read_draft, into.glob("draft-*.json")) if draft}
            letters = {path.read_bytes() for path in into.glob("*.eml")}
            assert found >= subjects, (name, at, length)
            assert letters >= precious, (name, at, length)
            saved += bool(subjects and precious)
            assert _used(one)
    assert harmed > 5
    assert saved > 3


def test_a_cut_file_and_a_lost_log_are_survived(profile: Profile, tmp_path: Path) -> None:
    for name, part in (("mail.db", 0.7), ("mail.db", 0.1), ("content.db", 0.5), ("content.db", 0.0)):
        one = _copied(profile, tmp_path / "cut")
        path = one.root / name
        with path.open("r+b") as file:
            file.truncate(int(path.stat().st_size * part) // PAGE * PAGE)
        assert not _used(one), (name, part)
    one = _copied(profile, tmp_path / "log")
    world = World.__new__(World)
    world.store = Store.open(one)
    world.store.content.put(b"not folded in", now=NOW)
    shutil.copytree(one.root, tmp_path / "torn")
    world.store.close()
    for log in (tmp_path / "torn").glob("*-wal"):
        log.unlink()
    assert _used(Profile(tmp_path / "torn"))


def test_damaged_facts_are_made_anew_with_what_is_only_here(profile: Profile) -> None:
    _overwrite(profile)
    found = recover(profile, now=NOW)
    assert (found.drafts, found.messages >= 2) == (2, True)
    assert found.kept_in is not None
    subjects, letters = _survivors(profile)
    assert subjects == DRAFTS
    assert letters >= LETTERS
    assert _used(profile)
    assert list(profile.root.glob("mail.db.damaged-*"))


def test_damaged_content_is_read_as_far_as_it_can_be_and_the_rest_is_fetched_again(profile: Profile) -> None:
    path = profile.content
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xa5" * 3 * PAGE)
    found = recover(profile, now=NOW)
    assert 20 < found.contents < 122
    store = Store.open(profile)
    try:
        checked = verify.verify(store)
        assert all("The content" in problem for problem in checked.problems)  # only what no server has, if hit
        assert store.read().value("SELECT count(*) FROM draft") == 2
        assert store.read().value("SELECT count(*) FROM body_wanted") == 122 - found.contents - len(checked.problems)
    finally:
        store.close()


def test_an_encrypted_store_is_rescued_too_and_leaves_no_words_behind(
    profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, str] = {}
    key = sealing.new_recovery_key()
    monkeypatch.setattr(secrets, "keep_store_key", kept.__setitem__)
    monkeypatch.setattr(secrets, "store_key", kept.get)
    protecting.turn_on(profile, key)
    _overwrite(profile)
    found = recover(profile, now=NOW)
    assert found.kept_in is None
    subjects, letters = _survivors(profile)
    assert subjects == DRAFTS
    assert letters >= LETTERS
    for file in profile.root.rglob("*"):
        assert not file.is_file() or b"precious" not in file.read_bytes()


def _overwrite(profile: Profile) -> None:
    """The page from which all messages are reached."""
    store = Store.open(profile)
    root = store.read().value("SELECT rootpage FROM sqlite_schema WHERE name = 'message'")
    store.close()
    with profile.facts.open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(b"\xa5" * PAGE)
