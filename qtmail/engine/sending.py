"""The outbox of one account: each state is durable before the wire sees the next (design 6, SMTP).

queued -> connecting -> envelope -> data (the final dot is about to go) -> accepted, its row is filed in Sent
              |             |         |-- no answer: uncertain; looked for in Sent and INBOX, never sent by itself
              +-------------+---------+-- 4xx, no network: deferred      5xx: refused, the author has it back
"""

import logging
from collections.abc import Callable, Sequence

from qtmail.engine import clock
from qtmail.engine.backend import Desk
from qtmail.engine.backoff import pause
from qtmail.engine.context import Stopped, committed
from qtmail.engine.imap_link import ImapLink
from qtmail.errors import BadInput, LoginFailed, MailError, NoSecret, Refused, StoreError, Uncertain
from qtmail.events import Problem
from qtmail.mime.build import without_bcc
from qtmail.model import OutboxItem, Protocol, Recipient, Role, SendState
from qtmail.net.smtp import Phase, RefusedRecipient, SendResult, SmtpSession
from qtmail.operations import Append
from qtmail.store import coordinates, folders, journal, lists, outbox, read, story
from qtmail.store.db import Store, Tx

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 3600.0
ASK = "Ask the recipient or look in Sent; then choose “Send again” or “It arrived” in the Outbox."


class Sender:
    """Belongs to one thread. `desk` gives the outgoing password, `incoming` the one to look for uncertain mail with."""

    def __init__(self, store: Store, desk: Desk, incoming: Callable[[], str]) -> None:
        self._store = store
        self._desk = desk
        self._account = desk.account
        self._session: SmtpSession | None = None
        look = Desk(desk.account, desk.control, desk.announcer, incoming)
        self._look = ImapLink(look) if desk.account.protocol is Protocol.IMAP else None
        self._recovered = False
        self._filed = False
        self._asked: set[int] = set()
        """Uncertain items that were looked for and told since this began."""

    def flush(self, *, hurry: bool = False) -> bool:
        """Send what is due, one after the other, and see to what is uncertain. -> whether something was filed in Sent.

        hurry: what waits for a better moment is due as well. Raises StoreError and Stopped; what a server does is in
        the outbox, and told as a Problem.
        """
        if not self._recovered:
            with committed(self._store, self._desk.announcer, "recover outbox") as tx:
                outbox.recover(tx, self._account.key, now=clock.now())
            self._recovered = True
        if hurry:
            self._make_due()
        try:
            while item := outbox.next_due(self._store.read(), self._account.key, now=clock.now()):
                self._desk.control.check()
                try:
                    self._send(item)
                except BadInput:
                    log.info("%s was taken back", item.message_id)
            for item in outbox.items(self._store.read()):
                if item.account == self._account.key and item.state is SendState.UNCERTAIN:
                    self._look_for(item)
            for item in outbox.sent_copies_due(self._store.read(), self._account.key):
                with committed(self._store, self._desk.announcer, "file sent copy") as tx:
                    self._file(tx, item)
        finally:
            self.close()
        filed, self._filed = self._filed, False
        return filed

    def close(self) -> None:
        """End the connections. Never raises."""
        session, self._session = self._session, None
        if session is not None:
            self._desk.control.release(session)
            session.quit()
        if self._look is not None:
            self._look.close()

    def _make_due(self) -> None:
        for item in outbox.items(self._store.read()):
            if item.account == self._account.key and item.state is SendState.DEFERRED:
                self._advance(item, SendState.QUEUED)

    # One message

    def _send(self, item: OutboxItem) -> None:
        """Every way this can end is a state of the item."""
        try:
            content = without_bcc(self._store.content.get(item.content))
        except StoreError as error:
            self._advance(item, SendState.REFUSED, reply=str(error))
            self._tell(f"“{self._subject(item)}” cannot be sent: {error}", error.hint)
            return
        item = self._advance(item, SendState.CONNECTING)
        try:
            result = self._submit(item, content)
        except Stopped:
            self._advance(item, SendState.DEFERRED, next_attempt=clock.now())
            raise
        except Uncertain as error:
            self._close_session()
            self._advance(item, SendState.UNCERTAIN, reply=error.server_words or str(error))
        except StoreError:
            self._recovered = False
            raise
        except MailError as error:
            self._failed(item, error)
        else:
            self._accepted(item, result)

    def _submit(self, item: OutboxItem, content: bytes) -> SendResult:
        open_ = [one.address for one in item.recipients if one.state != "accepted"]

        def phase(now: Phase) -> None:
            if now is Phase.ENVELOPE:
                self._advance(item, SendState.ENVELOPE)
            elif now is Phase.FINAL_DOT:
                self._advance(item, SendState.DATA)

        return self._connected().send(item.envelope_from, open_, content, phase)

    def _connected(self) -> SmtpSession:
        server = self._account.outgoing
        if server is None:
            raise Refused(
                f"The account {self._account.name} has no server for sending.", hint="Name one in its settings."
            )
        if self._session is None:
            password = self._desk.password() if server.auth != "none" and server.username else ""
            self._session = self._desk.control.connect(
                lambda: SmtpSession.connect(server, password), lambda session: session.quit()
            )
        return self._session

    def _close_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            self._desk.control.release(session)
            session.quit()

    def _accepted(self, item: OutboxItem, result: SendResult) -> None:
        """250 after the dot is the commit: state, recipients and the copy in Sent are one transaction."""
        recipients = _told(item.recipients, result.accepted, result.refused, result.final_reply)
        with committed(self._store, self._desk.announcer, "accepted") as tx:
            item = outbox.advance(
                tx, item.id, SendState.ACCEPTED, now=clock.now(), reply=result.final_reply, recipients=recipients
            )
            self._file(tx, item)
        if result.refused:
            names = "; ".join(f"{one.address} ({one.code} {one.words})" for one in result.refused)
            self._tell(f"“{self._subject(item)}” was sent, but not to: {names}", "Check these addresses.")

    def _failed(self, item: OutboxItem, error: MailError) -> None:
        """The connection is given up unless the server merely said no to this message."""
        self._close_session()
        stopping = self._desk.control.stopping or self._desk.control.offline
        words = error.server_words or str(error)
        refused: Sequence[RefusedRecipient] = getattr(error, "recipients", ())
        recipients = _told(item.recipients, (), refused, "")
        later = error.retry or isinstance(error, LoginFailed | NoSecret)
        if self._state(item) is SendState.DATA and not later and not isinstance(error, Refused):
            self._advance(item, SendState.UNCERTAIN, reply=words)
        elif later:
            wait = pause(item.attempts, first=FIRST_PAUSE_S, longest=LONGEST_PAUSE_S)
            if stopping:
                wait = 0.0
            elif not error.retry:
                wait = LONGEST_PAUSE_S
            at = clock.now() + int(wait)
            self._advance(item, SendState.DEFERRED, reply=words, recipients=recipients, next_attempt=at)
        else:
            self._advance(item, SendState.REFUSED, reply=words, recipients=recipients)
        if stopping:
            raise Stopped
        what = "is not sent yet" if later else "was refused"
        hint = error.hint or ("It is tried again by itself." if later else "It is in the Outbox: correct it there.")
        self._tell(f"“{self._subject(item)}” {what}: {error}", hint, error.server_words, retry=later)

    # What is uncertain

    def _look_for(self, item: OutboxItem) -> None:
        """A copy in Sent or INBOX proves that it arrived; nothing proves that it did not."""
        if item.id in self._asked:
            return
        try:
            where = self._found_in(item.message_id)
        except MailError as error:
            log.info("cannot look for %s now: %s", item.message_id, error)
            return
        self._asked.add(item.id)
        if where:
            with committed(self._store, self._desk.announcer, "uncertain, found") as tx:
                reply = f"It was found in {where}: it was sent."
                found = outbox.advance(tx, item.id, SendState.ACCEPTED, now=clock.now(), reply=reply)
                self._file(tx, found)
            return
        what = f"Nobody knows whether “{self._subject(item)}” was sent: the connection was lost before the answer."
        self._tell(what, ASK, item.reply)

    def _found_in(self, message_id: str) -> str:
        """The folder of the server that has it; empty if none, or if the server keeps no mail (POP3)."""
        if self._look is None or not message_id:
            return ""
        with self._look.guarded():
            for state in read.folder_states(self._store.read(), self._account.key):
                if state.role in (Role.SENT, Role.INBOX) and state.wire_name:
                    self._look.select(state)
                    if self._look.session.find_message_id(message_id):
                        return state.path
        return ""

    # The copy in Sent

    def _file(self, tx: Tx, item: OutboxItem) -> None:
        """The row goes from the Outbox to Sent. For IMAP an Append follows; its replay first looks whether the server
        made a copy by itself."""
        now = clock.now()
        if item.row not in read.places(tx, [item.row]):
            outbox.sent_copy_settled(tx, item.id)
            return
        before = read.places(tx, [item.row])[item.row].folder
        sent = read.folder_of_role(tx, self._account.key, Role.SENT)
        if sent is None:
            sent = folders.ensure_folder(tx, self._account.key, "Sent", Role.SENT)
        coordinates.place(tx, item.row, sent, 0, None, now=now)
        tx.touched(before, sent)
        remote = frozenset({self._account.key} if self._account.protocol is Protocol.IMAP else ())
        journal.perform(tx, [Append((item.row,))], now=now, remote=remote, label="File in Sent", quiet=True)
        self._filed = True
        story.tell(tx, item.row, f"Sent: the server said “{item.reply}”", now=now)
        outbox.sent_copy_settled(tx, item.id)

    # Small things

    def _advance(
        self,
        item: OutboxItem,
        state: SendState,
        *,
        reply: str | None = None,
        recipients: Sequence[Recipient] | None = None,
        next_attempt: int | None = None,
    ) -> OutboxItem:
        with committed(self._store, self._desk.announcer, f"outbox {state.value}") as tx:
            return outbox.advance(
                tx, item.id, state, now=clock.now(), reply=reply, recipients=recipients, next_attempt=next_attempt
            )

    def _state(self, item: OutboxItem) -> SendState:
        found = outbox.item(self._store.read(), item.id)
        return found.state if found else SendState.REFUSED

    def _subject(self, item: OutboxItem) -> str:
        row = lists.rows(self._store.read(), [item.row]).get(item.row)
        return (row.subject if row else "") or "(no subject)"

    def _tell(self, what: str, hint: str = "", words: str = "", *, retry: bool = False) -> None:
        self._desk.announcer.say([Problem(self._account.key, what, hint, words, retry)])


def _told(
    recipients: Sequence[Recipient], accepted: Sequence[str], refused: Sequence[RefusedRecipient], reply: str
) -> tuple[Recipient, ...]:
    """Each recipient with what the server said of it."""
    no = {one.address: f"{one.code} {one.words}" for one in refused}
    yes = set(accepted)
    told = []
    for one in recipients:
        if one.address in no:
            told.append(Recipient(one.address, "refused", no[one.address]))
        elif one.address in yes:
            told.append(Recipient(one.address, "accepted", reply))
        else:
            told.append(one)
    return tuple(told)
