"""What became of a message whose server never answered: traces prove that it went; nothing proves that it did not.

Looked for: a copy in Sent or in the inbox, an answer to it, its bounce; here first, then on the server. What leaves no
trace is the user's to decide.
"""

import logging
from dataclasses import dataclass

from qtmail.engine.imap_link import ImapLink
from qtmail.errors import StoreError
from qtmail.model import OutboxItem, Role
from qtmail.store import read, traces
from qtmail.store.db import Store

log = logging.getLogger(__name__)

MARGIN_S = 600
"""What came so long before it was given up as uncertain may be its bounce already."""
_REPORT = b"report-type=delivery-status"


@dataclass(frozen=True, slots=True)
class Trace:
    """It was sent: how we know, as a sentence. `bounced`: and came back."""

    words: str
    bounced: bool = False


class Tracker:
    """Belongs to the thread of the outbox. `link`: the account's IMAP connection; None where there is none (POP3)."""

    def __init__(self, store: Store, link: ImapLink | None) -> None:
        self._store = store
        self._link = link
        self._looked: set[int] = set()

    def find(self, item: OutboxItem) -> Trace | None:
        """The trace, if there is one. Raises MailError where the server cannot be asked now."""
        if not item.message_id:
            return None
        answer = self._arrived(item)
        if answer is not None or self._went_before(item):
            return answer
        path = traces.copy_in(self._store.read(), item.account, item.message_id, besides=item.row)
        if not path and item.id not in self._looked:
            path = self._on_server(item)
            self._looked.add(item.id)
        return Trace(f"It was found in {path}: it was sent.") if path else None

    def _went_before(self, item: OutboxItem) -> bool:
        """An earlier try reached some of the recipients: a copy says nothing about the others."""
        return item.again_of is not None or any(one.state == "accepted" for one in item.recipients)

    def _arrived(self, item: OutboxItem) -> Trace | None:
        """Something came that names it: only who got it can do that."""
        wanted = item.message_id.encode()
        for one in traces.arrivals(self._store.read(), item.account, since=item.updated - MARGIN_S):
            try:
                raw = self._store.content.get(one.content)
            except StoreError as error:
                log.info("cannot look into %s: %s", one.row, error)
                continue
            if wanted not in raw:
                continue
            if _REPORT in raw[:20_000].lower():
                return Trace(f"It was sent, and came back: see “{one.subject}” in {one.path}.", bounced=True)
            if not self._went_before(item):
                return Trace(f"“{one.subject}” in {one.path} speaks of it: it was sent.")
        return None

    def _on_server(self, item: OutboxItem) -> str:
        """The folder of the server that has it; empty if none, or if the server keeps no mail (POP3)."""
        if self._link is None:
            return ""
        with self._link.guarded():
            for state in read.folder_states(self._store.read(), item.account):
                if state.role in (Role.SENT, Role.INBOX) and state.wire_name:
                    self._link.select(state)
                    if self._link.session.find_message_id(item.message_id):
                        return state.path
        return ""

    def close(self) -> None:
        """End the connection. Never raises."""
        if self._link is not None:
            self._link.close()
