"""Large literals, from the wire to a file without passing through memory as a whole."""

import hashlib
import tempfile
from pathlib import Path

from qtmail.errors import MailError
from qtmail.net.imap_values import Spooled
from qtmail.net.wire import Wire

LARGE = 1024 * 1024
"""Octets from which on a literal goes to disk."""
PREFIX = "fetched-"


def take(wire: Wire, size: int, directory: Path) -> Spooled:
    """The next `size` octets of the wire, hashed on the way. Raises as the wire does; MailError if it cannot be written
    (the literal is read past then, so the connection stays in step)."""
    digest = hashlib.sha256()
    left = size
    path = None

    def keep(piece: bytes) -> None:
        nonlocal left
        left -= len(piece)
        digest.update(piece)
        file.write(piece)

    try:
        with tempfile.NamedTemporaryFile(dir=directory, prefix=PREFIX, delete=False) as file:
            path = Path(file.name)
            wire.read_into(keep, size)
    except OSError as error:
        if path:
            path.unlink(missing_ok=True)
        wire.skip(left)
        raise MailError(
            f"A large message could not be kept on the disk: {error.strerror or error}.",
            retry=True,
            hint="Make room on the disk.",
        ) from error
    except BaseException:
        if path:
            path.unlink(missing_ok=True)
        raise
    return Spooled(path, size, digest.digest())


def sweep(directory: Path) -> int:
    """Remove what a killed program left in `directory`; -> how many. Nobody may be fetching into it."""
    left = list(directory.glob(PREFIX + "*"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
