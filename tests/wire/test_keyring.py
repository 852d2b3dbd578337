"""Secrets in a real secret service: gnome-keyring on a private D-Bus."""

import gc
from collections.abc import Iterator
from contextlib import closing

import pytest
import secretstorage

from qtmail import secrets
from qtmail.errors import NoSecret, SecretsLocked
from qtmail.model import AccountKey
from qtmail.secrets import Service
from tests.servers import KeyringDaemon

KEY = AccountKey("k1")


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyringDaemon]:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    with KeyringDaemon() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        secrets.reset()
        yield running
    secrets.reset()


def test_kept_found_and_forgotten(keyring: KeyringDaemon) -> None:
    assert "SecretService" in secrets._KEYRING.backend().name
    secrets.put(KEY, Service.INCOMING, "Grüße, 世界")
    assert secrets.password_for(KEY, Service.OUTGOING) == "Grüße, 世界"
    secrets.delete(KEY)
    with pytest.raises(NoSecret, match="No password is stored"):
        secrets.get(KEY, Service.INCOMING)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # jeepney forgets its sockets then
def test_locked_is_told_from_missing(keyring: KeyringDaemon) -> None:
    secrets.put(KEY, Service.INCOMING, "x")
    with closing(secretstorage.dbus_init()) as bus:
        secretstorage.get_default_collection(bus).lock()
    with pytest.raises(SecretsLocked):
        secrets.get(KEY, Service.INCOMING)
    with pytest.raises(SecretsLocked):
        secrets.put(KEY, Service.INCOMING, "y")
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # jeepney forgets its sockets then
def test_a_keyring_that_ends(keyring: KeyringDaemon) -> None:
    secrets.put(KEY, Service.INCOMING, "x")
    keyring.stop()
    with pytest.raises(NoSecret):
        secrets.get(KEY, Service.INCOMING)
    gc.collect()
