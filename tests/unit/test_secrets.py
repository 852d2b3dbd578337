"""Secrets: which keyring is chosen, what each failure is called. The keyring itself is in tests/wire."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordSetError

from qtmail import log, secrets
from qtmail.errors import NoSecret, SecretsLocked
from qtmail.model import AccountKey
from qtmail.secrets import Service

KEY = AccountKey("k1")


class InMemory(KeyringBackend):
    """A keyring that works; `trouble` is raised in place of every answer."""

    priority = 1
    trouble: Exception | None = None
    forgetful = False

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return None if self.forgetful else self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        del self.kept[service, username]

    def _check(self) -> None:
        if self.trouble:
            raise self.trouble


class Forgetful(InMemory):
    forgetful = True


class Locked(InMemory):
    trouble = KeyringLocked("locked")


class Dismissed(InMemory):
    trouble = InitError("Failed to unlock the collection: prompt dismissed")


class Broken(InMemory):
    trouble = PasswordSetError("no")


class Gone(InMemory):
    trouble = ConnectionResetError("bus gone")


class _Absent:
    """What keyring's own backends have for a priority where they cannot work."""

    def __get__(self, instance: object, owner: type) -> float:
        raise RuntimeError("not on this system")


class NotHere(InMemory):
    priority = _Absent()  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setattr(log, "_secrets", set())
    secrets.reset()
    yield
    secrets.reset()


def offer(monkeypatch: pytest.MonkeyPatch, *kinds: type[KeyringBackend]) -> None:
    """Make these the safe backends of this system."""
    names = tuple(f"{kind.__module__}.{kind.__name__}" for kind in kinds)
    monkeypatch.setattr(secrets, "_SAFE", {sys.platform: names, "linux": names})


def test_put_get_delete(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, InMemory)
    with pytest.raises(NoSecret, match="No password is stored"):
        secrets.get(KEY, Service.INCOMING)
    secrets.put(KEY, Service.INCOMING, "pa ss")
    assert secrets.get(KEY, Service.INCOMING) == "pa ss"
    assert secrets.password_for(KEY, Service.OUTGOING) == "pa ss"
    secrets.put(KEY, Service.OUTGOING, "other")
    assert secrets.password_for(KEY, Service.OUTGOING) == "other"
    assert secrets.password_for(KEY, Service.INCOMING) == "pa ss"
    secrets.delete(KEY, Service.OUTGOING)
    assert secrets.password_for(KEY, Service.OUTGOING) == "pa ss"
    secrets.delete(KEY)
    secrets.delete(KEY)
    with pytest.raises(NoSecret):
        secrets.password_for(KEY, Service.OUTGOING)


def test_what_is_too_long_for_one_entry_is_kept_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, InMemory)
    backend = secrets._KEYRING.backend()
    assert isinstance(backend, InMemory)
    for secret in ("é" * 5000, "x" * 1001, "y" * 1000, "qtmail-pieces:a:1"):
        secrets.put(KEY, Service.INCOMING, secret)
        assert secrets.get(KEY, Service.INCOMING) == secret
        assert max(map(len, backend.kept.values())) <= 1000
    secrets.put(KEY, Service.INCOMING, "short")
    assert list(backend.kept.values()) == ["short"]
    secrets.put(KEY, Service.INCOMING, "z" * 3000)
    secrets.delete(KEY)
    assert backend.kept == {}


def test_the_old_one_holds_until_the_new_one_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program ended, or the keyring failed, in the middle: never half of each."""
    offer(monkeypatch, InMemory)
    old, new = "a" * 2500, "b" * 2500
    for survived in range(5):
        secrets.put(KEY, Service.INCOMING, old)
        backend = secrets._KEYRING.backend()
        assert isinstance(backend, InMemory)
        kept, left = InMemory.set_password, [survived]

        def fail(
            self: InMemory, service: str, username: str, password: str, left: list[int] = left, kept: Any = kept
        ) -> None:
            if not left[0]:
                raise PasswordSetError("full")
            left[0] -= 1
            kept(self, service, username, password)

        monkeypatch.setattr(InMemory, "set_password", fail)
        if survived < 4:
            with pytest.raises(NoSecret):
                secrets.put(KEY, Service.INCOMING, new)
        else:
            secrets.put(KEY, Service.INCOMING, new)
        monkeypatch.setattr(InMemory, "set_password", kept)
        assert secrets.get(KEY, Service.INCOMING) == (new if survived == 4 else old)


def test_accounts_do_not_share(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, InMemory)
    secrets.put(KEY, Service.INCOMING, "one")
    with pytest.raises(NoSecret):
        secrets.get(AccountKey("k2"), Service.INCOMING)


def test_what_was_read_never_reaches_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, InMemory)
    secrets.put(KEY, Service.INCOMING, "sesame street")
    assert "sesame" not in log.clean("the reply was sesame street")


def test_the_first_that_keeps_what_it_is_given_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, NotHere, Broken, Gone, Forgetful, InMemory)
    secrets.put(KEY, Service.INCOMING, "x")
    assert isinstance(secrets._KEYRING.backend(), InMemory)


def test_the_proof_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, InMemory)
    backend = secrets._KEYRING.backend()
    assert isinstance(backend, InMemory)
    assert backend.kept == {}


@pytest.mark.parametrize("kinds", [(), (NotHere,), (Broken, Forgetful), (Gone,)])
def test_without_a_keyring_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, kinds: tuple[type[KeyringBackend], ...]
) -> None:
    offer(monkeypatch, *kinds)
    with pytest.raises(NoSecret, match="no keyring") as caught:
        secrets.put(KEY, Service.INCOMING, "x")
    assert "GNOME Keyring or KWallet" in caught.value.hint
    assert not isinstance(caught.value, SecretsLocked)


@pytest.mark.parametrize("kind", [Locked, Dismissed])
def test_locked_is_not_missing(monkeypatch: pytest.MonkeyPatch, kind: type[KeyringBackend]) -> None:
    offer(monkeypatch, kind)
    with pytest.raises(SecretsLocked) as caught:
        secrets.password_for(KEY, Service.OUTGOING)
    assert caught.value.retry
    assert "nlock" in caught.value.hint


def test_unlocking_later_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, Locked)
    with pytest.raises(SecretsLocked):
        secrets.put(KEY, Service.INCOMING, "x")
    monkeypatch.setattr(Locked, "trouble", None)
    secrets.put(KEY, Service.INCOMING, "x")
    assert secrets.get(KEY, Service.INCOMING) == "x"


@pytest.mark.parametrize("trouble", [KeyringError("odd"), OSError("bus gone"), InitError("no service")])
def test_a_keyring_that_fails_later(monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    offer(monkeypatch, InMemory)
    secrets.put(KEY, Service.INCOMING, "x")
    monkeypatch.setattr(InMemory, "trouble", trouble)
    with pytest.raises(NoSecret, match="keyring does not"):
        secrets.get(KEY, Service.INCOMING)


@pytest.mark.expects_log
def test_the_users_own_choice_is_honoured_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    offer(monkeypatch)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"{InMemory.__module__}.InMemory")
    secrets.put(KEY, Service.INCOMING, "x")
    secrets.get(KEY, Service.INCOMING)
    assert len([record for record in caplog.records if "plain text" in record.getMessage()]) == 1


@pytest.mark.parametrize("name", ["no.such.Backend", "nonsense", "keyring.backends.null.NoSuch"])
def test_a_choice_that_is_none(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", name)
    with pytest.raises(NoSecret, match="PYTHON_KEYRING_BACKEND"):
        secrets.get(KEY, Service.INCOMING)


def test_keyring_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, qtmail.secrets; sys.exit('keyring' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
