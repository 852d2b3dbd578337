"""Encryption of the whole store: its key, the recovery key on paper, and how a database is opened with it.

One secret of 160 random bits is kept in the keyring, and written out it is the recovery key: nine groups of four signs,
the last a checksum. Each database has its own key made from it; all pages, the write-ahead log too, are encrypted and
authenticated by SQLite3 Multiple Ciphers (ChaCha20-Poly1305). Whether a file is encrypted is read from the file itself,
so that a store changed over by half works; `Profile.encryption` names the secret, and is there when new files are to be
encrypted.
"""

import hashlib
import secrets as random
from pathlib import Path

from qtmail import log, secrets
from qtmail.errors import BadInput, SecretsLocked, StoreLocked
from qtmail.paths import Profile, write_whole

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O and U, which people take for others."""
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "\n": None, "\r": None, "\t": None})
_SECRET = 20
_CHECK = 4
"""Signs of the checksum."""
_WHOLE = _SECRET * 8 // 5 + _CHECK
_GROUP = 4
_PLAIN = b"SQLite format 3\x00"
_FRACTIONS = b"\x40\x20\x20"
"""At 21 in every database; encryption leaves these octets readable."""


def new_recovery_key() -> str:
    """A new secret, as it is printed: “XXXX-XXXX-...”, nine groups."""
    return _written(random.token_bytes(_SECRET))


def read_recovery_key(text: str) -> str:
    """What the user typed, in the printed form. Case, spaces and look-alikes do not matter. Raises BadInput."""
    signs = text.upper().translate(_MEANT)
    if len(signs) != _WHOLE or any(sign not in SIGNS for sign in signs):
        raise BadInput(
            f"This is no recovery key: it has {_WHOLE} letters and digits in groups of {_GROUP}.",
            hint="Look at the printed one again.",
        )
    written = _written(_octets(signs[:-_CHECK]))
    if written.replace("-", "") != signs:
        raise BadInput("There is a slip of the pen in this recovery key.", hint="Compare it group by group.")
    return written


def name_of(recovery_key: str) -> str:
    """The public name of this key: tells one from another, and nothing about it."""
    return hashlib.blake2b(_of(recovery_key), digest_size=8, person=b"qtmail name").hexdigest()


def named(profile: Profile) -> str | None:
    """The name of the key that new files of this profile are encrypted with; None: they are not."""
    try:
        return profile.encryption.read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def name_key(profile: Profile, recovery_key: str | None) -> None:
    """From now on new files are encrypted with this key; None: no longer. Raises OSError."""
    if recovery_key is None:
        profile.encryption.unlink(missing_ok=True)
    else:
        write_whole(profile.encryption, name_of(recovery_key) + "\n")


def is_sealed(path: Path) -> bool | None:
    """Whether this database is encrypted; None: it is not there, is empty, or cannot be told (damaged)."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError:
        return None
    if head.startswith(_PLAIN):
        return False
    return True if head[21:] == _FRACTIONS else None


def pragma(path: Path) -> str:
    """What SQLite has to be told first on a connection to `path`; empty for a plain database. Raises StoreLocked."""
    sealed = is_sealed(path)
    name = named(Profile(path.parent))
    if name is None and sealed:
        raise StoreLocked("Which key opens it is not known: the file “encryption” is missing from its folder.")
    if not name or sealed is False:
        return ""
    return f"PRAGMA key = '{raw_key(recovery_key(name), path)}'"


def recovery_key(name: str) -> str:
    """The secret of this name, from this session or the keyring. Raises StoreLocked."""
    why = ""
    try:
        found = secrets.store_key(name)
    except SecretsLocked as error:
        found, why = None, error.sentence()
    if found is None:
        raise StoreLocked(why)
    return found


def raw_key(recovery_key: str, path: Path) -> str:
    """The key of one database, as SQLite3 Multiple Ciphers takes it; never logged."""
    person = b"qtmail " + path.name.partition(".")[0].encode()[:8]
    key = "raw:" + hashlib.blake2b(_of(recovery_key), digest_size=32, person=person).hexdigest()
    log.redact(key)
    return key


def _of(recovery_key: str) -> bytes:
    return _octets(recovery_key.replace("-", "")[:-_CHECK])


def _octets(signs: str) -> bytes:
    number = 0
    for sign in signs:
        number = number * 32 + SIGNS.index(sign)
    return number.to_bytes(_SECRET, "big")


def _written(secret: bytes) -> str:
    number = int.from_bytes(secret, "big")
    check = int.from_bytes(hashlib.blake2b(secret, digest_size=8, person=b"qtmail check").digest(), "big")
    signs = _signs(number, _WHOLE - _CHECK) + _signs(check, _CHECK)
    return "-".join(signs[at : at + _GROUP] for at in range(0, _WHOLE, _GROUP))


def _signs(number: int, count: int) -> str:
    return "".join(SIGNS[number >> 5 * place & 31] for place in reversed(range(count)))
