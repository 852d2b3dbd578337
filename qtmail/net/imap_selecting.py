"""Entering a folder and leaving it: SELECT, with QRESYNC's parameters where they help, and UNSELECT."""

from dataclasses import replace

from qtmail.errors import FolderGone, MailError, Refused
from qtmail.net.imap_answers import Reply
from qtmail.net.imap_folders import FolderCommands
from qtmail.net.imap_replies import resynced, selected
from qtmail.net.imap_tokens import Malformed, compact
from qtmail.net.imap_transport import Literal
from qtmail.net.imap_values import FolderNews, Known, Selected


class SelectingCommands(FolderCommands):
    """What changes which folder is selected."""

    def select(self, wire_name: bytes, readonly: bool = False, known: Known | None = None) -> Selected:
        """Raises FolderGone, Refused. What was reported about the folder before is dropped.

        `known`: what we have of it; where QRESYNC works, `resynced` of the answer tells what changed since then. A
        server that offers QRESYNC and chokes on it is asked again without, and never again with it.
        """
        if self.enabled is None:
            self._ask([])
        quick = self._quick(known)
        if known and quick:
            try:
                return self._enter(wire_name, readonly, quick, known)
            except FolderGone:
                raise
            except (Refused, Malformed) as error:
                words = error.server_words if isinstance(error, MailError) else str(error)
                self.distrust("QRESYNC", f"The server did not do it right: {words}")
        plain = self._condstore() and not self.enabled
        return self._enter(wire_name, readonly, b"(CONDSTORE)" if plain else b"", None)

    def _quick(self, known: Known | None) -> bytes:
        """The SELECT parameter, or nothing. The set of known UIDs is only given where it is short: it must not be
        1:* (Dovecot refuses that, as RFC 7162 has it), and without it the server answers for all."""
        if not known or not known.uidvalidity or not known.modseq or not self.supports("QRESYNC"):
            return b""
        if not self.enabled or "QRESYNC" not in self.enabled:
            return b""
        sets = list(compact(known.uids))
        uids = b" " + sets[0] if len(sets) == 1 else b""
        return b"(QRESYNC (%d %d%s))" % (known.uidvalidity, known.modseq, uids)

    def _enter(self, wire_name: bytes, readonly: bool, parameter: bytes, known: Known | None) -> Selected:
        self._selected = None
        command: list[bytes | Literal] = [b"EXAMINE" if readonly else b"SELECT", self._mailbox(wire_name)]
        reply = self._run(*command, *((parameter,) if parameter else ()))
        self._unasked.take()
        chosen = selected(reply, readonly)
        if known and chosen.uidvalidity == known.uidvalidity and chosen.highestmodseq:
            chosen = replace(chosen, resynced=resynced(self._of_this_folder(reply)))
            self._ledger.note("QRESYNC")
        self._selected = chosen
        self._unasked.total = chosen.exists
        return chosen

    def _of_this_folder(self, reply: Reply) -> Reply:
        """Without what was still said of the folder selected before (RFC 7162, 3.2.11: up to OK [CLOSED])."""
        for number, text in enumerate(reply.untagged):
            if text[0][:11].upper() == b"OK [CLOSED]":
                return replace(reply, untagged=reply.untagged[number + 1 :])
        return reply

    def unselect(self) -> None:
        """Leave the folder without expunging anything (RFC 3691); nothing happens where none is selected.

        Without UNSELECT a folder that cannot exist is examined, which has the same effect.
        """
        if self._selected is None:
            return
        self._selected = None
        try:
            if self._use("UNSELECT"):
                self._run(b"UNSELECT")
            else:
                self._run(b"EXAMINE", b'"qtmail: no such folder"')
        except Refused:
            """That nothing is selected now is all that was wanted."""
        self._unasked.take()

    # Other folders than this one

    def notify(self) -> bool:
        """Have changes in all personal folders told as well (NOTIFY, RFC 5465), by `idle` and `take_folder_news`.

        False: not offered, or refused; ask `folders()` now and then. It holds for the rest of the session.
        """
        if not self._use("NOTIFY"):
            return False
        try:
            self._run(
                b"NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))",
                b"(personal (MessageNew MessageExpunge MailboxName SubscriptionChange))",
            )
        except Refused as error:
            self._ledger.give_up("NOTIFY", f"The server refused it: {error.server_words}")
            return False
        self._unasked.watch()
        return True

    def take_folder_news(self) -> FolderNews:
        """What `notify` brought since last time."""
        return self._unasked.take_folders()
