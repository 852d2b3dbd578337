"""People script their mail: every command of design 7 on a real Dovecot and Postfix."""

import contextlib
import json
import mailbox
from dataclasses import replace
from pathlib import Path

import pytest

from qtmail import accounts
from qtmail.model import Keep, PopPolicy, Protocol, Security
from qtmail.paths import Profile
from qtmail.store.db import Store

from .conftest import Program

ATTACHED = (
    "From: =?utf-8?q?B=C3=B6b?= <bob@example.test>\r\nTo: alice@example.test\r\nCc: Carol <carol@example.test>\r\n"
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= plan\r\nDate: Tue, 14 Nov 2023 23:10:00 +0100\r\n"
    "Message-ID: <plan@example.test>\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "Das Pferd frißt.\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Hi</p>\r\n--b\r\n"
    'Content-Type: text/csv\r\nContent-Disposition: attachment; filename="numbers.csv"\r\n\r\n1;2\r\n--b--\r\n'
).encode()


def plain(number: int) -> bytes:
    return (
        f"From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: Number {number}\r\n"
        f"Date: Tue, 14 Nov 2023 22:{number:02}:00 +0000\r\nMessage-ID: <{number}@example.test>\r\n\r\n"
        f"This is the number {number}.\r\n"
    ).encode()


@pytest.fixture
def user(dovecot):
    return dovecot.add_user()


@pytest.fixture
def work(qtmail, dovecot, postfix, user):
    """The program with an IMAP account "Work" of five messages, synced once."""
    dovecot.fill(user, [*(plain(n) for n in range(4)), ATTACHED], flags="")
    qtmail.add(replace(dovecot.account(user, outgoing=postfix), name="Work"))
    qtmail("sync")
    return qtmail


@pytest.fixture(scope="class")
def looked_at(tmp_path_factory, keyring, dovecot):
    """The same for tests that only look: made once."""
    user = dovecot.add_user()
    dovecot.fill(user, [*(plain(n) for n in range(4)), ATTACHED], flags="")
    keyring.ensure()
    program = Program(tmp_path_factory.mktemp("looked_at") / "profile", dict(keyring.environment))
    program.add(replace(dovecot.account(user), name="Work"))
    program("sync")
    return program


def flags_there(dovecot, user, path="INBOX"):
    """subject number -> Maildir letters, as the server has them."""
    found = {}
    for part in ("cur", "new"):
        for file in (dovecot.folder(user, path) / part).iterdir():
            subject = next(line for line in file.read_bytes().splitlines() if line.startswith(b"Subject: "))
            found[subject.decode().removeprefix("Subject: ")] = file.name.rpartition(":2,")[2]
    return found


class TestReading:
    def test_sync_counts_and_then_fetches_nothing(self, qtmail, dovecot, user):
        dovecot.fill(user, [plain(n) for n in range(3)])
        qtmail.add(replace(dovecot.account(user), name="Work"))
        (first,) = qtmail("sync", "--json").json["accounts"]
        assert (first["account"], first["new"], first["bodies"], first["problems"]) == ("Work", 3, 3, [])
        assert first["bytes"] > 500
        assert first["seconds"] > 0
        (second,) = qtmail("sync", "--account", "work", "--json").json["accounts"]
        assert (second["new"], second["bodies"], second["problems"]) == (0, 0, [])

    def test_folders(self, looked_at):
        every = {folder["folder"]: folder for folder in looked_at("folders", "--json").json}
        inbox = every["Work/INBOX"]
        assert (inbox["role"], inbox["total"], inbox["unread"], inbox["bodies_missing"]) == ("inbox", 5, 5, 0)
        assert inbox["uidvalidity"] > 0
        assert inbox["verified_at"].endswith("Z")
        assert inbox["complete_offline"] is True
        assert {"Work/Drafts", "Work/Sent", "Work/Trash", "Local/Outbox"} <= every.keys()
        assert "Work/INBOX" in looked_at("folders").text

    def test_what_is_kept_of_a_folder(self, work, dovecot, user):
        def kept():
            return {one["folder"]: one["policy"] for one in work("folders", "--json").json}

        work("folders", "--keep", "Work/INBOX", "headers", "--keep", "Work/Sent", "30")
        assert (kept()["Work/INBOX"], kept()["Work/Sent"], kept()["Work/Trash"]) == ("headers", "30", "everything")
        dovecot.fill(user, [plain(41)])
        work("sync")
        inbox = next(one for one in work("folders", "--json").json if one["folder"] == "Work/INBOX")
        assert (inbox["bodies_missing"], inbox["left_out"]) == (0, 1)
        work("folders", "--keep", "Work/INBOX", "account")
        work("sync")
        assert kept()["Work/INBOX"] == "everything"
        for wrong in (
            ("Work/INBOX", "some"),
            ("Work/INBOX", "0"),
            ("Local/Outbox", "headers"),
            ("Work/None", "headers"),
        ):
            work("folders", "--keep", *wrong, code=1)

    def test_list_is_newest_first(self, looked_at):
        rows = looked_at("list", "Work/INBOX", "--json").json
        assert [row["subject"] for row in rows] == ["Grüße plan", *(f"Number {n}" for n in (3, 2, 1, 0))]
        top = rows[0]
        assert (top["from"], top["date"], top["attachments"]) == ("Böb <bob@example.test>", "2023-11-14T22:10:00Z", 1)
        assert (top["folder"], top["flags"], top["size"]) == ("Work/INBOX", [], len(ATTACHED))
        assert "Das Pferd" in top["preview"]
        assert len(looked_at("list", "Work/INBOX", "--limit", 2, "--json").json) == 2
        assert "Grüße plan" in looked_at("list", "Work/INBOX").text

    def test_show_in_every_form(self, looked_at):
        top, second = looked_at.ids("Work/INBOX")[:2]
        shown = looked_at("show", top, "--json").json
        assert shown["from"] == [{"name": "Böb", "address": "bob@example.test"}]
        assert shown["cc"] == [{"name": "Carol", "address": "carol@example.test"}]
        assert (shown["date"], shown["message_id"]) == ("2023-11-14T23:10:00+01:00", "<plan@example.test>")
        assert shown["parts"] == [{"name": "numbers.csv", "type": "text/csv", "size": 3, "inline": False}]
        assert looked_at("show", top, "--source").out == ATTACHED
        assert "Das Pferd frißt." in looked_at("show", top, "--text").text
        given = looked_at("show", top, "--html").text
        assert "<p>Hi</p>" in given
        assert "Content-Security-Policy" in given
        assert shown["authentication"] == {
            "server": "", "verdict": "none", "signed_by": "", "checks": [], "hops": 0, "hops_encrypted": 0,
            "mails_from": 5, "mails_to": 0,
        }  # fmt: skip
        assert "Message-ID: <plan@example.test>" in looked_at("show", top, "--headers").text
        page = looked_at("show", top).text
        assert "Subject: Grüße plan" in page
        assert "[numbers.csv, text/csv, 3 B]" in page
        several = looked_at("show", top, second, "--json").out.splitlines()
        assert [json.loads(line)["id"] for line in several] == [top, second]

    def test_search(self, looked_at):
        assert [row["subject"] for row in looked_at("search", "pferd", "--json").json] == ["Grüße plan"]
        assert [
            row["subject"] for row in looked_at("search", "from:bob", "subject:number", "--json", "--limit", 2).json
        ] == [
            "Number 3",
            "Number 2",
        ]
        assert looked_at("search", "nowhere", "--json").json == []


class TestActing:
    def test_what_is_done_here_is_done_there(self, work, dovecot, user):
        plan, three, two, one, zero = work.ids("Work/INBOX")
        work("flag", three, two, "+seen", "+flagged")
        work("flag", two, "-flagged")
        work("move", one, "Work/Archive")
        work("delete", zero)
        assert work.ids("Work/INBOX") == [plan, three, two]
        assert dovecot.messages(user, "Archive") == []
        work("sync")
        there = flags_there(dovecot, user)
        assert {subject: letters for subject, letters in there.items() if subject.startswith("Number")} == {
            "Number 3": "FS",
            "Number 2": "S",
        }
        assert len(dovecot.messages(user, "Archive")) == 1
        assert len(dovecot.messages(user, "Trash")) == 1
        assert work.ids("Work/Archive") == [one]
        assert work("verify", "--json").json["ok"] is True

    def test_undo_before_and_after_it_was_told(self, work, dovecot, user):
        rows = work.ids("Work/INBOX")
        work("delete", rows[0])
        work("undo")
        assert work.ids("Work/INBOX") == rows
        work("delete", rows[0])
        work("sync")
        assert len(dovecot.messages(user, "Trash")) == 1
        assert work("undo", "--json").json["undone"]
        work("sync")
        assert dovecot.messages(user, "Trash") == []
        assert work.ids("Work/INBOX") == rows
        while "nothing to undo" not in work.run("undo").err:
            pass
        work("undo", code=1)

    def test_delete_in_trash_is_for_good(self, work, dovecot, user):
        row = work.ids("Work/INBOX")[0]
        work("delete", row)
        work("sync")
        work("delete", row)
        work("sync")
        assert work.ids("Work/Trash") == []
        assert dovecot.messages(user, "Trash") == []
        assert len(dovecot.messages(user)) == 4

    def test_export_and_import(self, work, tmp_path, dovecot, user):
        work("flag", work.ids("Work/INBOX")[0], "+seen")
        work("export", "Work/INBOX", tmp_path / "box", "--format", "mbox")
        with contextlib.closing(mailbox.mbox(tmp_path / "box", create=False)) as box:
            assert len(box) == 5
        told = work("export", "Work/INBOX", tmp_path / "md", "--format", "maildir", "--json").json
        assert (told["written"], told["left_out"]) == (5, 0)
        work("export", "Work/INBOX", tmp_path / "eml", "--format", "eml")
        assert ATTACHED in [file.read_bytes() for file in Path(tmp_path / "eml").iterdir()]
        work("export", "Work/INBOX", tmp_path / "box", "--format", "mbox", code=1)
        found = work("import", tmp_path / "box", "--into", "Work/Archive", "--json").json
        assert (found["new"], found["already_there"], found["problems"]) == (5, 0, [])
        assert work("import", tmp_path / "eml", "--into", "Work/Archive", "--json").json["already_there"] == 5
        work("sync")
        assert len(dovecot.messages(user, "Archive")) == 5
        (again,) = work("sync", "--json").json["accounts"]
        assert (again["new"], again["bodies"]) == (0, 0)
        assert len(work.ids("Work/Archive")) == 5


class TestSending:
    def write(self, tmp_path, user, to, more=""):
        file = tmp_path / "out.eml"
        file.write_text(f"From: {user}@example.test\nTo: {to}\n{more}Subject: Off it goes\n\nHello\n", "utf-8")
        return file

    def test_accepted_and_filed_and_delivered(self, work, tmp_path, user, dovecot):
        file = self.write(tmp_path, user, "carol@example.test", "Bcc: bob@example.test\n")
        sent = work("send", file, "--json").json
        assert sent["state"] == "accepted"
        assert {one["address"]: one["state"] for one in sent["recipients"]} == {
            "carol@example.test": "accepted",
            "bob@example.test": "accepted",
        }
        work("sync")
        (row,) = work("list", "Work/Sent", "--json").json
        assert (row["subject"], row["message_id"]) == ("Off it goes", sent["message_id"])
        assert row["from"] == f"{user}@example.test"
        assert work.ids("Local/Outbox") == []
        (copy,) = dovecot.messages(user, "Sent")
        assert sent["message_id"].encode() in copy

    def test_refused_for_one_is_partly_done(self, work, tmp_path, user):
        file = self.write(tmp_path, user, "carol@example.test, nobody@example.test")
        sent = work("send", file, "--account", "Work", "--json", code=3)
        states = {one["address"]: one["state"] for one in sent.json["recipients"]}
        assert (sent.json["state"], states["nobody@example.test"]) == ("accepted", "refused")
        assert "nobody@example.test was refused" in sent.err
        (once,) = work("outbox", "--json").json["partly_refused"]
        told = work("outbox", "again", once["id"], "--json").json
        assert [one["address"] for item in told["items"] for one in item["recipients"]] == ["nobody@example.test"]
        assert told["partly_refused"] == []
        work("outbox", "pause")
        assert "the Outbox is paused, 1 message not sent" in work("sync", "--account", "Work").err
        work("outbox", "delete", told["items"][0]["id"])
        work("outbox", "resume")

    def test_refused_stays_in_the_outbox(self, work, tmp_path, user):
        file = self.write(tmp_path, user, "nobody@example.test")
        assert work("send", file, "--json", code=1).json["state"] == "refused"
        (row,) = work("list", "Local/Outbox", "--json").json
        assert row["subject"] == "Off it goes"
        work("delete", row["id"])
        assert work.ids("Local/Outbox") == []

    def test_without_a_server_it_waits(self, qtmail, dovecot, postfix, user, tmp_path):
        account = replace(dovecot.account(user, outgoing=postfix), name="Work")
        assert account.outgoing is not None
        qtmail.add(replace(account, outgoing=replace(account.outgoing, port=1, security=Security.NONE)))
        file = self.write(tmp_path, user, "carol@example.test")
        told = qtmail("send", file, "--json", code=3)
        assert told.json["state"] == "deferred"
        assert len(qtmail.ids("Local/Outbox")) == 1

    @pytest.mark.parametrize(
        ("content", "words"),
        [("", "empty"), ("Subject: x\n\n", "recipients"), ("To: not an address\n\n", "address")],
    )
    def test_what_cannot_be_sent(self, work, tmp_path, content, words):
        (tmp_path / "x.eml").write_text(content)
        assert words in work("send", tmp_path / "x.eml", code=1).err
        assert work.ids("Local/Outbox") == []


class TestPop3:
    def account(self, dovecot, user, **policy):
        return replace(dovecot.account(user, Protocol.POP3, pop=PopPolicy(**policy)), name="Pop")

    def test_keep_on_server(self, qtmail, dovecot, user):
        dovecot.fill(user, [plain(n) for n in range(3)])
        qtmail.add(self.account(dovecot, user))
        (first,) = qtmail("sync", "--json").json["accounts"]
        assert (first["new"], first["problems"]) == (3, [])
        (second,) = qtmail("sync", "--json").json["accounts"]
        assert (second["new"], second["bodies"]) == (0, 0)
        assert len(dovecot.messages(user)) == 3
        assert len(qtmail.ids("Pop/INBOX")) == 3

    def test_remove_at_once(self, qtmail, dovecot, user):
        dovecot.fill(user, [plain(n) for n in range(3)])
        qtmail.add(self.account(dovecot, user, keep_on_server=False, delete_after_days=0))
        qtmail("sync")
        assert dovecot.messages(user) == []
        qtmail("sync")
        assert len(qtmail.ids("Pop/INBOX")) == 3
        told = qtmail("verify", "--json").json
        assert "Pop/INBOX" in {folder["folder"] for folder in told.pop("folders")}
        assert told == {"ok": True, "messages": 3, "checked": 3, "problems": [], "remarks": []}

    def test_of_what_only_the_beginning_is_here(self, qtmail, dovecot, user):
        dovecot.fill(user, [plain(1), plain(2) + (b"x" * 68 + b"\r\n") * 20_000])
        qtmail.add(replace(self.account(dovecot, user), largest_mb=1))
        qtmail("sync")
        cut, whole = sorted(qtmail.ids("Pop/INBOX"), key=lambda row: -qtmail("show", row, "--json").json["pop"]["size"])
        assert f"Only the beginning of message {cut} (1.4 MB) is here" in qtmail("show", cut).err
        assert "Only the beginning" not in qtmail("show", whole).err
        told = qtmail("pop", cut, whole, "remove").err
        assert f"it stays on the server until you get the rest: “qtmail pop {cut} rest”" in told
        assert f"message {whole} is" not in told
        qtmail("sync")
        assert len(dovecot.messages(user)) == 1
        qtmail("pop", cut, "rest")
        qtmail("sync")
        assert "Only the beginning" not in qtmail("show", cut).err
        assert dovecot.messages(user) == []

    def test_moving_to_imap(self, work, dovecot):
        other = dovecot.add_user()
        dovecot.fill(other, [plain(7)])
        work.add(self.account(dovecot, other))
        work("sync")
        (row,) = work.ids("Pop/INBOX")
        work("move", row, "Work/Archive")
        work("sync")
        assert work.ids("Pop/INBOX") == []
        assert [one["subject"] for one in work("list", "Work/Archive", "--json").json] == ["Number 7"]


class TestAccounts:
    def test_add_list_show_test_remove(self, work, keyring):
        (found,) = work("account", "list", "--json").json
        assert (found["name"], found["incoming"]["protocol"], found["enabled"]) == ("Work", "imap", True)
        shown = work("account", "show", "work", "--json").json
        assert found.items() <= shown.items()
        used = {one["name"] for one in shown["extensions"] if one["used"]}
        assert {"LIST-STATUS", "LIST-EXTENDED"} <= used <= {o["name"] for o in shown["extensions"] if o["advertised"]}
        assert all(one["used"] for one in shown["extensions"] if one["verified"])
        assert shown["honesty"] == []
        assert {one["trouble"] for one in shown["extensions"]} == {""}
        assert work("account", "retry", "Work", "--json").json == {"forgotten": "Work"}
        assert work("account", "show", "work", "--json").json["extensions"] == []
        file = work.profile.parent / "again.toml"
        file.write_bytes(work("account", "show", "Work").out)
        assert "already an account" in work("account", "add", file, code=1).err
        assert work("account", "test", "Work", "--json").json["ok"] is True
        work("account", "remove", "Work")
        assert work("account", "list", "--json").json == []
        assert [folder["folder"] for folder in work("folders", "--json").json] == ["Local/Outbox"]

    def test_the_password_is_in_the_keyring_alone(self, work):
        for file in work.profile.rglob("*"):
            if file.is_file():
                assert b"secret" not in file.read_bytes(), file

    def test_wrong_password(self, qtmail, dovecot, user):
        qtmail.add(replace(dovecot.account(user), name="Work"), password="wrong")
        told = qtmail("account", "test", "Work", "--json", code=1).json
        assert (told["ok"], told["incoming"]["ok"]) == (False, False)
        report = qtmail("sync", "--json", code=1)
        (problem,) = report.json["accounts"][0]["problems"]
        assert problem["retry"] is False
        assert "password" in report.err

    def test_one_broken_account_never_holds_the_others(self, work, dovecot):
        other = dovecot.add_user()
        work.add(replace(dovecot.account(other), name="Broken"), password="wrong")
        found = work("sync", "--json", code=3).json["accounts"]
        assert [bool(one["problems"]) for one in found] == [False, True]

    def test_a_file_that_is_not_right(self, qtmail, tmp_path):
        (tmp_path / "a.toml").write_text('name = "x"\npassword = "y"\n')
        assert "account file is not right" in qtmail("account", "add", tmp_path / "a.toml", code=1).err
        assert "cannot be read" in qtmail("account", "add", tmp_path / "none.toml", code=1).err
        assert qtmail("account", "list", "--json").json == []

    def test_without_a_keyring_nothing_is_added(self, qtmail, dovecot, user, tmp_path):
        qtmail.environment = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere", "HOME": str(tmp_path)}
        with pytest.raises(AssertionError, match="exit 1"):
            qtmail.add(replace(dovecot.account(user), name="Work"))
        assert qtmail("account", "list", "--json").json == []


class TestVerify:
    def test_new_mail_is_a_remark_and_lost_mail_a_problem(self, work, dovecot, user):
        dovecot.fill(user, [plain(8)], flags="")
        told = work("verify", "--json").json
        assert (told["ok"], told["messages"], told["remarks"]) == (
            True,
            5,
            ["Work/INBOX: 1 new on the server since the last sync."],
        )
        store = Store.open(Profile(work.profile))
        try:
            with store.transaction("lose") as tx:
                tx.run("DELETE FROM placement WHERE id = ?", work.ids("Work/INBOX")[-1])
        finally:
            store.close()
        told = work("verify", "--json", code=1).json
        assert told["ok"] is False
        assert any(
            words.startswith("Work/INBOX: 1 message of the server is missing here") for words in told["problems"]
        )

    def test_marks_made_elsewhere_are_a_remark(self, work, dovecot, user):
        dovecot.doveadm("flags", "add", "-u", user, "\\Flagged", "mailbox", "INBOX", "2:3")
        told = work("verify", "--json").json
        assert told["ok"] is True
        assert told["remarks"] == ["Work/INBOX: 2 read, starred or marked otherwise on the server since the last sync."]
        work("sync")
        assert work("verify", "--json").json["remarks"] == []

    def test_what_is_left_out_is_told_and_comes_when_it_is_wanted(self, qtmail, dovecot, user):
        dovecot.fill(user, [plain(n) for n in range(4)])
        account = replace(dovecot.account(user), name="Work", keep=Keep(0))
        qtmail.add(account)
        (report,) = qtmail("sync", "--json").json["accounts"]
        assert (report["new"], report["bodies"]) == (4, 0)
        told = qtmail("verify", "--json").json
        inbox = next(folder for folder in told["folders"] if folder["folder"] == "Work/INBOX")
        assert (inbox["policy"], inbox["bodies_missing"], inbox["left_out"]) == ("headers", 0, 4)
        assert inbox["complete_offline"] is False
        assert inbox["verified_at"].endswith("Z")
        assert told["ok"] is True
        assert told["remarks"] == ["Work/INBOX: 4 of 4 left out as you chose; they come if opened."]
        path = Profile(qtmail.profile).accounts
        accounts.put(path, replace(accounts.load(path)[0], keep=Keep()))
        (report,) = qtmail("sync", "--json").json["accounts"]
        assert (report["new"], report["bodies"]) == (0, 4)
        (inbox,) = [folder for folder in qtmail("folders", "--json").json if folder["folder"] == "Work/INBOX"]
        assert (inbox["policy"], inbox["left_out"], inbox["complete_offline"]) == ("everything", 0, True)

    def test_a_server_that_cannot_be_asked_is_a_remark(self, qtmail, dovecot, user):
        account = dovecot.account(user)
        qtmail.add(replace(account, name="Away", incoming=replace(account.incoming, port=1)))
        told = qtmail("verify", "--json").json
        assert told["ok"] is True
        assert "Away could not be compared with its server" in told["remarks"][0]
