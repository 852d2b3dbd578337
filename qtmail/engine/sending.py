"""The outbox of one account: each state is durable before the wire sees the next (design 6, SMTP).

queued -> connecting -> envelope -> data (the end is about to go) -> accepted, its row is filed in Sent
              |             |         |-- no answer: uncertain; traces of it are looked for, never sent by itself
              +-------------+---------+-- 4xx, no network: deferred   5xx: refused, the author has it back
              +-------------+------------ the user stops it: held
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial

from qtmail.engine import clock, server_limits
from qtmail.engine.backend import Desk
from qtmail.engine.backoff import pause
from qtmail.engine.context import Stopped, committed
from qtmail.engine.filing import file_copy
from qtmail.engine.imap_link import ImapLink
from qtmail.engine.signing_in import let_in
from qtmail.engine.uncertain import Tracker
from qtmail.errors import (
    LoginFailed,
    MailError,
    NoSecret,
    Refused,
    SignInNeeded,
    StoreError,
    TlsFailed,
    Uncertain,
    Unreachable,
)
from qtmail.events import Problem, Sending
from qtmail.mime.build import without_bcc
from qtmail.model import (
    CERTIFICATE_AUTH,
    NO_AUTH,
    AccountKey,
    Identity,
    OutboxId,
    OutboxItem,
    Protocol,
    Recipient,
    SendState,
    Server,
)
from qtmail.net.smtp import Phase, RefusedRecipient, SendResult, SmtpSession
from qtmail.net.smtp_envelope import NOT_OFFERED
from qtmail.net.smtp_replies import RecipientsRefused
from qtmail.secrets import Service, of_identity
from qtmail.store import lists, outbox, story
from qtmail.store.db import Store

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 3600.0
NO_NETWORK_S = (15.0, 600.0)
"""First and longest pause where there is no way to the server: it may come back at any moment."""
_CLOSED_DOORS = (LoginFailed, NoSecret, TlsFailed)
"""Nothing of the message: the account has to be put right, and then it goes."""
ASK = "Ask the recipient or look in Sent; then choose “Send again” or “It arrived” in the Outbox."


class Point(StrEnum):
    """Where the process may end at any time; a test ends it at each of them."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    ENVELOPE = "envelope"
    RECIPIENTS_TAKEN = "recipients-taken"
    CONTENT_LEFT = "content-left"
    DATA = "data"
    END_LEFT = "end-left"
    ANSWERED = "answered"
    ACCEPTED = "accepted"


def reached(_point: Point) -> None:
    """Called at every point, after what it is named for; replaced by the test that kills."""


def identity_password(keys: Callable[..., str], account: AccountKey, identity: str, *, refused: str = "") -> str:
    """Of an identity's own server for sending; the account's where it has none. Raises as `signing_in.Keys`."""
    try:
        return keys(of_identity(account, identity), Service.OUTGOING, refused=refused)
    except SignInNeeded:
        raise
    except NoSecret as error:
        if error.retry:
            raise
        return keys(account, Service.OUTGOING, refused=refused)


class _Cancelled(Exception):
    """The user stopped this message before its end had left."""


class Sender:
    """Belongs to one thread, except `cancel`. `desk` gives the outgoing password, `incoming` the one to look for
    uncertain mail with, `identity_password` that of an identity's own server."""

    def __init__(
        self,
        store: Store,
        desk: Desk,
        incoming: Callable[..., str],
        identity_password: Callable[..., str] | None = None,
    ) -> None:
        self._store = store
        self._desk = desk
        self._account = desk.account
        self._identity_password = identity_password
        self._session: SmtpSession | None = None
        self._server: Server | None = None
        look = Desk(desk.account, desk.control, desk.announcer, incoming)
        self._tracker = Tracker(store, ImapLink(look) if desk.account.protocol is Protocol.IMAP else None)
        self._recovered = False
        self._filed = False
        self._asked: set[int] = set()
        """Uncertain and late ones that were told since this began."""
        self._lock = threading.Lock()
        self._stoppable: OutboxId | None = None
        self._cancelled: OutboxId | None = None

    def flush(self, *, hurry: bool = False) -> bool:
        """Send what is due, one after the other, and see to what is uncertain. -> whether something was filed in Sent.

        hurry: what waits for a better moment is due as well. Raises StoreError and Stopped; what a server does is in
        the outbox, and told as a Problem.
        """
        if not self._recovered:
            with committed(self._store, self._desk.announcer, "recover outbox") as tx:
                outbox.recover(tx, self._account.key, now=clock.now())
            self._recovered = True
        paused = outbox.paused(self._store.read())
        if hurry and not paused:
            self._make_due()
        try:
            while not paused and (item := outbox.next_due(self._store.read(), self._account.key, now=clock.now())):
                self._desk.control.check()
                try:
                    self._send(item)
                except outbox.TakenBack:
                    log.info("%s was taken back", item.message_id)
                paused = outbox.paused(self._store.read())
            self._look_after_uncertain()
            self._tell_late()
            for item in outbox.sent_copies_due(self._store.read(), self._account.key):
                self._file(item)
        finally:
            self.close()
        filed, self._filed = self._filed, False
        return filed

    def cancel(self, item: OutboxId) -> None:
        """From any thread: stop sending this one, if it is the one under way and its end has not left."""
        with self._lock:
            if self._stoppable != item:
                return
            self._cancelled = item
            session = self._session
        if session is not None:
            session.abort()

    def close(self) -> None:
        """End the connections. Never raises."""
        self._close_session()
        self._tracker.close()

    def _make_due(self) -> None:
        for item in self._mine(SendState.DEFERRED):
            with contextlib.suppress(outbox.TakenBack):
                self._advance(item, SendState.QUEUED, unchanged=True)

    def _mine(self, state: SendState) -> list[OutboxItem]:
        every = outbox.items(self._store.read())
        return [item for item in every if item.account == self._account.key and item.state is state]

    # One message

    def _send(self, item: OutboxItem) -> None:
        """Every way this can end is a state of the item."""
        try:
            content = without_bcc(self._store.content.get(item.content))
        except StoreError as error:
            self._advance(item, SendState.REFUSED, reply=str(error), unchanged=True)
            self._tell(item, f"“{self._subject(item)}” cannot be sent: {error}", error.hint)
            return
        item = self._advance(item, SendState.CONNECTING, unchanged=True)
        with self._lock:
            self._stoppable, self._cancelled = item.id, None
        try:
            reached(Point.CONNECTING)
            result = self._submit(item, content)
            reached(Point.ANSWERED)
        except Stopped:
            self._advance(item, SendState.DEFERRED, next_attempt=clock.now())
            raise
        except _Cancelled:
            self._hold(item)
        except outbox.TakenBack:
            self._close_session()
            self._advance(item, SendState.HELD, reply="You deleted it.")
            raise
        except Uncertain as error:
            self._close_session()
            self._advance(item, SendState.UNCERTAIN, reply=error.server_words or str(error))
        except StoreError:
            self._recovered = False
            raise
        except MailError as error:
            if self._was_cancelled(item):
                self._hold(item)
            else:
                self._failed(item, error)
        else:
            self._taken(item, result)
            reached(Point.ACCEPTED)
        finally:
            with self._lock:
                self._stoppable = None

    def _submit(self, item: OutboxItem, content: bytes) -> SendResult:
        open_ = [one.address for one in item.recipients if one.state in ("pending", "deferred")]
        told = -1

        def phase(now: Phase) -> None:
            self._phase(item, now)

        def progress(done: int, total: int) -> None:
            nonlocal told
            if total and (step := done * 200 // total) > told:
                told = step
                self._desk.announcer.say([Sending(item.id, done, total)])

        session = self._connected(item)
        reached(Point.CONNECTED)
        return session.send(item.envelope_from, open_, content, phase, progress, delivery=item.delivery)

    def _phase(self, item: OutboxItem, now: Phase) -> None:
        """What the wire is about to do is written down first. Raises _Cancelled while that can be."""
        with self._lock:
            if self._cancelled == item.id:
                raise _Cancelled
            if now is Phase.FINAL_DOT:
                self._stoppable = None
        match now:
            case Phase.ENVELOPE:
                self._advance(item, SendState.ENVELOPE)
                reached(Point.ENVELOPE)
            case Phase.DATA:
                reached(Point.RECIPIENTS_TAKEN)
            case Phase.FINAL_DOT:
                reached(Point.CONTENT_LEFT)
                self._advance(item, SendState.DATA)
                reached(Point.DATA)
            case Phase.ANSWER:
                reached(Point.END_LEFT)

    def _connected(self, item: OutboxItem) -> SmtpSession:
        identity = self._account.identity(item.identity)
        server = identity.outgoing or self._account.outgoing
        if server is None:
            raise Refused(
                f"The account {self._account.name} has no server for sending.", hint="Name one in its settings."
            )
        if self._session is not None and server != self._server:
            self._close_session()
        if self._session is None:
            session = let_in(
                server,
                self._secret(identity, server),
                lambda secret: self._desk.control.connect(
                    lambda: SmtpSession.connect(server, secret), lambda session: session.quit()
                ),
            )
            with self._lock:
                self._session, self._server = session, server
            self._remember_size(server, session.max_size)
        return self._session

    def _remember_size(self, server: Server, largest: int | None) -> None:
        """For the author of the next mail."""
        if server_limits.sending(self._store.read(), self._account.key, server) != largest:
            with self._store.transaction("sending limit") as tx:
                server_limits.remember_sending(tx, self._account.key, server, largest)

    def _secret(self, identity: Identity, server: Server) -> Callable[..., str]:
        if server.auth in (NO_AUTH, CERTIFICATE_AUTH) or not server.username:
            return str
        own = self._identity_password if identity.outgoing is not None else None
        return partial(own, identity.key) if own else self._desk.password

    def _close_session(self) -> None:
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            self._desk.control.release(session)
            session.quit()

    def _was_cancelled(self, item: OutboxItem) -> bool:
        with self._lock:
            return self._cancelled == item.id

    # How it ended

    def _taken(self, item: OutboxItem, result: SendResult) -> None:
        """250 after the end is the commit: state, recipients and the copy in Sent are one transaction."""
        recipients = _told(item.recipients, result.accepted, (*result.refused, *result.deferred), result.final_reply)
        if result.deferred:
            wait = 0.0 if all(one.code == 452 for one in result.deferred) else self._pause(item)
            self._advance(
                item,
                SendState.DEFERRED,
                reply="; ".join(f"{one.address}: {one.code} {one.words}" for one in result.deferred[:5]),
                recipients=recipients,
                next_attempt=clock.now() + int(wait),
            )
        else:
            self._accepted(item, result.final_reply, recipients, result.missing)
        if result.refused:
            self._tell_refused(item, result.refused)

    def _accepted(
        self, item: OutboxItem, reply: str, recipients: Sequence[Recipient] | None, missing: Sequence[str] = ()
    ) -> None:
        with committed(self._store, self._desk.announcer, "accepted") as tx:
            unsure = SendState.UNCERTAIN if item.state is SendState.UNCERTAIN else None
            item = outbox.advance(
                *(tx, item.id, SendState.ACCEPTED),
                now=clock.now(),
                reply=reply,
                recipients=recipients,
                expected=unsure,
            )
            for name in missing:
                words = f"The server does not offer {NOT_OFFERED[name]}: it was sent without"
                story.tell(tx, item.row, words, now=clock.now())
            self._filed = file_copy(tx, self._account, item) or self._filed

    def _file(self, item: OutboxItem) -> None:
        with committed(self._store, self._desk.announcer, "file sent copy") as tx:
            self._filed = file_copy(tx, self._account, item) or self._filed

    def _hold(self, item: OutboxItem) -> None:
        self._close_session()
        self._advance(item, SendState.HELD, reply="You stopped it.")

    def _failed(self, item: OutboxItem, error: MailError) -> None:
        """The connection is given up unless the server merely said no to this message."""
        self._close_session()
        stopping = self._desk.control.stopping or self._desk.control.offline
        words = error.server_words or str(error)
        refused: Sequence[RefusedRecipient] = getattr(error, "recipients", ())
        recipients = _told(item.recipients, (), refused, "")
        later = error.retry or isinstance(error, _CLOSED_DOORS)
        if self._state(item) is SendState.DATA and not later and not isinstance(error, Refused):
            self._advance(item, SendState.UNCERTAIN, reply=words)
        elif later:
            at = clock.now() + (0 if stopping else int(self._pause(item, error)))
            self._advance(item, SendState.DEFERRED, reply=words, recipients=recipients, next_attempt=at)
            if isinstance(error, (Unreachable, *_CLOSED_DOORS)) and not stopping:
                self._put_off_others(item, words, at)
        elif isinstance(error, RecipientsRefused) and any(one.state == "accepted" for one in recipients):
            self._accepted(item, item.reply, recipients)
            self._tell_refused(item, refused)
            return
        else:
            self._advance(item, SendState.REFUSED, reply=words, recipients=recipients)
        if stopping:
            raise Stopped
        what = "is not sent yet" if later else "was refused"
        hint = error.hint or ("It is tried again by itself." if later else "It is in the Outbox: correct it there.")
        what = f"“{self._subject(item)}” {what}: {error}"
        if isinstance(error, _CLOSED_DOORS):  # the account's trouble, and not the message's: its settings are offered
            self._desk.announcer.say([Problem(self._account.key, what, hint, error.server_words, error.retry)])
        else:
            self._tell(item, what, hint, error.server_words, retry=later)

    def _pause(self, item: OutboxItem, error: MailError | None = None) -> float:
        if error is not None and not error.retry:
            return LONGEST_PAUSE_S
        network = isinstance(error, Unreachable)
        first, longest = NO_NETWORK_S if network else (FIRST_PAUSE_S, LONGEST_PAUSE_S)
        return pause(item.attempts, first=first, longest=longest)

    def _put_off_others(self, item: OutboxItem, words: str, at: int) -> None:
        """What would meet the same closed door does not knock at it, one after the other."""
        own = self._account.identity(item.identity).outgoing
        for other in self._mine(SendState.QUEUED):
            if self._account.identity(other.identity).outgoing == own:
                with contextlib.suppress(outbox.TakenBack):
                    self._advance(other, SendState.DEFERRED, reply=words, next_attempt=at, unchanged=True)

    # What waits for the user

    def _look_after_uncertain(self) -> None:
        for item in self._mine(SendState.UNCERTAIN):
            try:
                trace = self._tracker.find(item)
            except MailError as error:
                log.info("cannot look for %s now: %s", item.message_id, error)
                trace = None
            if trace is not None:
                with contextlib.suppress(outbox.TakenBack):
                    self._accepted(item, trace.words, None)
                if trace.bounced:
                    self._tell(item, f"“{self._subject(item)}”: {trace.words}")
            elif item.id not in self._asked:
                self._asked.add(item.id)
                what = (
                    f"Nobody knows whether “{self._subject(item)}” was sent: the connection was lost before the answer."
                )
                self._tell(item, what, ASK)

    def _tell_late(self) -> None:
        for item in outbox.late(self._store.read(), now=clock.now()):
            if item.account == self._account.key and item.id not in self._asked:
                self._asked.add(item.id)
                what = f"“{self._subject(item)}” was to be sent long ago, when qtmail did not run."
                self._tell(item, what, "It waits in the Outbox: send it now, or choose another time.")

    # Small things

    def _advance(
        self,
        item: OutboxItem,
        state: SendState,
        *,
        reply: str | None = None,
        recipients: Sequence[Recipient] | None = None,
        next_attempt: int | None = None,
        unchanged: bool = False,
    ) -> OutboxItem:
        """`unchanged`: only if it still is as `item` says; else TakenBack is raised."""
        with committed(self._store, self._desk.announcer, f"outbox {state.value}") as tx:
            return outbox.advance(
                tx,
                item.id,
                state,
                now=clock.now(),
                reply=reply,
                recipients=recipients,
                next_attempt=next_attempt,
                expected=item.state if unchanged else None,
            )

    def _state(self, item: OutboxItem) -> SendState:
        found = outbox.item(self._store.read(), item.id)
        return found.state if found else SendState.REFUSED

    def _subject(self, item: OutboxItem) -> str:
        row = lists.rows(self._store.read(), [item.row]).get(item.row)
        return (row.subject if row else "") or "(no subject)"

    def _tell_refused(self, item: OutboxItem, refused: Sequence[RefusedRecipient]) -> None:
        names = "; ".join(f"{one.address} ({one.code} {one.words})" for one in refused)
        hint = "Everybody else gets it. Check these addresses."
        self._tell(item, f"“{self._subject(item)}” was sent, but not to: {names}", hint)

    def _tell(self, item: OutboxItem, what: str, hint: str = "", words: str = "", *, retry: bool = False) -> None:
        self._desk.announcer.say([Problem(self._account.key, what, hint, words, retry, item.id)])


def _told(
    recipients: Sequence[Recipient], accepted: Sequence[str], refused: Sequence[RefusedRecipient], reply: str
) -> tuple[Recipient, ...]:
    """Each recipient with what the server said of it."""
    no = {one.address: one for one in refused}
    yes = set(accepted)
    told = []
    for one in recipients:
        if one.address in no:
            answer = no[one.address]
            state = "deferred" if answer.for_now else "refused"
            told.append(Recipient(one.address, state, f"{answer.code} {answer.words}"))
        elif one.address in yes:
            told.append(Recipient(one.address, "accepted", reply))
        else:
            told.append(one)
    return tuple(told)
