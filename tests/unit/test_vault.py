"""The vault: opened by its passphrase alone, damaged, changed elsewhere, moved into and out of, handed down."""

import json
from pathlib import Path
from typing import ClassVar

import pytest
from keyring.errors import PasswordSetError

from qtmail import secrets
from qtmail.errors import BadInput, NoSecret, SecretsLocked
from qtmail.model import AccountKey
from qtmail.secrets import Service
from qtmail.vault import Vault, WrongPassphrase
from tests.unit.test_secrets import InMemory, _nothing_chosen, offer

__all__ = ["_nothing_chosen"]
PASSPHRASE = "correct horse"
KEY = AccountKey("k1")
ENTRIES = [(KEY, service) for service in Service]


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtmail.vault._N", 1 << 4)
    monkeypatch.setattr("qtmail.vault._derive.__defaults__", ((1 << 4, 8, 1),))


@pytest.fixture
def vault(tmp_path: Path, cheap: None) -> Vault:
    made = Vault(tmp_path / "vault.json")
    made.create(PASSPHRASE)
    return made


def test_it_costs_something_to_guess() -> None:
    from qtmail import vault

    assert vault._N * vault._R * 128 >= 64 * 2**20


def test_put_get_delete_and_open_again(vault: Vault, tmp_path: Path) -> None:
    vault.set_password("qtmail", "a", "sécret")
    vault.set_password("qtmail", "b", "other")
    vault.delete_password("qtmail", "b")
    vault.delete_password("qtmail", "none")
    again = Vault(tmp_path / "vault.json")
    with pytest.raises(SecretsLocked):
        again.get_password("qtmail", "a")
    with pytest.raises(WrongPassphrase):
        again.open("correct horsf")
    assert not again.is_open
    again.open(PASSPHRASE)
    assert (again.get_password("qtmail", "a"), again.get_password("qtmail", "b")) == ("sécret", None)
    text = (tmp_path / "vault.json").read_text()
    assert "cret" not in text.replace("secret", "")
    assert "horse" not in text
    assert (tmp_path / "vault.json").stat().st_mode & 0o077 == 0


def test_no_write_is_like_another(vault: Vault, tmp_path: Path) -> None:
    seen = set()
    for _ in range(3):
        vault.set_password("qtmail", "a", "same")
        seen.add(json.loads((tmp_path / "vault.json").read_text())["nonce"])
    assert len(seen) == 3


def test_another_process_changed_it(vault: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path / "vault.json")
    other.open_with(vault.key())
    other.set_password("qtmail", "a", "new")
    assert vault.get_password("qtmail", "a") == "new"
    other.change("battery staple")
    with pytest.raises(SecretsLocked, match="another passphrase"):
        vault.get_password("qtmail", "a")
    vault.open("battery staple")
    assert vault.get_password("qtmail", "a") == "new"


@pytest.mark.parametrize("name", ["n", "r", "salt", "nonce", "data", "version", "kdf"])
def test_a_file_that_was_tampered_with_does_not_open(vault: Vault, tmp_path: Path, name: str) -> None:
    file = tmp_path / "vault.json"
    told = json.loads(file.read_text())
    value = told[name]
    told[name] = value * 2 if isinstance(value, int) else ("B" if value[0] == "A" else "A") + value[1:]
    file.write_text(json.dumps(told))
    with pytest.raises(NoSecret):
        Vault(file).open(PASSPHRASE)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"version": 1, "n": 1e99}', "\0" * 50])
def test_a_file_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "vault.json").write_text(content)
    with pytest.raises(NoSecret):
        Vault(tmp_path / "vault.json").open(PASSPHRASE)


def test_a_key_that_is_none(vault: Vault) -> None:
    for key in ("", "a b", "a b c d e", " ".join([*vault.key().split()[:2], "16", "8", "x"])):
        with pytest.raises(NoSecret):
            vault.open_with(key)


def test_too_short_and_twice(vault: Vault, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least"):
        Vault(tmp_path / "other").create("short")
    with pytest.raises(BadInput, match="already"):
        Vault(tmp_path / "vault.json").create(PASSPHRASE)


# In the place of the keyring


class Shared(InMemory):
    """A keyring of the system: the same one however often it is opened."""

    everything: ClassVar[dict[tuple[str, str], str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.kept = self.everything


@pytest.fixture
def profile(tmp_path: Path, cheap: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(secrets, "_vault", None)
    monkeypatch.setattr(secrets, "_ask", str)
    monkeypatch.setattr(Shared, "everything", {})
    monkeypatch.setattr(secrets, "_store_keys", {})
    secrets.use_vault(tmp_path / "vault.json")
    return tmp_path


def test_moved_in_and_out_again(monkeypatch: pytest.MonkeyPatch, profile: Path) -> None:
    offer(monkeypatch, Shared)
    long = "t" * 3000
    secrets.put(KEY, Service.INCOMING, long)
    secrets.keep_store_key("name", "store key")
    assert secrets.move_into_vault(PASSPHRASE, ENTRIES, ["name"]) == 2
    assert Shared.everything == {}
    assert secrets.get(KEY, Service.INCOMING) == long
    assert "vault" in secrets.place()
    secrets.put(KEY, Service.OUTGOING, "out")
    assert secrets.move_into_keyring(ENTRIES, ["name"]) == 3
    assert not (profile / "vault.json").exists()
    assert secrets.get(KEY, Service.INCOMING) == long
    assert secrets.get(KEY, Service.OUTGOING) == "out"


def test_nothing_is_lost_where_the_keyring_fails(monkeypatch: pytest.MonkeyPatch, profile: Path) -> None:
    offer(monkeypatch, Shared)
    secrets.put(KEY, Service.INCOMING, "secret")
    secrets.move_into_vault(PASSPHRASE, ENTRIES, [])

    def fail(*_: object) -> None:
        raise PasswordSetError("full")

    kept = Shared.set_password  # keyring gives each class its own
    monkeypatch.setattr(Shared, "set_password", fail)
    with pytest.raises(NoSecret):
        secrets.move_into_keyring(ENTRIES, [])
    monkeypatch.setattr(Shared, "set_password", kept)
    assert secrets.get(KEY, Service.INCOMING) == "secret"


def test_without_any_keyring(monkeypatch: pytest.MonkeyPatch, profile: Path) -> None:
    offer(monkeypatch)
    assert secrets.move_into_vault(PASSPHRASE, ENTRIES, []) == 0
    secrets.put(KEY, Service.INCOMING, "secret")
    secrets.use_vault(profile / "vault.json")
    with pytest.raises(SecretsLocked, match="vault"):
        secrets.get(KEY, Service.INCOMING)
    secrets.ask_passphrase(lambda: PASSPHRASE)
    assert secrets.get(KEY, Service.INCOMING) == "secret"


def test_handed_down_to_a_process_of_ours(monkeypatch: pytest.MonkeyPatch, profile: Path) -> None:
    offer(monkeypatch)
    secrets.move_into_vault(PASSPHRASE, ENTRIES, [])
    secrets.put(KEY, Service.INCOMING, "secret")
    secrets.use_store_key("name", "store key")
    line = secrets.handed_down()
    assert "\n" not in line
    secrets.use_vault(profile / "vault.json")
    monkeypatch.setattr(secrets, "_store_keys", {})
    for nothing in ("", "{}", "[]", "x", '{"stores": 3}'):
        secrets.take_over(nothing)
    with pytest.raises(SecretsLocked):
        secrets.get(KEY, Service.INCOMING)
    secrets.take_over(line)
    assert secrets.get(KEY, Service.INCOMING) == "secret"
    assert secrets.store_key("name") == "store key"
