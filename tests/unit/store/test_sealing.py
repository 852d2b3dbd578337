"""Encryption of the store: the recovery key, opening, changing over and back, and being killed on the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qtmail import secrets
from qtmail.errors import BadInput, StoreBusy, StoreError, StoreLocked
from qtmail.paths import Profile
from qtmail.store import copying, sealing, verify
from qtmail.store.db import Store
from tests.unit.store.world import NOW, World, header

WORDS = b"a very private sentence"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """A recovery key that only this process knows; there is no keyring."""
    known: dict[str, str] = {}
    monkeypatch.setattr(secrets, "_store_keys", known)
    monkeypatch.setattr(secrets, "store_key", known.get)
    return sealing.new_recovery_key()


@pytest.fixture
def filled(profile: Profile) -> Profile:
    """A closed store with some mail in it."""
    world = World(Store.open(profile))
    rows = world.arrive(world.inbox, *[header(uid) for uid in range(1, 41)])
    world.bodies(rows, text=WORDS.decode(), raw=lambda row: b"Subject: %d\r\n\r\n%s" % (row, WORDS))
    world.store.close()
    return profile


def _rows(profile: Profile) -> list[tuple[object, ...]]:
    store = Store.open(profile)
    try:
        assert verify.verify(store).problems == ()
        return store.read().all("SELECT id, folder, message, uid, flags FROM placement ORDER BY id")
    finally:
        store.close()


def _octets(profile: Profile) -> bytes:
    return b"".join(path.read_bytes() for path in profile.root.iterdir() if path.is_file())


def test_a_recovery_key_survives_a_human() -> None:
    key = sealing.new_recovery_key()
    assert [len(group) for group in key.split("-")] == [4] * 9
    typed = key.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert sealing.read_recovery_key(f" {typed}\n") == key
    assert sealing.name_of(key) == sealing.name_of(sealing.read_recovery_key(typed))
    wrong = ("1" if key[7] != "1" else "2").join((key[:7], key[8:]))
    for bad in (wrong, key[:-1], key + "A", "", key.replace(key[0], "ü")):
        with pytest.raises(BadInput):
            sealing.read_recovery_key(bad)


def test_an_encrypted_store_holds_no_word_and_opens_with_its_key_alone(filled: Profile, key: str) -> None:
    before = _rows(filled)
    assert WORDS.split()[-1] in _octets(filled)
    copying.copy(filled, key)
    assert copying.sealed(filled) == (True, True)
    with pytest.raises(StoreLocked) as locked:
        Store.open(filled)
    assert "recovery key" in locked.value.sentence()
    secrets.use_store_key(sealing.name_of(key), key)
    assert _rows(filled) == before
    store = Store.open(filled)
    store.content.put(WORDS * 50, now=NOW)
    with store.transaction("more") as tx:
        tx.run("INSERT INTO person (address, name) VALUES ('private@example.test', ?)", WORDS.decode())
    live = _octets(filled)  # with the write-ahead log
    store.close()
    for word in (WORDS, b"private", b"Subject", b"sender1@", b"INBOX"):
        assert word not in live
        assert word not in _octets(filled)
    copying.copy(filled, None)
    assert copying.sealed(filled) == (False, False)
    assert not filled.encryption.exists()
    assert _rows(filled) == before


def test_new_files_of_an_encrypted_store_are_encrypted(profile: Profile, key: str) -> None:
    sealing.name_key(profile, key)
    secrets.use_store_key(sealing.name_of(key), key)
    Store.open(profile).close()
    assert copying.sealed(profile) == (True, True)


def test_half_changed_over_it_opens_and_goes_on(filled: Profile, key: str) -> None:
    before = _rows(filled)
    secrets.use_store_key(sealing.name_of(key), key)
    copying._copy_one(filled.content, key, lambda _done: False)
    sealing.name_key(filled, key)
    assert copying.sealed(filled) == (True, False)
    assert _rows(filled) == before
    copying.copy(filled, key)
    assert copying.sealed(filled) == (True, True)
    assert _rows(filled) == before


def test_not_while_somebody_has_it_open(filled: Profile, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_WAIT_MS", 10)
    store = Store.open(filled)
    with pytest.raises(StoreBusy):
        copying.copy(filled, key)
    store.close()
    assert copying.sealed(filled) == (False, False)


def test_stopped_or_without_room_it_is_as_it_was(filled: Profile, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _rows(filled)
    monkeypatch.setattr(copying, "_STEPS", 10)
    with pytest.raises(copying.CopyStopped):
        copying.copy(filled, key, lambda done, total: True)
    monkeypatch.setattr(copying, "MARGIN", 1 << 60)
    with pytest.raises(StoreError, match="not enough room"):
        copying.copy(filled, key)
    assert copying.sealed(filled) == (False, False)
    assert not list(filled.root.glob("*.copy"))
    assert _rows(filled) == before


def test_without_the_file_that_names_the_key_it_is_locked_not_damaged(filled: Profile, key: str) -> None:
    copying.copy(filled, key)
    filled.encryption.unlink()
    with pytest.raises(StoreLocked, match="encryption"):
        Store.open(filled)


KILLED = """
import os, signal, sys
from pathlib import Path
from qtmail import secrets
from qtmail.paths import Profile
from qtmail.store import copying, sealing
profile, key, at = Profile(Path(sys.argv[1])), sys.stdin.read().strip(), int(sys.argv[2])
secrets.use_store_key(sealing.name_of(key), key)
copying._STEPS = 50
seen = 0
def tick(*_):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return False
for name in ("_compare", "_flush"):
    before = getattr(copying, name)
    setattr(copying, name, lambda *given, before=before: (tick(), before(*given), tick())[1])
copying.copy(profile, key, tick)
"""


def test_killed_anywhere_one_good_store_is_left(filled: Profile, key: str) -> None:
    before = _rows(filled)
    secrets.use_store_key(sealing.name_of(key), key)
    states = set()
    for at in (1, 3, 12, 40, 80):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, str(filled.root), str(at)], input=key.encode(), check=False, timeout=60
        )
        assert killed.returncode in (0, -signal.SIGKILL)
        states.add((killed.returncode, copying.sealed(filled)))
        assert _rows(filled) == before
        assert not list(filled.root.glob("*.copy"))
    assert len(states) > 1, os.fspath(Path(filled.root))
