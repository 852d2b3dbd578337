"""Written in the window, sent by a real Postfix, read by another profile over POP3 and by a third over IMAP."""

import os
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtmail import accounts
from qtmail.engine.mail import Mail
from qtmail.engine.passes import sync_once
from qtmail.model import Account, AccountKey, Address, Protocol, Role, RowId, SendState
from qtmail.paths import Profile
from tests.e2e.conftest import Program
from tests.e2e.test_window import Session, profile, session, someone, unlock
from tests.servers import BUSY, DOMAIN, NOBODY, PASSWORDS, Dovecot, Postfix
from tests.servers.scripted import ScriptedServer

__all__ = ["profile", "session", "someone", "unlock"]  # fixtures

SUBJECT = "議事録 and files"
FILES = {
    "empty.txt": b"",
    "one.bin": b"\x00",
    "twenty megabytes.bin": os.urandom(20_000_000),
    "会議の議事録（最終版）.pdf": b"%PDF-1.7\r\n.\r\n\n\xff",
}


def read_elsewhere(root: Path, account: Account) -> dict[str, bytes]:
    """The attachments of that mail as another profile finds them."""
    other, password = Profile(root).create(), PASSWORDS[account.incoming.username]
    accounts.put(other.accounts, account)
    (report,) = sync_once(other, accounts.load(other.accounts), passwords=lambda _account, _service: password)
    assert not report.problems
    mail = Mail(other)
    try:
        inbox = next(folder for folder in mail.folders() if folder.role is Role.INBOX)
        rows = mail.rows([RowId(number) for number in mail.ids([inbox.id])])
        (row,) = (row for row, found in rows.items() if found.subject == SUBJECT)
        message = mail.message(row)
        assert "Grüße" in message.text
        assert f"alice@{DOMAIN}" not in mail.raw(row).decode("ascii", "replace")
        return {part.name: mail.part(row, part.index) for part in message.parts}
    finally:
        mail.close()


def test_outbox_from_the_window_to_two_other_profiles(
    session: Session, dovecot: Dovecot, tmp_path: Path, qtbot: QtBot
) -> None:
    def came() -> int:
        """In the two mailboxes (the subject is encoded: the file of one octet is not)."""
        return sum(b"one.bin" in raw for user in ("bob", "carol") for raw in dovecot.messages(user))

    session.window.change_setting("undo_send_s", 2)
    session.window.composing.new()
    (window,) = session.window.composing.windows
    window.fields.to.set_people((Address("", f"bob@{DOMAIN}"), Address("", f"carol@{DOMAIN}")))
    window.fields.bcc.set_people((Address("", f"alice@{DOMAIN}"),))
    window.fields.subject.setText(SUBJECT)
    window.editor.insertPlainText("Grüße\n.\nFrom here on\n")
    folder = tmp_path / "files"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    window.attach_files([folder / name for name in FILES])
    session.wait(lambda: len(window.attached.files()) == len(FILES))
    for name in FILES:
        (folder / name).unlink()
    window.send()
    session.wait(lambda: f"Sending “{SUBJECT}”" in session.window.outbox.banner.text())
    assert session.window.outbox.banner.button("undo").isVisible()
    session.wait(lambda: not session.mail.outbox())
    session.wait(lambda: len(session.rows(Role.SENT)) == 1)
    assert f"Bcc: alice@{DOMAIN}".encode() in session.mail.raw(session.rows(Role.SENT)[0])
    session.wait(lambda: came() == 2)
    assert read_elsewhere(tmp_path / "pop", dovecot.account("bob", Protocol.POP3)) == FILES
    assert read_elsewhere(tmp_path / "imap", dovecot.account("carol")) == FILES


def test_outbox_undone_while_it_counts_down(session: Session, qapp: QApplication) -> None:
    session.window.change_setting("undo_send_s", 60)
    session.window.composing.new()
    (window,) = session.window.composing.windows
    window.fields.to.set_people((Address("Bob", f"bob@{DOMAIN}"),))
    window.fields.subject.setText("Too early")
    window.send()
    session.wait(lambda: "Sending “Too early” to Bob in" in session.window.outbox.banner.text())
    session.window.outbox.banner.button("undo").click()
    session.wait(lambda: bool(session.window.composing.windows) and not session.mail.outbox())
    (again,) = session.window.composing.windows
    assert again.draft().subject == "Too early"
    assert session.window.outbox.isHidden()


def test_outbox_exit_codes_of_send(qtmail: Program, dovecot: Dovecot, postfix: Postfix, tmp_path: Path) -> None:
    """0 accepted, 1 refused, 3 uncertain; the question is answered on the command line."""
    user = dovecot.add_user()
    account = dovecot.account(user, outgoing=postfix)
    qtmail.add(account)
    file = tmp_path / "m.eml"

    def write(to: str) -> None:
        file.write_text(f"From: {user}@{DOMAIN}\nTo: {to}\nSubject: By hand\n\nHello\n", "utf-8")

    write(f"bob@{DOMAIN}")
    assert qtmail("send", file, "--json").json["state"] == "accepted"
    write(NOBODY)
    assert qtmail("send", file, "--json", code=1).json["state"] == "refused"
    write(BUSY)
    assert qtmail("send", file, "--json", code=3).json["state"] == "deferred"
    items = qtmail("outbox", "--json").json["items"]
    assert [one["state"] for one in items] == ["refused", "deferred"]
    assert items[1]["next_try"]
    for one in items:
        qtmail("outbox", "delete", one["id"])
    write(f"bob@{DOMAIN}")
    script = "S: 220 hi\nC: EHLO...\nS: 250 hi\nC: MAIL...\nS: 250 ok\nC: RCPT...\nS: 250 ok\nC: DATA\nS: 354 go\n"
    with ScriptedServer(script + "SKIP\n" * 8 + "DROP") as lost:
        name = account.name
        other = dovecot.account(dovecot.add_user(), outgoing=None)
        text = accounts.as_file(other).replace(f'name = "{other.name}"', 'name = "Lost"', 1)
        text += f'\n[outgoing]\nhost = "127.0.0.1"\nport = {lost.port}\nsecurity = "none"\nauth = "none"\n'
        (tmp_path / "lost.toml").write_text(text, "utf-8")
        qtmail("account", "add", tmp_path / "lost.toml", "--password-stdin", typed=b"secret\n")
        assert qtmail("send", file, "--account", "Lost", "--json", code=3).json["state"] == "uncertain"
        assert lost.connections == 1
    assert name
    (unsure,) = qtmail("outbox", "--json").json["items"]
    assert unsure["state"] == SendState.UNCERTAIN
    assert "arrived" in qtmail("outbox").text
    qtmail("outbox", "later", unsure["id"], "+1h", code=1)
    qtmail("outbox", "arrived", unsure["id"])
    left = qtmail("outbox", "--json").json
    assert (left["paused"], left["items"]) == (False, [])
    qtmail("outbox", "pause")
    assert qtmail("send", file, "--account", account.name, "--json", code=3).json["state"] == "queued"
    (waiting,) = qtmail("outbox", "resume", "--json").json["items"]
    qtmail("outbox", "later", waiting["id"], "+2h")
    assert qtmail("outbox", "--json").json["items"][0]["state"] == "not-before"
    assert AccountKey(waiting["account"]) == account.name
