"""POP3: everything is fetched once, and the server loses only what is proven to be here."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from qtmail import accounts
from qtmail.engine.pop3_doubt import Answer, Doubt
from qtmail.errors import BadInput
from qtmail.model import Account, AccountKey, PopPolicy, Protocol
from qtmail.store.db import Store
from tests.e2e.engine.conftest import Desktop, mailbox, message
from tests.servers import CuttingProxy, Dovecot

KEEP = PopPolicy()
AT_ONCE = PopPolicy(keep_on_server=False, delete_after_days=0)


def popped(server: Dovecot, policy: PopPolicy) -> Account:
    return server.account("alice", Protocol.POP3, pop=policy)


def test_keeping_leaves_all_and_the_second_pass_downloads_none(desktop: Desktop, server: Dovecot) -> None:
    sent = mailbox(120)
    server.fill("alice", sent)
    desktop.add(popped(server, KEEP))
    first = desktop.sync()
    assert (first.new, first.bodies) == (120, 120)
    assert {desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX")} == set(sent)
    second = desktop.sync()
    assert (second.new, second.bodies) == (0, 0)
    assert second.bytes < 8000
    assert len(server.messages("alice")) == 120
    names = {folder.path for folder in desktop.mail.folders() if folder.account == "alice"}
    assert names == {"INBOX", "Drafts", "Sent", "Archive", "Junk", "Trash"}
    desktop.verified()


def test_removing_takes_exactly_what_is_stored(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(25))
    desktop.add(popped(server, AT_ONCE))
    desktop.sync()
    assert server.messages("alice") == []
    assert len(desktop.ids("Alice/INBOX")) == 25
    server.fill("alice", [message(50)])
    assert desktop.sync().new == 1
    assert server.messages("alice") == []
    assert desktop.sync().new == 0
    assert len(desktop.ids("Alice/INBOX")) == 26


@pytest.mark.expects_log
def test_what_cannot_be_read_back_stays_on_the_server(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(5))
    account = desktop.add(popped(server, KEEP))
    desktop.sync()
    row = next(row for row in desktop.rows("Alice/INBOX") if row.subject == "Mail 2")
    spoil(desktop.profile.content, desktop, row.size)
    desktop.add(replace(account, pop=AT_ONCE))
    report = desktop.sync(good=False)
    (left,) = server.messages("alice")
    assert b"mail.2@" in left
    (problem,) = report.problems
    assert "stays on the server" in problem.what


def spoil(path: Path, desktop: Desktop, size: int) -> None:
    """Damage one stored message behind the store's back."""
    wanted = b"mail.2@"
    store = Store.open(desktop.profile)
    try:
        (bad,) = [h for h in store.content.hashes() if wanted in store.content.get(h)]
    finally:
        store.close()
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE blob SET stored = 0, data = zeroblob(?) WHERE hash = ?", (size, bad))
    connection.close()


def test_deleted_here_is_deleted_there(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(4))
    desktop.add(popped(server, PopPolicy(keep_on_server=True, delete_when_deleted=True)))
    desktop.sync()
    desktop.mail.delete([next(row.id for row in desktop.rows("Alice/INBOX") if row.subject == "Mail 1")])
    desktop.mail.expunge(desktop.ids("Alice/Trash"))
    desktop.sync()
    assert len(server.messages("alice")) == 3
    assert not any(b"mail.1@" in raw for raw in server.messages("alice"))
    assert desktop.sync().new == 0


def rename_all(server: Dovecot) -> None:
    """What a provider's move does: the same messages under other names."""
    inbox = server.folder("alice")
    for file in inbox.glob("dovecot*"):
        file.unlink()
    for number, file in enumerate(sorted((inbox / "cur").iterdir())):
        file.rename(file.with_name(f"{1_600_000_000 + number}.M{number}P9.other:2,S"))
    (inbox / "dovecot-uidlist").write_text("3 V1234567 N1 G0123456789abcdef0123456789abcdef\n")


def test_a_renamed_mailbox_asks_and_is_matched(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(40))
    account = desktop.add(popped(server, KEEP))
    desktop.sync()
    rename_all(server)
    server.fill("alice", mailbox(45)[40:])
    report = desktop.sync(good=False)
    (problem,) = report.problems
    assert (report.new, report.bodies) == (0, 0)
    assert "new names" in problem.what
    assert f"sync --account {account.name} --answer match" in problem.hint
    question = desktop.mail.pop_question(account.key)
    assert question is not None
    assert (question.doubt, question.listed, question.known, question.new) == (Doubt.RENAMED, 45, 40, 45)
    with pytest.raises(BadInput):
        desktop.mail.answer_pop(account.key, Answer.ACCEPT)
    desktop.mail.answer_pop(account.key, Answer.MATCH)
    matched = desktop.sync()
    assert matched.new == 5
    assert matched.bytes < 60_000
    assert len(desktop.ids("Alice/INBOX")) == 45
    assert desktop.mail.pop_question(account.key) is None
    assert desktop.sync().new == 0
    # What was known by its header only is read again before it goes.
    desktop.add(replace(account, pop=AT_ONCE))
    desktop.sync()
    assert server.messages("alice") == []
    assert len(desktop.ids("Alice/INBOX")) == 45
    desktop.verified()


def test_a_renamed_mailbox_downloaded_again_has_no_second_rows(desktop: Desktop, server: Dovecot) -> None:
    sent = mailbox(30)
    server.fill("alice", sent)
    account = desktop.add(popped(server, KEEP))
    desktop.sync()
    rename_all(server)
    desktop.sync(good=False)
    desktop.mail.answer_pop(account.key, Answer.FETCH)
    desktop.sync()
    assert {desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX")} == set(sent)
    assert len(desktop.ids("Alice/INBOX")) == 30


def test_a_mailbox_that_is_suddenly_empty_asks(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(30))
    account = desktop.add(popped(server, KEEP))
    desktop.sync()
    for file in (server.folder("alice") / "cur").iterdir():
        file.unlink()
    (problem,) = desktop.sync(good=False).problems
    assert "shows only 0 now" in problem.what
    assert all(desktop.mail.pop(row).there for row in desktop.ids("Alice/INBOX"))  # type: ignore[union-attr]
    desktop.mail.answer_pop(account.key, Answer.ACCEPT)
    desktop.sync()
    assert {desktop.mail.pop(row).state for row in desktop.ids("Alice/INBOX")} == {"gone"}  # type: ignore[union-attr]
    assert len(desktop.ids("Alice/INBOX")) == 30


def test_the_newest_stay_and_each_message_has_its_word(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", mailbox(10))
    account = desktop.add(popped(server, KEEP))
    desktop.sync()
    mail = desktop.mail
    by_number = {row.subject: row.id for row in desktop.rows("Alice/INBOX")}
    newest = PopPolicy(keep_newest=4)
    assert mail.pop_forecast(account.key, newest).startswith("At the next check 6 messages will be removed")
    mail.keep_on_server([by_number["Mail 0"]])
    mail.remove_from_server([by_number["Mail 9"]])
    assert mail.pop_forecast(account.key, newest).startswith("At the next check 6 messages will be removed")
    desktop.add(replace(account, pop=newest))
    desktop.sync()
    left = b"".join(server.messages("alice"))
    assert [n for n in range(10) if b"<mail.%d@" % n in left] == [0, 6, 7, 8]
    gone, kept = mail.pop(by_number["Mail 9"]), mail.pop(by_number["Mail 0"])
    assert gone is not None
    assert kept is not None
    assert (gone.state, gone.decided, kept.state) == ("deleted", "you asked for it", "kept")
    assert gone.answered_at is not None
    told = [step.what for step in mail.story(by_number["Mail 9"])]
    assert any("DELE" in what for what in told)
    assert any("QUIT" in what for what in told)
    assert "you want it kept there" in mail.story(by_number["Mail 0"])[-1].what
    with pytest.raises(BadInput):
        mail.remove_from_server([by_number["Mail 9"]])


def test_a_large_message_comes_by_its_beginning_and_whole_when_asked(desktop: Desktop, server: Dovecot) -> None:
    large = message(1, size=3_000_000)
    server.fill("alice", [message(0), large])
    account = desktop.add(replace(popped(server, AT_ONCE), largest_mb=1))
    first = desktop.sync()
    assert (first.new, first.bodies) == (2, 1)
    assert first.bytes < 60_000
    (row,) = [row.id for row in desktop.rows("Alice/INBOX") if row.subject == "Mail 1"]
    begun = desktop.mail.pop(row)
    assert begun is not None
    assert (begun.whole, begun.there, begun.size) == (False, True, len(large))
    assert large.startswith(desktop.mail.raw(row)[:500])
    assert server.messages("alice") == [large]
    desktop.mail.remove_from_server([row])
    desktop.sync()
    assert server.messages("alice") == [large]  # whatever is wished: not before it is here whole
    desktop.mail.download_rest([row])
    desktop.sync()
    assert desktop.mail.raw(row) == large
    assert server.messages("alice") == []
    assert desktop.mail.message(row).subject == "Mail 1"
    assert not list(desktop.profile.root.glob("fetching-*"))
    desktop.verified()
    assert account.largest_mb == 1


def test_several_accounts_share_an_inbox(desktop: Desktop, server: Dovecot) -> None:
    server.fill("alice", [message(1)])
    server.fill("bob", [message(2)])
    server.fill("carol", [message(3)])
    desktop.add(popped(server, KEEP))
    bob = server.account("bob", Protocol.POP3, pop=PopPolicy(deliver_to="Alice"))
    carol = server.account("carol", Protocol.POP3, pop=PopPolicy(keep_on_server=False, deliver_to="local"))
    assert desktop.add(bob).pop.deliver_to == "alice"
    desktop.add(carol)
    desktop.sync_all()
    desktop.sync_all()
    assert desktop.subjects("Alice/INBOX") == ["Mail 1", "Mail 2"]
    assert desktop.subjects("Bob/INBOX") == []
    assert desktop.subjects("Local/Inbox") == ["Mail 3"]
    assert server.messages("carol") == []
    desktop.mail.delete(desktop.ids("Local/Inbox"))
    assert desktop.subjects("Local/Trash") == ["Mail 3"]
    accounts.remove(desktop.profile.accounts, AccountKey("alice"))
    assert [one.pop.deliver_to for one in accounts.load(desktop.profile.accounts)] == ["", "local"]


def test_cut_at_every_command_with_deletions_pending(desktop: Desktop, server: Dovecot) -> None:
    """Nothing goes that is not here; what went is written down; in the end all is here, once."""
    sent = mailbox(6)
    server.fill("alice", sent)
    account = popped(server, AT_ONCE)
    with CuttingProxy(server.pop3) as proxy:
        desktop.add(replace(account, incoming=replace(account.incoming, port=proxy.port)))
        for limit in range(10, 420, 9):
            proxy.after_sent = limit
            desktop.sync(good=False)
            here = {desktop.mail.raw(row) for row in desktop.ids("Alice/INBOX")}
            assert set(sent) - set(server.messages("alice")) <= here
            if not server.messages("alice"):
                break
        proxy.after_sent = None
        desktop.sync()
        desktop.sync()  # what the line broke over came last, by itself
        assert server.messages("alice") == []
        server.fill("alice", more := [message(n) for n in range(10, 14)])
        desktop.add(replace(account, incoming=replace(account.incoming, port=proxy.port), pop=KEEP))
        desktop.sync()
        desktop.add(replace(account, incoming=replace(account.incoming, port=proxy.port)))
        down = proxy.octets_down
        for limit in range(1, 900, 7):  # the answers: every DELE's and QUIT's among them
            proxy.after = limit
            desktop.sync(good=False)
            if not server.messages("alice"):
                break
        proxy.after = None
        desktop.sync()
        desktop.sync()
        assert proxy.octets_down > down
    rows = desktop.ids("Alice/INBOX")
    assert len(rows) == 10
    assert {desktop.mail.raw(row) for row in rows} == {*sent, *more}
    assert {desktop.mail.pop(row).state for row in rows} == {"deleted"}  # type: ignore[union-attr]
    desktop.verified()


def test_on_the_command_line(desktop: Desktop, server: Dovecot) -> None:
    def qtmail(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "qtmail", "--profile", str(desktop.profile.root), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    server.fill("alice", mailbox(2))
    desktop.add(popped(server, KEEP))
    desktop.sync()
    first, second = map(str, desktop.ids("Alice/INBOX"))
    assert qtmail("pop", first, "remove")[0] == 0
    desktop.sync()
    assert qtmail("pop", first, "keep")[0] == 1  # it is not there any more
    code, told = qtmail("show", first, second, "--json")
    gone, kept = (json.loads(line)["pop"] for line in told.splitlines())
    assert code == 0
    assert (gone["state"], gone["decided"], gone["on_server"]) == ("deleted", "you asked for it", False)
    assert gone["dele_sent_at"] <= gone["quit_answered_at"]
    assert (kept["state"], kept["on_server"], kept["whole"]) == ("kept", True, True)
    assert kept["uidl"]
    assert qtmail("sync", "--answer", "match")[0] == 1  # nothing was asked
