"""The connection on which an IMAP server tells of news: IDLE on the inbox, and NOTIFY for all other folders.

    login -> NOTIFY -> select the inbox -> has it changed since the last visit? -> IDLE, renewed -> told, told ...

Nothing is written and nothing else is asked while the server has nothing to tell.
"""

import time
from collections.abc import Callable, Collection
from typing import NoReturn

from qtmail.engine import clock, hearing
from qtmail.engine.backend import Desk, Heard
from qtmail.engine.imap_link import ImapLink
from qtmail.errors import ServerClosed
from qtmail.model import Role
from qtmail.net.imap import ImapSession
from qtmail.net.imap_values import Changes, FolderNews, Selected
from qtmail.store import read
from qtmail.store.db import Store

IDLE_S = 9 * 60
"""IDLE is renewed after this long: RFC 2177 asks for less than 29 minutes, many routers forget a line after 10."""
DEAF_S = 60
"""After a longer time without a connection for news it is not known what was missed."""
DROPS = 3
"""So many times in a row it may end within seconds before that is told of."""


class Push:
    """One account's. What it remembers outlives the connection."""

    def __init__(self, link: ImapLink, store: Store, desk: Desk, proven: Callable[[], None]) -> None:
        """`proven`: called when something was found out about the server."""
        self._link = link
        self._store = store
        self._desk = desk
        self._proven = proven
        self._listened = 0.0
        """When the connection was last known to live, by the wall clock: that goes on while a computer sleeps."""
        self._drops = 0

    def watch(self, changed: Heard) -> bool:
        """Until the connection ends; see `Backend.watch`. False: the server has no IDLE."""
        session = self._link.session
        if not session.supports("IDLE"):
            return False
        everywhere = session.notify()
        selected = session.select(b"INBOX", True)
        session.take_changes()
        if self._listened and abs(time.time() - self._listened) > DEAF_S:
            changed(None)
        elif self._inbox_differs(selected):
            changed((b"INBOX",))
        account = self._desk.account.key
        hearing.listens(self._store, account, clock.now())
        try:
            self._listen(session, changed, everywhere=everywhere)
        finally:
            hearing.listens(self._store, account, None)

    def _listen(self, session: ImapSession, changed: Heard, *, everywhere: bool) -> NoReturn:
        while True:
            self._listened = time.time()
            self._desk.control.check()
            told = self._idle(session)
            changes, news = session.take_changes(), session.take_folder_news()
            if told and (changes or news):
                hearing.told(self._store, self._desk.account.key, clock.now())
                # Without NOTIFY: what went from the inbox may have come to any folder.
                changed(_where(changes, news) if everywhere else None)
            elif abs(time.time() - self._listened) > IDLE_S + DEAF_S:
                changed(None)  # the computer slept

    def _idle(self, session: ImapSession) -> bool:
        try:
            told = session.idle(self._desk.control.halt, IDLE_S)
        except ServerClosed:
            self._drops = self._drops + 1 if time.time() - self._listened < DEAF_S else 0
            if self._drops > DROPS:
                self._link.evidence.catch(
                    "IDLE",
                    "The connection on which it tells of new mail ended within seconds, several times in a row.",
                    "New mail is asked for now and then instead, and IDLE is tried again later.",
                )
                self._proven()
                self._drops = 0
            raise
        if told:
            self._drops = 0
            self._link.evidence.prove("IDLE")
            self._proven()
        return told

    def _inbox_differs(self, selected: Selected) -> bool:
        """From what the last visit left: what came before this connection listened is told by nobody else."""
        reader = self._store.read()
        inbox = read.folder_of_role(reader, self._desk.account.key, Role.INBOX)
        if inbox is None:
            return True
        state = read.folder_state(reader, inbox)
        now = (selected.uidvalidity, selected.uidnext, selected.exists, selected.highestmodseq or 0)
        return now != (state.uidvalidity, state.uidnext, state.server_total, state.highestmodseq)


def _where(changes: Changes, news: FolderNews) -> Collection[bytes] | None:
    """The folders there is news in; None: anywhere."""
    if news.renamed_or_new:
        return None
    return (*news.changed, b"INBOX") if changes else tuple(news.changed)
