"""The facade's reading half: folders, lists, search, one message opened. Nothing here writes."""

import difflib
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from qtmail.engine import jump, server_details, server_limits
from qtmail.engine.facade import BodyMissing, Facade
from qtmail.engine.pop3_shown import OnPopServer, shown
from qtmail.engine.server_details import ServerDetails
from qtmail.errors import BadInput
from qtmail.model import (
    LOCAL,
    ROLE_ORDER,
    Account,
    AccountKey,
    Address,
    ContentHash,
    Folder,
    FolderId,
    Identity,
    Message,
    Role,
    Row,
    RowId,
    SortKey,
    Step,
)
from qtmail.operations import SavedSearch
from qtmail.store import attachments, authors, ledger, lists, narrow, people, read, saved, search, story
from qtmail.store.query import Marks, Suggestion, fixed, quoted, unfinished
from qtmail.store.values import Opened

LOCAL_NAME = "Local"
"""What local folders are named under on the command line."""


def searchable(accounts: Iterable[Account]) -> dict[str, AccountKey]:
    """What `account:` may name, in lower case."""
    names = {name.lower(): account.key for account in accounts for name in (account.name, account.address)}
    return {**names, LOCAL_NAME.lower(): LOCAL}


@dataclass(frozen=True, slots=True)
class Covered:
    """What a search can see."""

    messages: int = 0
    bodies_missing: int = 0
    """Messages of which only the header is here."""
    attachments_left: int = 0
    """Messages whose attachments were not read yet."""

    @property
    def words(self) -> str:
        """ "All 184,201 messages; 312 bodies not here yet"."""
        parts = [f"All {self.messages:,} messages" if self.messages != 1 else "1 message"]
        if self.bodies_missing:
            parts.append(f"{self.bodies_missing:,} {'bodies' if self.bodies_missing != 1 else 'body'} not here yet")
        if self.attachments_left:
            parts.append(f"attachments of {self.attachments_left:,} still to be read")
        return "; ".join(parts) + "."


class Reading(Facade):
    """Served from this thread's own reader: never waits for a writer.

    What parses mail is imported when a message is opened: a command that lists need not load it.
    """

    def folders(self) -> tuple[Folder, ...]:
        """Every folder: by account order (local ones last), then role order, then path. POP3 and new accounts have
        their standard folders from the moment they are added."""
        order = {account.key: place for place, account in enumerate(self.accounts())}
        order[LOCAL] = len(order)
        found = [folder for folder in read.folders(self._read()) if folder.account in order]
        roles = {role: place for place, role in enumerate(ROLE_ORDER)}
        found.sort(key=lambda folder: (order[folder.account], roles[folder.role], folder.path.casefold(), folder.path))
        return tuple(found)

    def folder_named(self, name: str) -> Folder:
        """The folder of "ACCOUNT/path" ("Local/path" for local ones). Raises BadInput naming the nearest ones."""
        names = {account.key: account.name for account in self.accounts()} | {LOCAL: LOCAL_NAME}
        known = {f"{names[folder.account]}/{folder.path}": folder for folder in self.folders()}
        if name in known:
            return known[name]
        loose = {known_name.casefold(): folder for known_name, folder in known.items()}
        if name.casefold() in loose:
            return loose[name.casefold()]
        usual = [known_name for known_name, folder in known.items() if folder.role is not Role.OUTBOX]
        near = difflib.get_close_matches(name, usual, 3, 0.5)
        hint = (
            f"Did you mean {' or '.join(f'“{one}”' for one in near)}?" if near else "“qtmail folders” names them all."
        )
        raise BadInput(f"There is no folder “{name}”.", hint=hint)

    def account_of(self, rows: Sequence[RowId]) -> tuple[AccountKey, ...]:
        """The account each row belongs to, in the order given; LOCAL for one that is gone."""
        places = self._places(tuple(rows))
        return tuple(places[row].account if row in places else LOCAL for row in rows)

    def stopper(self) -> Callable[[], None]:
        """What stops, from any thread, a read that is under way in this one: it raises StoreError then."""
        return self._read().stop

    # Lists

    def ids(
        self, folders: Sequence[FolderId], sort: SortKey = SortKey.DATE, *, descending: bool = True
    ) -> "array[int]":
        """All rows of these folders together, in order: array('q') of RowId. By date 40 ms for 200,000; other keys
        read the messages too: call it off the window's thread."""
        return lists.ids(self._read(), folders, sort, descending=descending)

    def first_ids(self, folders: Sequence[FolderId], most: int, *, descending: bool = True) -> "array[int]":
        """The first of `ids` by date: 1 ms, however many there are."""
        return lists.first(self._read(), folders, most, descending=descending)

    def jump(self, ids: Sequence[int], start: int, typed: str, folders: Sequence[FolderId]) -> RowId | None:
        """The next of `ids`, from the index `start` on, whose correspondent or subject has words that begin as typed;
        None: none has. A million: 50 ms."""
        return jump.jump(self._read(), ids, start, typed, folders)

    def next_unread(self, ids: Sequence[int], start: int, folders: Sequence[FolderId]) -> RowId | None:
        """The first unread one of `ids` from the index `start` on, round the end, but not the one before `start`; None:
        there is no other. `folders`: where they are, if that is known."""
        return jump.next_unread(self._read(), ids, start, folders)

    def rows(self, ids: Iterable[RowId]) -> dict[RowId, Row]:
        """Some rows (60: 0.3 ms). Those that went meanwhile are left out."""
        return lists.rows(self._read(), ids)

    def authors(self, ids: Iterable[RowId]) -> dict[RowId, Address]:
        """Who wrote each, whatever folder it is in (`Row.correspondent` is the recipient in Sent)."""
        return authors.authors(self._read(), ids)

    def narrowed(
        self,
        said: str,
        folders: Sequence[FolderId],
        sort: SortKey = SortKey.DATE,
        *,
        descending: bool = True,
        kept: Sequence[RowId] = (),
        most: int | None = None,
    ) -> "array[int]":
        """`ids` without those of which `said` (see store/query) does not hold; `kept` stay in any case. `most`: the
        first ones only. Raises BadInput."""
        names = self._account_names()
        return narrow.narrowed(
            self._read(), said, folders, sort, descending=descending, kept=kept, most=most, accounts=names
        )

    def tags(self, folders: Sequence[FolderId]) -> tuple[str, ...]:
        """The keywords of people (not those of programs) on messages of these folders. A million rows: 0.3 s."""
        return lists.tags(self._read(), folders)

    def search(
        self, query: str, folders: Sequence[FolderId] = (), *, limit: int = 1000, best: bool = False
    ) -> "array[int]":
        """Rows matching every word, newest first, each message once; everywhere when no folders are named. `best`: the
        newest `limit` ones, the best of them first. What may be typed: see store/query. Raises BadInput with what is
        wrong in it."""
        within = folders or self._if_some_are_hidden()
        names = self._account_names()
        return search.search(self._read(), query, within, limit=limit, accounts=names, best=best)

    def search_count(self, query: str, folders: Sequence[FolderId] = ()) -> tuple[int, int]:
        """(messages, unread ones) that match. Off the window's thread: as slow as there are many. Raises BadInput."""
        within = folders or self._if_some_are_hidden()
        return search.count(self._read(), query, within, accounts=self._account_names())

    def search_covers(self, folders: Sequence[FolderId] = ()) -> Covered:
        """Of these folders, or of all: what a search sees."""
        chosen = [one for one in self.folders() if not folders or one.id in folders]
        missing = sum(one.bodies_missing + one.left_out for one in chosen)
        return Covered(sum(one.total for one in chosen), missing, self.attachments_left())

    def search_marks(self, query: str) -> Marks:
        """What to mark where it stands in what was found; empty for a query that cannot be understood."""
        return search.marks(query, accounts=self._account_names())

    def found_in_attachments(self, query: str, rows: Sequence[RowId]) -> dict[RowId, str]:
        """Of these rows found, those that have the words in an attachment only, with its name; off the window's
        thread. Raises BadInput."""
        reader = self._read()
        messages = {place.message: row for row, place in read.places(reader, rows).items()}
        found = search.in_attachments(reader, query, list(messages), accounts=self._account_names())
        marks = self.search_marks(query)
        read_parts = attachments.of_messages(reader, found)
        return {messages[message]: self._having(read_parts.get(message, ()), marks) for message in found}

    def saved_searches(self) -> tuple[SavedSearch, ...]:
        """Those kept as folders, by name."""
        return saved.searches(self._read())

    def saved_search(self, name: str) -> SavedSearch:
        """The one of this name, in any case of letters. Raises BadInput."""
        every = self.saved_searches()
        for one in every:
            if one.name.casefold() == name.strip().casefold():
                return one
        names = ", ".join(f"“{one.name}”" for one in every)
        raise BadInput(f"No search is saved as “{name}”.", hint=f"There are: {names}." if names else "")

    def attachments_left(self) -> int:
        """How many messages have attachments that the search does not know yet."""
        return attachments.left(self._read())

    def search_suggestions(self, typed: str, most: int = 8) -> tuple[int, tuple[Suggestion, ...]]:
        """How a search typed so far (up to the cursor) may go on -> where its last word begins, and what may stand
        there instead, best first."""
        word = unfinished(typed)
        found = list(fixed(word))
        match word.op:
            case "from" | "to" | "cc":
                known = people.known(self._read(), word.value, most)
                found += [Suggestion(quoted(word.op, person.address), person.name) for person in known]
            case "account":
                names = [account.name for account in self.accounts()]
                found += [Suggestion(quoted("account", name)) for name in names if name.lower().startswith(word.value)]
            case "in":
                paths = dict.fromkeys(folder.path for folder in self.folders() if word.value in folder.path.lower())
                nearest = sorted(paths, key=lambda path: not path.lower().startswith(word.value))
                found += [Suggestion(quoted("in", path)) for path in nearest]
        others = [one for one in found if one.text.lower() != typed[word.start :].lower()]
        return word.start, tuple(others[:most])

    # One message

    def message(self, row: RowId) -> Message:
        """Parsed. Raises BodyMissing (the list's row still tells subject and sender) or BadInput for no such row."""
        from qtmail.mime.parse import parse

        return parse(self.raw(row))

    def raw(self, row: RowId) -> bytes:
        """The bytes as they came. Raises BodyMissing, BadInput, StoreError (hash does not match)."""
        opened = self._opened(row)
        if opened.content is None:
            raise BodyMissing(row)
        return self._store.content.get(opened.content)

    def part(self, row: RowId, index: int) -> bytes:
        """One part, decoded; `index` is Part.index."""
        from qtmail.mime.parse import part_bytes

        return part_bytes(self.raw(row), index)

    def content(self, content: ContentHash) -> bytes:
        """The bytes behind a hash (an attachment of a draft)."""
        return self._store.content.get(content)

    def story(self, row: RowId) -> tuple[Step, ...]:
        """Everything that happened to it, oldest first."""
        return story.story(self._read(), row)

    def pop(self, row: RowId) -> OnPopServer | None:
        """What is known of this row's message on its POP3 server; None: it did not come from one."""
        return self.pops([row]).get(row)

    def pops(self, rows: Sequence[RowId]) -> dict[RowId, OnPopServer]:
        """The same for several; those that came by POP3."""
        return {row: shown(entry) for row, entry in ledger.of_rows(self._read(), rows).items()}

    def known_people(self, typed: str, limit: int = 8) -> tuple[Address, ...]:
        """Whom the user wrote to or heard from, best match first: completion in the composer."""
        return people.known(self._read(), typed, limit)

    def server_details(self, account: AccountKey) -> ServerDetails:
        """What its incoming server offers, what is used and proven, what was caught; empty before the first pass."""
        return server_details.remembered(self._read(), account)

    def room(self, account: AccountKey) -> str:
        """How full its mailbox on the server is: "3.1 of 15 GB used"; empty where that is not known."""
        return server_limits.remembered(self._read(), account).words

    def largest(self, account: Account, identity: Identity) -> tuple[int | None, int | None]:
        """The octets of a mail that the server for sending takes, and of one that can be kept; None: unknown."""
        server = identity.outgoing or account.outgoing
        sends = server_limits.sending(self._read(), account.key, server) if server is not None else None
        return sends, server_limits.remembered(self._read(), account.key).largest

    def waiting(self) -> int:
        """How many operations have not reached a server yet."""
        return read.waiting(self._read(), [account.key for account in self.accounts()])

    def _if_some_are_hidden(self) -> tuple[FolderId, ...]:
        """The folders in sight, where the store also has some of an account that was removed; else none."""
        shown = self.folders()
        hidden = len(read.folders(self._read())) > len(shown)
        return tuple(folder.id for folder in shown) if hidden else ()

    def _account_names(self) -> dict[str, AccountKey]:
        """What `account:` and `in:ACCOUNT/` may name, in lower case."""
        return searchable(self.accounts())

    def _having(self, parts: Sequence[attachments.Part], marks: Marks) -> str:
        """The name of the first that has one of the words; empty where none can be told."""
        readable = [part for part in parts if part.words is not None]
        if len(readable) == 1:
            return readable[0].name
        for part in readable:
            if part.words is not None and marks.spans(self._store.content.get(part.words).decode("utf-8", "replace")):
                return part.name
        return ""

    def _opened(self, row: RowId) -> Opened:
        opened = read.opened(self._read(), row)
        if opened is None:
            raise BadInput("This message is not here any more.", hint="Its folder was updated meanwhile.")
        return opened
