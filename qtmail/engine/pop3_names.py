"""Lasting names for the messages of a POP3 server, also where it has none (no UIDL) or gives one twice.

A message without a name of its own is called by what its header says (TOP), or by all of it (RETR) where there is no
TOP either; a message that shares its name with another by both.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from qtmail.net.pop3 import PopEntry, PopSession

_APART = " "
"""Between a name given twice and what tells the messages apart: no UIDL has a blank in it (RFC 1939, 7)."""
_LETTERS = 32


def named(session: PopSession, listed: Sequence[PopEntry], known: Collection[str]) -> tuple[PopEntry, ...]:
    """The list with a name for each. known: names given before; a name that had to be told apart once stays so."""
    told_apart = {uidl.partition(_APART)[0] for uidl in known if _APART in uidl}
    times = Counter(entry.uidl for entry in listed)
    unclear = [e for e in listed if not e.uidl or times[e.uidl] > 1 or e.uidl in told_apart]
    if not unclear:
        return tuple(listed)
    digests = _digests(session, unclear)
    ours = {entry.number for entry in unclear}
    return tuple(
        entry._replace(uidl=f"{entry.uidl}{_APART}{digests[entry.number]}") if entry.number in ours else entry
        for entry in listed
        if entry.number not in ours or entry.number in digests
    )


def _digests(session: PopSession, entries: Sequence[PopEntry]) -> dict[int, str]:
    """By number. A message the server will not show at all has none."""
    found = {number: _digest([header]) for number, header in session.tops([entry.number for entry in entries])}
    for number, content in session.retrieve_many([e.number for e in entries if e.number not in found]):
        assert isinstance(content, bytes)
        found[number] = _digest([content])
    return found


def _digest(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()[:_LETTERS]
