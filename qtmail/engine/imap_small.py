"""When headers are fetched, whether small messages come whole at once: one FETCH and one transaction instead of two.

Where most messages are small the two take as long as both parts of the work; so on a fast line the beginnings of
messages are asked for (BODY.PEEK[]<0.n>), which are all of the small ones. Large ones come with the other bodies.
"""

from collections.abc import Sequence

from qtmail.engine.backend import Desk
from qtmail.mime.headers import end_of_headers
from qtmail.net.imap import ImapSession
from qtmail.net.imap_values import FetchedHeader
from qtmail.store import keeping
from qtmail.store.db import Store
from qtmail.store.values import FolderState

MOST = 16 * 1024
"""Octets of a message that are asked for."""
WORTH = 6 * 1024
"""Octets that would come of each message, on average, up to which it is worth it."""
SAMPLE = 500
"""Messages after which their size is believed."""
FAST = 2_000_000
"""Octets a second: on a slower line the list of messages comes first."""


class Small:
    """What is known of the sizes in one folder, and what comes of it."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk
        self._seen = 0
        self._octets = 0
        self._lied = False

    def learn(self, fetched: Sequence[FetchedHeader]) -> None:
        """These came; newer ones count more than those long before."""
        if self._seen >= 10 * SAMPLE:
            self._seen, self._octets = self._seen // 2, self._octets // 2
        self._seen += len(fetched)
        self._octets += sum(min(max(one.size, len(one.header)), MOST) for one in fetched)

    @property
    def guess(self) -> int:
        """Octets on the wire of one."""
        return self._octets // max(1, self._seen) + 100

    def worth_it(self, session: ImapSession, folder: FolderState) -> bool:
        """Whether the next ones come whole. Not where a folder is a label (Gmail): most of it was here already."""
        desk = self._desk
        return (
            not self._lied
            and self._seen >= SAMPLE
            and self._octets <= WORTH * self._seen
            and desk.workshop is not None
            and desk.workshop.ready
            and not desk.control.metered
            and not session.supports("X-GM-EXT-1")
            and session.header_speed >= FAST
            and keeping.keeps_all_of(self._store.read(), folder.id)
        )

    def is_whole(self, fetched: FetchedHeader) -> bool:
        """Whether what came of it is all: what is cut, and what the server counts in another way, is not."""
        octets = len(fetched.header)
        if octets > MOST:  # it takes no notice of how much was asked for
            self._lied = True
        return octets == fetched.size and octets != MOST


def header_of(beginning: bytes) -> bytes | None:
    """The header of a message of which this is the beginning; None where it is longer."""
    head, body = end_of_headers(beginning)
    return beginning[:body] if head < len(beginning) else None
