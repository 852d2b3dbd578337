"""The facade: what the window and the commands read and do. Served from the local store alone; never a socket.

One `Mail` may be used from several threads; each gets its own reader. Every act is one transaction that changes the
rows and writes the operation, so it is done here at once and on the server when that can be reached.

Each part stands on the one before it, a module for one subject each:

    facade (store, accounts, standard folders) <- reading <- acting (messages, undo) <- foldering
      <- writing (drafts) <- mailing, outboxing (Outbox) <- transfer (import, export) <- backups
      <- checking (verify)
      <- viewing (choices, threads, authors) <- conversing (conversations) <- popping (POP3 servers)
      <- searching (attachments, saved searches) <- answering (invitations, lists, receipts) <- Mail
"""

from qtmail.engine.answering import Answering
from qtmail.engine.facade import BodyMissing, Done

__all__ = ["BodyMissing", "Done", "Mail"]


class Mail(Answering):
    """All of one profile's mail."""
