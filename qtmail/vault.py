"""An encrypted file for secrets, behind a passphrase: where the system has no keyring, or the user wants none.

    vault.json: {"version": 1, "kdf": "scrypt", "n": 65536, "r": 8, "p": 1, "salt": ..., "nonce": ..., "data": ...}

`data` is a JSON object of entries under AES-256-GCM (NIST SP 800-38D), its key from the passphrase by scrypt (RFC
7914, 64 MB), the numbers above authenticated with it. Every write has a nonce of its own and replaces the file in one
step. It has the three methods of a keyring backend, so that it stands in for one. cryptography is imported at the first
use.
"""

import base64
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from qtmail.errors import BadInput, NoSecret, SecretsLocked
from qtmail.paths import write_whole

T = TypeVar("T")

SHORTEST = 8
_N, _R, _P = 1 << 16, 8, 1
_MOST_N = 1 << 20
"""A file may say what its own key costs, within reason: 1 GB."""


class WrongPassphrase(SecretsLocked):
    """The vault does not open with it, or somebody changed the file."""

    retry = False

    def __init__(self) -> None:
        super().__init__("The vault does not open with this passphrase.", hint="Type it again; case counts.")


class _File(msgspec.Struct):
    version: int
    kdf: str
    n: int
    r: int
    p: int
    salt: str
    nonce: str
    data: str


@dataclass(frozen=True, slots=True)
class _Key:
    salt: bytes
    key: bytes = field(repr=False)
    cost: tuple[int, int, int] = (_N, _R, _P)


class Vault:
    """One file. Thread-safe; several processes may have it open, and each sees what another wrote."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.RLock()
        self._key: _Key | None = None

    def exists(self) -> bool:
        return self._path.exists()

    @property
    def is_open(self) -> bool:
        return self._key is not None

    def create(self, passphrase: str) -> None:
        """An empty one, open. Raises BadInput for a passphrase that is too short, or where there is one already."""
        _check(passphrase)
        with self._guard:
            if self.exists():
                raise BadInput("There is a vault already.", hint="Open it with its passphrase.")
            self._key = _derive(passphrase, os.urandom(16))
            self._write({})

    def open(self, passphrase: str) -> None:
        """Takes some tenths of a second. Raises WrongPassphrase, NoSecret (not there, or damaged)."""
        with self._guard:
            file = self._file()
            key = _derive(passphrase, _octets(file.salt), (file.n, file.r, file.p))
            self._decrypt(file, key)
            self._key = key

    def key(self) -> str:
        """What a process of ours opens it with; "" while it is not open. As secret as the passphrase."""
        held = self._key
        if held is None:
            return ""
        return " ".join((_text(held.salt), _text(held.key), *map(str, held.cost)))

    def open_with(self, key: str) -> None:
        """With what `key` gave in another process. Raises WrongPassphrase, NoSecret."""
        try:
            salt, derived, n, r, p = key.split(" ")
            held = _Key(_octets(salt), _octets(derived), (int(n), int(r), int(p)))
        except ValueError as error:
            raise WrongPassphrase from error
        with self._guard:
            self._decrypt(self._file(), held)
            self._key = held

    def close(self) -> None:
        """Forget the key."""
        with self._guard:
            self._key = None

    def change(self, passphrase: str) -> None:
        """Another passphrase from now on. Raises BadInput, SecretsLocked where it is not open."""
        _check(passphrase)
        with self._guard, self._alone():
            entries = self._read()
            self._key = _derive(passphrase, os.urandom(16))
            self._write(entries)

    def remove(self) -> None:
        """Delete the file with everything in it."""
        with self._guard:
            self._key = None
            self._path.unlink(missing_ok=True)

    def entries(self) -> dict[str, str]:
        """Name -> secret. Raises SecretsLocked."""
        with self._guard:
            return self._read()

    # What a keyring backend has

    def get_password(self, service: str, username: str) -> str | None:
        with self._guard:
            return self._read().get(_name(service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        def put(entries: dict[str, str]) -> None:
            entries[_name(service, username)] = password

        self._edit(put)

    def delete_password(self, service: str, username: str) -> None:
        self._edit(lambda entries: entries.pop(_name(service, username), None))

    def _edit(self, change: Callable[[dict[str, str]], T]) -> T:
        with self._guard, self._alone():
            entries = self._read()
            result = change(entries)
            self._write(entries)
            return result

    def _alone(self) -> AbstractContextManager[object]:
        from filelock import FileLock  # 50 ms, and only who writes needs it

        return FileLock(f"{self._path}.lock", timeout=10)

    def _read(self) -> dict[str, str]:
        if self._key is None:
            raise SecretsLocked("The vault is locked.", hint="Enter its passphrase.")
        file = self._file()
        if _octets(file.salt) != self._key.salt:
            self._key = None
            raise SecretsLocked("The vault has another passphrase now.", hint="Enter the new one.")
        return self._decrypt(file, self._key)

    def _decrypt(self, file: _File, key: _Key) -> dict[str, str]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            plain = AESGCM(key.key).decrypt(_octets(file.nonce), _octets(file.data), _sealed(key))
        except InvalidTag as error:
            raise WrongPassphrase from error
        return msgspec.json.decode(plain, type=dict[str, str])

    def _write(self, entries: dict[str, str]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key, nonce = self._key, os.urandom(12)
        assert key is not None
        data = AESGCM(key.key).encrypt(nonce, msgspec.json.encode(entries), _sealed(key))
        n, r, p = key.cost
        file = _File(1, "scrypt", n, r, p, _text(key.salt), _text(nonce), _text(data))
        write_whole(self._path, msgspec.json.encode(file).decode())

    def _file(self) -> _File:
        try:
            file = msgspec.json.decode(self._path.read_bytes(), type=_File)
            sound = file.version == 1 and file.kdf == "scrypt" and len(_octets(file.nonce)) == 12
            sound = sound and 2 <= file.n <= _MOST_N and not file.n & (file.n - 1) and 0 < file.r <= 32 and file.p == 1
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise NoSecret(f"The vault {self._path} cannot be read: {error}.", hint="Put its backup back.") from error
        if not sound:
            raise NoSecret(f"The vault {self._path} is damaged, or from a newer qtmail.", hint="Put its backup back.")
        return file


def _check(passphrase: str) -> None:
    if len(passphrase) < SHORTEST:
        raise BadInput(
            f"A passphrase has at least {SHORTEST} characters.", hint="Several words are easier to remember than signs."
        )


def _derive(passphrase: str, salt: bytes, cost: tuple[int, int, int] = (_N, _R, _P)) -> _Key:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    n, r, p = cost
    return _Key(salt, Scrypt(salt, 32, n, r, p).derive(passphrase.encode()), cost)


def _sealed(key: _Key) -> bytes:
    """What is authenticated beside the entries."""
    return b"qtmail vault 1 scrypt %d %d %d " % key.cost + key.salt


def _name(service: str, username: str) -> str:
    return f"{service}/{username}"


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _octets(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
