"""Passwords and tokens, in the keyring of the operating system; never in a file of ours (design 6, Secrets).

    PYTHON_KEYRING_BACKEND set? --yes--> that one, with a warning where it stores plain text
      | no
    a vault in this profile? --yes--> the vault, once it was opened with its passphrase (SecretsLocked until then)
      | no
    the first safe backend of this system that passes write-read-delete --none--> NoSecret with what to do

keyring is imported at the first use only. Thread-safe; a call may wait for the user to unlock the keyring.
"""

import json
import logging
import os
import sys
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from qtmail import log
from qtmail.errors import NoSecret, SecretsLocked
from qtmail.model import Account, AccountKey
from qtmail.vault import Vault

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

_vault: Vault | None = None
_ask: Callable[[], str] = str

_logger = logging.getLogger(__name__)
_APPLICATION = "qtmail"
_HOW_TO_GET_ONE = (
    "Install and unlock a keyring (GNOME Keyring or KWallet on Linux; macOS and Windows have one), or make a vault "
    "behind a passphrase (qtmail vault create)."
)
_MOST = 1000
"""Characters of one entry: Windows keeps 1,280 (2,560 octets of UTF-16), and tokens are longer."""
_PIECES = "qtmail-pieces:"
_store_keys: dict[str, str] = {}
"""By name: asked for once a process, or typed by the user."""
_SAFE: dict[str, tuple[str, ...]] = {
    "linux": ("keyring.backends.SecretService.Keyring", "keyring.backends.kwallet.DBusKeyring"),
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
"""By sys.platform, in order of preference. Never keyrings.alt: it stores plain text."""


class Service(StrEnum):
    """What a secret opens."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


def get(account: AccountKey, service: Service) -> str:
    """The secret. Raises NoSecret (none stored, or no keyring) or SecretsLocked (the user must unlock it)."""
    secret = _KEYRING.do(partial(_read, _entry(account, service)))
    if secret is None:
        raise NoSecret("No password is stored for this account.", hint="Enter it in the account's settings.")
    log.redact(secret)
    return secret


def put(account: AccountKey, service: Service, secret: str) -> None:
    """Store or replace it, in one step. Raises NoSecret where no safe keyring works, SecretsLocked."""
    log.redact(secret)
    _KEYRING.do(partial(_write, _entry(account, service), secret))


def delete(account: AccountKey, service: Service | None = None) -> None:
    """Forget it (None: all of this account). That there is none is no error. Raises NoSecret, SecretsLocked."""
    for one in (service,) if service else tuple(Service):
        _KEYRING.do(partial(_forget, _entry(account, one)))


def _read(entry: str, backend: "KeyringBackend") -> str | None:
    head = backend.get_password(_APPLICATION, entry)
    pieces = [backend.get_password(_APPLICATION, name) for name in _pieces(entry, head)]
    if not pieces:
        return head
    whole = [piece for piece in pieces if piece is not None]
    return "".join(whole) if len(whole) == len(pieces) else None


def _write(entry: str, secret: str, backend: "KeyringBackend") -> None:
    """What is too long for one entry stands in several; until the first one names them, the old ones are the secret."""
    old = backend.get_password(_APPLICATION, entry)
    head = secret
    if len(secret) > _MOST or secret.startswith(_PIECES):
        parts = [secret[at : at + _MOST] for at in range(0, len(secret), _MOST)]
        head = f"{_PIECES}{uuid.uuid4().hex[:8]}:{len(parts)}"
        for name, part in zip(_pieces(entry, head), parts, strict=True):
            backend.set_password(_APPLICATION, name, part)
    backend.set_password(_APPLICATION, entry, head)
    for name in _pieces(entry, old):
        backend.delete_password(_APPLICATION, name)


def _forget(entry: str, backend: "KeyringBackend") -> None:
    head = backend.get_password(_APPLICATION, entry)
    if head is not None:
        backend.delete_password(_APPLICATION, entry)
    for name in _pieces(entry, head):
        if backend.get_password(_APPLICATION, name) is not None:
            backend.delete_password(_APPLICATION, name)


def _pieces(entry: str, head: str | None) -> list[str]:
    """The entries that hold the secret of this one, in order; none where it holds it itself."""
    if head is None or not head.startswith(_PIECES):
        return []
    made, _, count = head.removeprefix(_PIECES).partition(":")
    return [f"{entry}/{made}/{number}" for number in range(int(count))]


def password_for(account: AccountKey, service: Service) -> str:
    """As `get`, but the outgoing server's falls back to the incoming one's: most accounts have only one."""
    return find(account, service)[1]


def find(account: AccountKey, service: Service) -> tuple[Service, str]:
    """As `password_for`, and where it stands."""
    if service is Service.OUTGOING:
        try:
            return service, get(account, service)
        except SecretsLocked:
            raise
        except NoSecret:
            pass
    return Service.INCOMING, get(account, Service.INCOMING)


def of_identity(account: AccountKey, identity: str) -> AccountKey:
    """The name under which the password of an identity's own server for sending is kept (Service.OUTGOING)."""
    return AccountKey(f"{account}+{identity}")


def of_account(account: Account) -> Iterator[tuple[AccountKey, Service]]:
    """Every secret that an account may have."""
    for service in Service:
        yield account.key, service
    for identity in account.more_identities:
        yield of_identity(account.key, identity.key), Service.OUTGOING


def store_key(name: str) -> str | None:
    """The key of an encrypted store: of this session or the keyring; None: not known here. Raises SecretsLocked."""
    if name in _store_keys:
        return _store_keys[name]
    try:
        key = _KEYRING.do(lambda backend: backend.get_password(_APPLICATION, _store_entry(name)))
    except SecretsLocked:
        raise
    except NoSecret:
        return None
    if key is not None:
        use_store_key(name, key)
    return key


def use_store_key(name: str, key: str) -> None:
    """Know it in this process from now on."""
    log.redact(key)
    _store_keys[name] = key


def keep_store_key(name: str, key: str) -> None:
    """In the keyring, proven by reading it back. Raises NoSecret, SecretsLocked."""
    log.redact(key)
    _KEYRING.do(lambda backend: backend.set_password(_APPLICATION, _store_entry(name), key))
    if _KEYRING.do(lambda backend: backend.get_password(_APPLICATION, _store_entry(name))) != key:
        raise NoSecret("The keyring does not give back what it was given.", hint=_HOW_TO_GET_ONE)


def forget_store_key(name: str) -> None:
    """Here and in the keyring. That there is none is no error. Raises NoSecret, SecretsLocked."""
    _store_keys.pop(name, None)
    _KEYRING.do(partial(_forget, _store_entry(name)))


def reset() -> None:
    """Choose again at the next use: the user has installed or unlocked a keyring."""
    _KEYRING.reset()


def use_vault(path: Path) -> Vault:
    """Where this profile's vault is, if it has one. -> it."""
    global _vault
    _vault = Vault(path)
    reset()
    return _vault


def vault() -> Vault | None:
    """The one of this profile, whether it is there or not; None: this process was not told where."""
    return _vault


def ask_passphrase(ask: Callable[[], str]) -> None:
    """How somebody can be asked for the vault's passphrase when a secret is needed; "": nobody answers."""
    global _ask
    _ask = ask


NOTHING = '{"vault": "", "stores": {}}'
"""What `handed_down` gives where there is nothing to give."""


def handed_down() -> str:
    """What a process of ours needs that cannot ask anybody: the vault's key, and keys of stores that are in no keyring.
    One line, for its stdin alone."""
    opened = _vault.key() if _vault is not None else ""
    return json.dumps({"vault": opened, "stores": _store_keys})


def take_over(line: str) -> None:
    """What `handed_down` gave. Anything else is ignored; raises NoSecret where the vault does not open."""
    try:
        told = json.loads(line or "{}")
        stores, opened = dict(told.get("stores") or {}), str(told.get("vault") or "")
    except (ValueError, TypeError, AttributeError):
        return
    for name, key in stores.items():
        use_store_key(str(name), str(key))
    if opened and _vault is not None:
        log.redact(opened.split(" ")[1])
        _vault.open_with(opened)
        reset()


def place() -> str:
    """Where secrets are kept, for people. Never raises."""
    try:
        backend = _KEYRING.backend()
    except NoSecret as error:
        return error.sentence()
    return "In the vault, behind your passphrase" if isinstance(backend, Vault) else f"In {backend.name}"


def move_into_vault(passphrase: str, entries: Iterable[tuple[AccountKey, Service]], stores: Iterable[str]) -> int:
    """Make the vault, put there what the keyring has of these, read it back, then take it out of the keyring.
    -> how many. Raises BadInput, NoSecret, SecretsLocked; the keyring has everything until the vault is proven."""
    assert _vault is not None
    names = [*(_entry(*one) for one in entries), *map(_store_entry, stores)]
    known = _known(names)
    _vault.create(passphrase)
    target = cast("KeyringBackend", _vault)
    try:
        for name, secret in known.items():
            _write(name, secret, target)
        if any(_read(name, target) != secret for name, secret in known.items()):
            raise NoSecret("The vault does not give back what it was given.")
    except BaseException:
        _vault.remove()
        raise
    for name in known:
        _KEYRING.do(partial(_forget, name))
    reset()
    return len(known)


def move_into_keyring(entries: Iterable[tuple[AccountKey, Service]], stores: Iterable[str]) -> int:
    """The way back: the vault's file goes when the keyring has proven to hold everything."""
    assert _vault is not None
    source = cast("KeyringBackend", _vault)
    names = [*(_entry(*one) for one in entries), *map(_store_entry, stores)]
    known = {name: secret for name in names if (secret := _read(name, source)) is not None}
    keyring = _chosen_by_user() or _first_that_works()
    for name, secret in known.items():
        _translated(partial(_write, name, secret, keyring))
    for name, secret in known.items():
        if _translated(partial(_read, name, keyring)) != secret:
            raise NoSecret("The keyring does not give back what it was given.", hint=_HOW_TO_GET_ONE)
    _vault.remove()
    reset()
    return len(known)


def _known(names: Iterable[str]) -> dict[str, str]:
    """What the keyring has of these; nothing where there is no keyring."""
    found: dict[str, str] = {}
    try:
        for name in names:
            if (secret := _KEYRING.do(partial(_read, name))) is not None:
                found[name] = secret
    except SecretsLocked:
        raise
    except NoSecret:
        return {}
    return found


def _store_entry(name: str) -> str:
    return f"store/{name}"


def _entry(account: AccountKey, service: Service) -> str:
    return f"{account}/{service}"


class _Keyring:
    """The chosen backend, chosen once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._backend: KeyringBackend | None = None

    def reset(self) -> None:
        with self._lock:
            self._backend = None

    def backend(self) -> "KeyringBackend":
        """Choose it, the first time. Raises NoSecret, SecretsLocked."""
        with self._lock:
            if self._backend is None:
                self._backend = _chosen_by_user() or _of_the_vault() or _first_that_works()
            return self._backend

    def do(self, action: "Callable[[KeyringBackend], T]") -> T:
        """Run it on the backend, its errors translated."""
        backend = self.backend()
        return _translated(lambda: action(backend))


_KEYRING = _Keyring()


def _chosen_by_user() -> "KeyringBackend | None":
    """The backend PYTHON_KEYRING_BACKEND names: the user's word. Raises NoSecret if there is no such thing."""
    name = os.environ.get("PYTHON_KEYRING_BACKEND", "")
    if not name:
        return None
    try:
        backend = _load(name)
    except (ImportError, AttributeError, ValueError, RuntimeError) as error:
        raise NoSecret(
            f"The keyring {name} (PYTHON_KEYRING_BACKEND) cannot be used: {error}.", hint="Correct it or take it away."
        ) from error
    if name not in _every_safe():
        _logger.warning("PYTHON_KEYRING_BACKEND chose %s, which may store passwords as plain text", name)
    return backend


def _of_the_vault() -> "KeyringBackend | None":
    """Where the profile has one: opened with its passphrase. Raises SecretsLocked."""
    if _vault is None or not _vault.exists():
        return None
    if not _vault.is_open and (passphrase := _ask()):
        _vault.open(passphrase)
    if not _vault.is_open:
        raise SecretsLocked("The vault with the passwords is locked.", hint="Enter its passphrase.")
    return cast("KeyringBackend", _vault)


def _every_safe() -> Iterator[str]:
    for names in _SAFE.values():
        yield from names


_UNUSABLE = (NoSecret, ImportError, AttributeError, RuntimeError)
"""Why a backend may not do here: it says so, or its libraries are not there."""


def _first_that_works() -> "KeyringBackend":
    locked: SecretsLocked | None = None
    reasons = []
    for name in _SAFE.get(sys.platform, _SAFE["linux"]):
        try:
            backend = _translated(partial(_load, name))
            _prove(backend)
        except SecretsLocked as error:
            locked = error
        except _UNUSABLE as error:
            reasons.append(f"{name.rpartition('.backends.')[2]}: {error}")
        else:
            return backend
    if locked:
        raise locked
    _logger.info("no keyring: %s", "; ".join(reasons))
    raise NoSecret("There is no keyring on this system in which passwords are safe.", hint=_HOW_TO_GET_ONE)


def _load(name: str) -> "KeyringBackend":
    module, _, attribute = name.rpartition(".")
    kind = getattr(import_module(module), attribute)
    _ = kind.priority  # raises RuntimeError where this backend cannot work here
    backend: KeyringBackend = kind()
    return backend


def _prove(backend: "KeyringBackend") -> None:
    """Write, read and delete an entry of our own: some keyrings are there but do not keep anything."""
    entry, secret = f"test/{uuid.uuid4()}", uuid.uuid4().hex

    def round_trip() -> bool:
        backend.set_password(_APPLICATION, entry, secret)
        try:
            return backend.get_password(_APPLICATION, entry) == secret
        finally:
            backend.delete_password(_APPLICATION, entry)

    if not _translated(round_trip):
        raise NoSecret("The keyring does not give back what it was given.", hint=_HOW_TO_GET_ONE)


def _translated(action: "Callable[[], T]") -> T:
    """keyring's and its backends' errors as ours. Raises SecretsLocked, NoSecret."""
    from keyring.errors import InitError, KeyringError, KeyringLocked

    unlock = "Unlock the keyring (log out and in again, or open the system's password program), then try again."
    try:
        return action()
    except KeyringLocked as error:
        raise SecretsLocked("The keyring is locked.", hint=unlock) from error
    except InitError as error:
        if "unlock" in str(error).lower() or "dismiss" in str(error).lower():
            raise SecretsLocked("The keyring is locked.", hint=unlock) from error
        raise NoSecret(f"The keyring does not answer: {error}.", hint=_HOW_TO_GET_ONE) from error
    except KeyringError as error:
        raise NoSecret(f"The keyring does not work: {error}.", hint=_HOW_TO_GET_ONE) from error
    except _bus_errors() as error:
        raise NoSecret(f"The keyring does not answer: {error}.", hint=_HOW_TO_GET_ONE) from error


def _bus_errors() -> tuple[type[Exception], ...]:
    """What the way to the keyring raises of its own when that is gone (Linux: D-Bus and secretstorage)."""
    found: list[type[Exception]] = [OSError]
    for module, name in (("jeepney.wrappers", "DBusErrorResponse"), ("secretstorage", "SecretStorageException")):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)
