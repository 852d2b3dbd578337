"""What a server knows of rights, room and sizes: asked for now and then, at the end of a pass, in few round trips.

Where nothing is due it costs none. Rights are asked for when a folder is new and once a week; quota every few hours,
and at once after the server refused something because the mailbox is full.
"""

import logging
from dataclasses import replace

from qtmail.engine import clock, server_limits
from qtmail.engine.backend import Desk
from qtmail.engine.context import chunks
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.server_limits import Limits
from qtmail.errors import FolderGone, Refused
from qtmail.events import FoldersChanged, Problem
from qtmail.model import FolderId
from qtmail.store import previews, read, rights
from qtmail.store.db import Store
from qtmail.store.values import FolderState

log = logging.getLogger(__name__)

HOUR = 3600
RIGHTS_S = 7 * 24 * HOUR
QUOTA_S = 4 * HOUR
MANY = 500
"""Folders whose rights are asked for in one pass, and messages whose first words are."""
ROWS = 200
"""Rows of one transaction, at most."""


class Features:
    """For one account's worker, on its connection."""

    def __init__(self, link: ImapLink, store: Store, desk: Desk) -> None:
        self._link = link
        self._store = store
        self._desk = desk

    def learn(self, began: int) -> None:
        """Ask for what is due, in a pass that began then. Raises what ends the connection; what the server refuses is
        simply not known."""
        try:
            self._rights()
            self._limits()
            self._previews(began)
        except Refused as error:
            log.info("%s does not tell: %s", self._desk.account.key, error.server_words)

    # Rights

    def _rights(self) -> None:
        now = clock.now()
        due = rights.due(self._store.read(), self._desk.account.key, before=now - RIGHTS_S, now=now, limit=MANY)
        if not due:
            return
        told = self._link.session.rights_of([name for _, name in due])
        letters = {folder: None if (one := told[name]) is None else one.letters for folder, name in due}
        for folder in (folder for folder, known in letters.items() if known is None):
            letters[folder] = self._by_selecting(folder)
        with self._store.transaction("rights") as tx:
            for folder, known in letters.items():
                rights.remember(tx, folder, known, now=clock.now())
        self._desk.announcer.say(tx.events)

    def _by_selecting(self, folder: FolderId) -> frozenset[str] | None:
        """Without ACL, whether a folder of others can be changed is only told by SELECT."""
        state = read.folder_state(self._store.read(), folder)
        try:
            if state.shared and self._link.select(state, readonly=False).read_only:
                return frozenset(rights.READ_ONLY)
        except (FolderGone, Refused):
            log.info("folder %s cannot be selected", folder)
        return None

    # First words

    def _previews(self, began: int) -> None:
        """Of what came with this pass and whose content stays on the server: its folder keeps only headers."""
        if not self._link.session.supports("PREVIEW"):
            return
        wanted = previews.wanted(self._store.read(), self._desk.account.key, added_from=began, limit=MANY)
        for folder, messages in wanted.items():
            self._link.enter(read.folder_state(self._store.read(), folder))
            told = [
                (messages[one.uid], " ".join(one.text.split()))
                for one in self._link.session.fetch_previews(sorted(messages))
                if one.text and one.uid in messages
            ]
            for part in chunks(told, ROWS):
                with self._store.transaction("previews") as tx:
                    previews.store(tx, folder, part)
                self._desk.announcer.say(tx.events)
            if told:
                self._link.evidence.prove("PREVIEW")

    # Room

    def _limits(self) -> None:
        account = self._desk.account.key
        before = server_limits.remembered(self._store.read(), account)
        if abs(clock.now() - before.at) < QUOTA_S:
            return
        session = self._link.session
        quotas = session.quota()
        now = Limits(clock.now(), quotas, None if quotas else self._sizes(), session.append_limit())
        now = replace(now, warned=now.nearly_full)
        with self._store.transaction("limits") as tx:
            server_limits.remember(tx, account, now)
        if now.words != before.words:
            self._desk.announcer.say([FoldersChanged(account)])
        if now.nearly_full and not before.warned:
            what = f"The mailbox of {self._desk.account.name} is nearly full: {now.words}."
            hint = "Delete what is not needed and empty Trash there, or new mail may be refused."
            self._desk.announcer.say([Problem(account, what, hint)])

    def _sizes(self) -> int | None:
        """Of all own folders together, where the server can count them in one round trip."""
        names = [state.wire_name for state in self._own()]
        return server_limits.total(self._link.session.sizes_of(names).values())

    def _own(self) -> list[FolderState]:
        states = read.folder_states(self._store.read(), self._desk.account.key)
        return [state for state in states if state.wire_name and state.selectable and not state.shared]
