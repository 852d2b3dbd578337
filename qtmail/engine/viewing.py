"""The facade for the reader: how a message is to be seen, its thread, what is known of its author."""

from dataclasses import dataclass

from qtmail.engine.checking import Checking
from qtmail.mime.authentication import Authentication, Verdict, authentication
from qtmail.model import Address, Message, RowId
from qtmail.store import people, threads, views


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user chose for one message; empty where nothing was."""

    colours: str = ""
    """"light" or "dark"."""
    form: str = ""
    """"text", "simple" or "html"."""
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of who wrote a message: mails before, and what the receiving server found out."""

    heard: int = 0
    """Mails that came from this address, this one included."""
    wrote: int = 0
    known: Authentication = Authentication()

    @property
    def stranger(self) -> bool:
        """Whether nothing came from this address before, and nothing went to it."""
        return self.heard <= 1 and not self.wrote

    @property
    def forged(self) -> bool:
        return self.known.verdict is Verdict.FAILED


class Viewing(Checking):
    """Reads, but for `choose`."""

    def choices(self, row: RowId) -> Choices:
        """How this message is to be seen. Raises BadInput for no such row."""
        found = views.choices(self._read(), self._opened(row).message)
        return Choices(*(found.get(what, "") for what in ("colours", "form", "charset")))

    def choose(self, row: RowId, what: str, value: str) -> None:
        """Remember one choice ("colours", "form" or "charset") for a message; an empty value forgets it."""
        message = self._opened(row).message
        with self._store.transaction("view choice") as tx:
            views.choose(tx, message, what, value)

    def message_in(self, row: RowId, charset: str) -> Message:
        """`message`, its body read as this charset."""
        from qtmail.mime.parse import parse

        return parse(self.raw(row), charset_override=charset)

    def thread(self, row: RowId) -> tuple[RowId, ...]:
        """A row of each message of its thread, oldest first, those in Sent too, those in Drafts not."""
        return threads.thread(self._read(), self._opened(row).message)

    def standing(self, row: RowId, author: Address) -> Standing:
        """What is known of the author of this message. Raises what `raw` raises."""
        (key,) = self.account_of([row])
        account = next((one for one in self.accounts() if one.key == key), None)
        receivers = [account.incoming.host, account.address.rpartition("@")[2]] if account else []
        heard, wrote = people.met(self._read(), author.address) if author.address else (0, 0)
        return Standing(heard, wrote, authentication(self.raw(row), author.address, receivers))
