"""Going on with a search on the servers: for the words of texts that are not here.

SearchServers --> [a thread] --> each IMAP account: the folders with texts missing --> UID SEARCH
  --> rows (headers of what is not known yet are fetched) --> ServersSearched
"""

import logging
import threading
from array import array
from collections.abc import Callable, Mapping, Sequence

from qtmail.engine.backend import Desk, Tally
from qtmail.engine.context import Stopped
from qtmail.engine.imap_headers import Headers
from qtmail.engine.imap_link import ImapLink
from qtmail.errors import BadInput, MailError
from qtmail.events import Event, SearchServers, ServersSearched
from qtmail.model import AccountKey, RowId
from qtmail.store import read, search, sync
from qtmail.store.db import Store
from qtmail.store.query import All, Any, Node, Words
from qtmail.store.values import FolderState

log = logging.getLogger(__name__)

MOST_NEW = 500
"""Headers fetched of one folder: messages that the next pass would bring anyway."""
OFFLINE = "You are working offline: go online to search the server."
NOBODY = "None of your accounts has a server that can search: everything that can be found is here."
_KEYS: dict[str, tuple[bytes, ...]] = {
    "": (b"TEXT",),
    "sender": (b"FROM",),
    "recipients": (b"TO", b"CC"),
    "subject": (b"SUBJECT",),
    "body": (b"BODY",),
    "files": (b"TEXT",),
}
"""Column of the index -> search keys, any of which may have the words."""


def criteria(node: Node) -> list[bytes | str]:
    """The search keys (RFC 9051, 6.4.4), without parentheses: "a and b" is NOT OR NOT a NOT b."""
    match node:
        case Words():
            return _either([[key, node.text.strip("*")] for key in _KEYS[node.column]])
        case Any():
            return _either([criteria(one) for one in node.nodes])
        case All():
            return [b"NOT", *_either([[b"NOT", *criteria(one)] for one in node.nodes])]
        case _:
            raise AssertionError("not for a server")


def _either(parts: Sequence[Sequence[bytes | str]]) -> list[bytes | str]:
    return [*([b"OR"] * (len(parts) - 1)), *(item for part in parts for item in part)]


class ServerSearches:
    """Those of one engine: the newest counts. `begin` and `stop` belong to one thread."""

    def __init__(self, store: Store, emit: Callable[[Event], None]) -> None:
        self._store = store
        self._emit = emit
        self._thread: threading.Thread | None = None
        self._desks: tuple[Desk, ...] = ()

    def begin(self, wish: SearchServers, desks: Sequence[Desk], names: Mapping[str, AccountKey]) -> None:
        """Ask the servers of these, each over a connection of its own; what was under way before ends. `names`: what
        `account:` may name."""
        self.stop()
        if not desks:
            self._emit(ServersSearched(wish.number, (), NOBODY))
            return
        self._desks = tuple(desks)
        work = (wish, self._desks, names)
        self._thread = threading.Thread(target=self._run, args=work, name="server search", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End what is under way, and wait for it."""
        thread, self._thread = self._thread, None
        for desk in self._desks:
            desk.control.stop()
        if thread is not None:
            thread.join()
        self._desks = ()

    def _run(self, wish: SearchServers, desks: Sequence[Desk], names: Mapping[str, AccountKey]) -> None:
        """The outermost of its thread."""
        try:
            self._emit(self._searched(wish, desks, names))
        except Stopped:
            log.info("a search on the servers was ended")
        except BadInput as error:
            self._emit(ServersSearched(wish.number, (), str(error)))
        except Exception:
            log.exception("a bug in searching the servers")
            self._emit(ServersSearched(wish.number, (), "Something went wrong here; the log tells more."))
        finally:
            for desk in desks:
                desk.control.close()

    def _searched(self, wish: SearchServers, desks: Sequence[Desk], names: Mapping[str, AccountKey]) -> ServersSearched:
        wanted = search.elsewhere(wish.query, accounts=names)
        if wanted is None:
            return ServersSearched(wish.number, (), "There are no words in it that a server could look for.")
        found: list[RowId] = []
        troubles: list[str] = []
        for desk in desks:
            try:
                found += _search(self._store, desk, criteria(wanted))
            except MailError as error:
                troubles.append(f"{desk.account.name}: {error}")
        rows = search.headers_that_may_match(self._store.read(), wish.query, found, accounts=names)
        said = f"The server found {len(rows):,} more." if rows else "The server found nothing more."
        return ServersSearched(
            wish.number, tuple(rows), " ".join((*([said] if rows or not troubles else []), *troubles))
        )


def _search(store: Store, desk: Desk, keys: Sequence[bytes | str]) -> list[RowId]:
    """Rows of one account's messages that its server finds. Raises MailError, Stopped."""
    link = ImapLink(desk)
    found: list[RowId] = []
    try:
        with link.guarded():
            for folder in _gaps(store, desk.account.key):
                desk.control.check()
                link.enter(folder)
                uids = link.session.find_text(keys)
                known = sync.rows_of_uids(store.read(), folder.id, folder.uidvalidity, uids)
                if new := [uid for uid in uids if uid not in known]:
                    headers = Headers(link, store, desk, Tally(), folder, lambda: None)
                    headers.fetch(folder, array("q", new), MOST_NEW)
                    known = sync.rows_of_uids(store.read(), folder.id, folder.uidvalidity, uids)
                found += known.values()
    finally:
        desk.announcer.flush()
        link.close()
    return found


def _gaps(store: Store, account: AccountKey) -> list[FolderState]:
    """The folders of which some text, or some message, is not here."""
    reader = store.read()
    missing = {one.id for one in read.folders(reader) if one.account == account and one.bodies_missing + one.left_out}
    states = [one for one in read.folder_states(reader, account) if one.selectable and one.wire_name]
    return [one for one in states if one.id in missing or one.server_total > one.total]
