"""Encryption of the store as the user meets it: turning it on and off, unlocking it with the recovery key.

Everything here works on a profile whose store nobody has open, as at the start of the program or in a command.
"""

import shutil
from collections.abc import Callable
from enum import StrEnum

from qtmail import secrets
from qtmail.engine.lock import engine_lock
from qtmail.errors import BadInput, NoSecret, StoreLocked
from qtmail.paths import Profile
from qtmail.store import copying, sealing
from qtmail.store.connection import is_old as is_old_database
from qtmail.store.connection import opens
from qtmail.store.copying import CopyStopped

__all__ = ["CopyStopped", "Protection", "Stage"]

Progress = Callable[[int, int], bool]
"""(octets done, of how many) -> whether to stop."""


class Protection(StrEnum):
    """How the store is kept."""

    OFF = "off"
    ON = "on"
    PARTLY = "partly"
    """Changing over was interrupted: everything works, and turning it on or off goes on with the rest."""


class Stage(StrEnum):
    """What shall be done while nobody has the store open."""

    ENCRYPT = "encrypt"
    DECRYPT = "decrypt"
    SHRINK = "shrink"
    REBUILD = "rebuild"
    """See engine/recovering."""


def protection(profile: Profile) -> Protection:
    """What is true of the files now."""
    states = [state for state in copying.sealed(profile) if state is not None]
    named = sealing.named(profile) is not None
    if any(states) or named:
        return Protection.ON if named and all(states) else Protection.PARTLY
    return Protection.OFF


def check_open(profile: Profile) -> None:
    """Raises StoreLocked where the recovery key is needed to open the store; asks the keyring where it is encrypted."""
    for path in (profile.facts, profile.content):
        sealing.pragma(path)


def opens_at_once(profile: Profile) -> bool:
    """Whether nothing has to be asked, done or told before the store is opened: as good as always. Quick."""
    try:
        check_open(profile)
        if is_old(profile):
            return False
        return all(opens(path) for path in (profile.facts, profile.content))
    except StoreLocked:
        return False


def is_old(profile: Profile) -> bool:
    """Whether opening the store brings it up to date first, which takes a while for a large one. Raises StoreLocked."""
    return is_old_database(profile.facts, "facts") or is_old_database(profile.content, "content")


def new_recovery_key() -> str:
    """For `turn_on`; nothing is changed yet."""
    return sealing.new_recovery_key()


def recovery_key(profile: Profile) -> str:
    """The one in force, to print it again. Raises StoreLocked; BadInput where nothing is encrypted."""
    name = sealing.named(profile)
    if name is None:
        raise BadInput("The mail store is not encrypted.")
    return sealing.recovery_key(name)


def check_keyring(key: str) -> None:
    """Put a new key into the keyring, before anything depends on it. Raises NoSecret, SecretsLocked."""
    name = sealing.name_of(key)
    secrets.keep_store_key(name, key)
    secrets.use_store_key(name, key)


def turn_on(profile: Profile, key: str, progress: Progress = lambda done, total: False) -> None:
    """Encrypt every database; goes on with what an interrupted one left, whose own key is kept then.

    Raises NoSecret (there is no keyring to keep the key), StoreError (in use, no room), AlreadyRunning, CopyStopped.
    """
    with engine_lock(profile):
        if sealing.named(profile) is not None:
            key = recovery_key(profile)
        check_keyring(key)
        copying.copy(profile, key, progress)
        shutil.rmtree(profile.pictures, ignore_errors=True)


def turn_off(profile: Profile, progress: Progress = lambda done, total: False) -> None:
    """Decrypt every database; the key is forgotten. Raises as `turn_on`, StoreLocked."""
    with engine_lock(profile):
        name = sealing.named(profile)
        copying.copy(profile, None, progress)
        if name is not None:
            secrets.forget_store_key(name)


def shrink(profile: Profile, progress: Progress = lambda done, total: False) -> int:
    """Write every database anew as it is kept, without its free pages -> octets given back. Raises as `turn_on`."""
    with engine_lock(profile):
        before = _size(profile)
        name = sealing.named(profile)
        copying.copy(profile, None if name is None else sealing.recovery_key(name), progress)
        return before - _size(profile)


def unlock(profile: Profile, typed: str) -> bool:
    """Open the store with the recovery key from now on -> whether the keyring has it again (else it is for this
    process only). Raises BadInput: not a recovery key, or another store's."""
    key = sealing.read_recovery_key(typed)
    named = sealing.named(profile)
    if protection(profile) is Protection.OFF:
        raise BadInput("The mail store is not encrypted.", hint="It opens without a key.")
    if named not in (None, sealing.name_of(key)) or not copying.fits(profile, key):
        raise BadInput("This is the recovery key of another mail store.", hint="Look for the one of this profile.")
    if named is None:
        sealing.name_key(profile, key)
    secrets.use_store_key(sealing.name_of(key), key)
    try:
        secrets.keep_store_key(sealing.name_of(key), key)
    except NoSecret:
        return False
    return True


def session_key(profile: Profile) -> str:
    """What the engine is told by its pipe; empty where it needs none. Never raises."""
    name = sealing.named(profile)
    try:
        return "" if name is None else sealing.recovery_key(name)
    except StoreLocked:
        return ""


def learn(key: str) -> None:
    """The other end of `session_key`."""
    secrets.use_store_key(sealing.name_of(key), key)


def _size(profile: Profile) -> int:
    return sum(path.stat().st_size for path in (profile.facts, profile.content) if path.exists())
