"""Which backend an account has. Each is imported when it is needed: most people have one protocol."""

from qtmail.engine.backend import Backend, Desk
from qtmail.model import Protocol
from qtmail.store.db import Store


def backend_for(desk: Desk, store: Store) -> Backend:
    """The backend of the account's protocol."""
    match desk.account.protocol:
        case Protocol.IMAP:
            from qtmail.engine.imap_sync import ImapBackend

            return ImapBackend(desk, store)
        case Protocol.POP3:
            from qtmail.engine.pop3_sync import Pop3Backend

            return Pop3Backend(desk, store)
