"""Many cases on one server: for each a user and a profile of its own, and a line that can be meddled with."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from imapclient import IMAPClient

from qtmail.engine.mail import Mail
from qtmail.engine.passes import AccountReport
from qtmail.model import AccountKey, Flag, FolderId, RowId
from qtmail.paths import Profile
from tests.e2e.engine.conftest import Desktop
from tests.servers import Dovecot, MeddlingProxy
from tests.servers.dovecot import SPARE_PASSWORD

Shown = Counter[tuple[str, bytes, frozenset[str]]]
"""(folder, what the message is, its flags) -> how often it is there."""


@dataclass
class Case:
    """One person with one account, whose line goes through `line`."""

    desktop: Desktop
    server: Dovecot
    line: MeddlingProxy
    user: str

    @property
    def mail(self) -> Mail:
        return self.desktop.mail

    def sync(self, *, good: bool = True) -> AccountReport:
        return self.desktop.sync(good=good)

    def folder(self, path: str) -> FolderId:
        return self.desktop.folder(f"Case/{path}")

    def subjects(self, path: str = "INBOX") -> list[str]:
        return self.desktop.subjects(f"Case/{path}")

    def row(self, subject: str, path: str = "INBOX") -> RowId:
        return next(row.id for row in self.desktop.rows(f"Case/{path}") if row.subject == subject)

    def rows(self, *subjects: str, path: str = "INBOX") -> list[RowId]:
        return [self.row(subject, path) for subject in subjects]

    def fill(self, messages: list[bytes], path: str = "INBOX", flags: str = "") -> None:
        self.server.fill(self.user, messages, path, flags=flags)

    @contextmanager
    def elsewhere(self) -> Iterator[IMAPClient]:
        """A second mail client, not ours."""
        client = IMAPClient(self.server.host, self.server.imap, ssl=False, use_uid=True)
        client.login(self.user, SPARE_PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def there(self) -> Shown:
        """What the server has; what is marked as deleted counts as gone where nothing can be expunged alone."""
        found: Shown = Counter()
        with self.elsewhere() as client:
            plus = "UIDPLUS" in self.server.capability or not self.server.capability
            for attributes, _delimiter, name in client.list_folders():
                if b"\\NoSelect" in attributes or b"\\NonExistent" in attributes:
                    continue
                client.select_folder(name, readonly=True)
                every = client.search()
                for data in client.fetch(every, ["FLAGS", "BODY.PEEK[]"]).values() if every else ():
                    flags = frozenset(flag.decode() for flag in data[b"FLAGS"]) - {"\\Recent"}
                    if plus or Flag.DELETED not in flags:
                        found[name, data[b"BODY[]"], flags] += 1
        return found

    def here(self) -> Shown:
        """What the person sees."""
        found: Shown = Counter()
        for folder in self.mail.folders():
            if folder.account == "case":
                for row in self.desktop.rows(f"Case/{folder.path}"):
                    found[folder.path, self.mail.raw(row.id), frozenset(map(str, row.flags))] += 1
        return found

    def settled(self) -> None:
        """Two passes without a fault later both sides have the same, nothing waits, nothing is downloaded again."""
        self.line.honest()
        self.hurry()
        self.sync()
        self.hurry()
        self.sync()
        assert self.mail.waiting() == 0
        here, there = self.here(), self.there()
        assert here == there, f"only here: {named(here - there)}; only there: {named(there - here)}"
        self.desktop.verified()
        self.line.commands.clear()
        again = self.sync()
        assert (again.new, again.bodies) == (0, 0)
        assert self.line.asked(r"UID FETCH .*BODY\.PEEK\[\]") == 0

    def hurry(self) -> None:
        """What was put off until later is tried at once."""
        with self.mail._store.transaction("test") as tx:
            tx.run("UPDATE operation SET not_before = 0 WHERE not_before > 0")


def named(shown: Shown) -> list[tuple[str, bytes, list[str], int]]:
    """With the Message-ID in place of the message."""
    return [
        (path, raw.partition(b"Message-ID: ")[2].partition(b"\r\n")[0], sorted(flags), times)
        for (path, raw, flags), times in shown.items()
    ]


@contextmanager
def case(server: Dovecot, root: Path) -> Iterator[Case]:
    """A new user of this server, nothing synced yet."""
    user = server.add_user()
    profile = Profile(root / user).create()
    with closing(Mail(profile)) as mail, MeddlingProxy(server.imap) as line:
        desktop = Desktop(profile, mail, {AccountKey("case"): SPARE_PASSWORD})
        account = replace(server.account(user), key=AccountKey("case"), name="Case")
        desktop.add(replace(account, incoming=replace(account.incoming, port=line.port)))
        yield Case(desktop, server, line, user)
