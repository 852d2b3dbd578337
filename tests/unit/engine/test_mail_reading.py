"""Lists, search, opening; files in and out; verify and goodbye."""

from dataclasses import replace

import pytest

from qtmail import accounts
from qtmail.engine.mail import BodyMissing, Mail
from qtmail.errors import BadInput
from qtmail.model import AccountKey, Address, Flag, Protocol, Role
from qtmail.store import folders as store_folders
from qtmail.store import relink, sync
from qtmail.store.values import HeaderFacts, NewHeader, ServerFolder

from .conftest import START, account, eml

WORK, HOME = AccountKey("w"), AccountKey("h")


def from_server(mail, path="INBOX"):
    """A row whose body is still on the server."""
    with mail._store.transaction("test") as tx:
        store_folders.update_folders(tx, WORK, [ServerFolder(path.encode(), path)], now=START)
    folder = mail.folder_named(f"Work/{path}").id
    facts = HeaderFacts(START, "<9@x>", "On the server", Address("Bob", "bob@example.test"))
    with mail._store.transaction("test") as tx:
        relink.set_uidvalidity(tx, folder, 7)
        added = sync.add_headers(tx, folder, 7, [NewHeader(9, frozenset(), 100, START, b"", facts)], now=START)
    return added.rows[0]


def test_lists_and_rows(mail, put):
    rows = put("Home/INBOX", 3)
    ids = mail.ids([mail.folder_named("Home/INBOX").id])
    assert list(ids) == list(reversed(rows))
    row = mail.rows(ids)[rows[0]]
    assert (row.subject, row.correspondent, row.address, row.has_body) == ("Number 1", "Bob", "bob@example.test", True)
    assert mail.authors(rows)[rows[0]] == Address("Bob", "bob@example.test")
    assert mail.account_of(rows) == (HOME,) * 3


def test_search(mail, put):
    rows = put("Home/INBOX", raws=[eml(1, body="red apples"), eml(2, body="green apples")])
    assert list(mail.search("apples")) == [rows[1], rows[0]]
    assert list(mail.search("red app")) == [rows[0]]
    assert list(mail.search("apples", [mail.folder_named("Work/INBOX").id])) == []
    with pytest.raises(BadInput):
        mail.search("colour:red")


def test_one_message(mail, put):
    (row,) = put("Home/INBOX")
    assert mail.raw(row) == eml(1)
    assert mail.message(row).text.strip() == "Hello"
    assert mail.story(row)[0].at == START
    with pytest.raises(BadInput):
        mail.raw(10**9)


def test_a_body_that_is_not_here_yet(mail):
    row = from_server(mail)
    assert mail.rows([row])[row].has_body is False
    with pytest.raises(BodyMissing):
        mail.message(row)
    with pytest.raises(BodyMissing):
        mail.reply(row, to_all=False, html=False)


def test_a_new_account_is_seen_without_opening_again(mail, profile):
    accounts.put(profile.accounts, account("n", "New", Protocol.POP3))
    assert [one.name for one in mail.accounts()] == ["Work", "Home", "New"]
    assert mail.folder_named("New/Trash").account == "n"


@pytest.mark.expects_log
def test_a_damaged_accounts_file_changes_nothing_while_running(mail, profile):
    before = mail.accounts()
    profile.accounts.write_text("[[account", "utf-8")
    assert mail.accounts() == before
    other = Mail(profile)
    try:
        with pytest.raises(BadInput, match="cannot be read"):
            other.accounts()
    finally:
        other.close()


def test_the_servers_folder_takes_the_place_of_ours(mail):
    listed = [ServerFolder(b"INBOX", "INBOX"), ServerFolder(b"Gone", "Deleted Items", Role.TRASH)]
    with mail._store.transaction("test") as tx:
        store_folders.update_folders(tx, WORK, listed, now=START)
    paths = [folder.path for folder in mail.folders() if folder.account == WORK]
    assert "Deleted Items" in paths
    assert "Trash" not in paths
    assert mail.folder_of_role(WORK, Role.TRASH).path == "Deleted Items"


def test_two_at_once_see_each_other(mail, profile, put):
    other = Mail(profile)
    try:
        (row,) = put("Home/INBOX")
        other.set_flag([row], Flag.SEEN, True)
        assert mail.rows([row])[row].flags == {Flag.SEEN}
    finally:
        other.close()


class TestFiles:
    def test_import_is_one_gesture_and_knows_what_is_there(self, mail, tmp_path):
        inbox = mail.folder_named("Home/INBOX").id
        for number in range(250):
            (tmp_path / f"{number}.eml").write_bytes(eml(number))
        (tmp_path / "broken.eml").write_bytes(b"\x00\x01")
        seen: list[int] = []
        new, there, problems = mail.import_messages(tmp_path, inbox, seen.append)
        assert (new, there, len(problems)) == (250, 0, 1)
        assert seen[-1] == 250
        assert mail.import_messages(tmp_path, inbox)[:2] == (0, 250)
        assert mail.undo_label() == "Import into INBOX"
        mail.undo()
        assert mail.folder(inbox).total == 0

    def test_import_to_a_server_waits_to_be_told(self, mail, tmp_path):
        (tmp_path / "a.eml").write_bytes(eml(1))
        mail.import_messages(tmp_path, mail.folder_named("Work/Archive").id)
        assert mail.waiting() == 1

    @pytest.mark.parametrize("form", ["mbox", "maildir"])
    def test_round_trip_keeps_flags_and_times(self, mail, put, tmp_path, form):
        one, two = put("Home/INBOX", 2)
        mail.set_flag([one], Flag.SEEN, True)
        mail.set_flag([one, two], Flag.FLAGGED, True)
        before = [(row.flags, row.received, mail.raw(row.id)) for row in mail.rows([one, two]).values()]
        assert mail.export_folder(mail.folder_named("Home/INBOX").id, tmp_path / "out", form) == 2
        archive = mail.folder_named("Home/Archive").id
        assert mail.import_messages(tmp_path / "out", archive) == (2, 0, ())
        found = mail.rows(mail.ids([archive], descending=False)).values()
        assert [(row.flags, row.received, mail.raw(row.id)) for row in found] == before

    def test_eml_files_have_their_time(self, mail, put, tmp_path):
        put("Home/INBOX")
        mail.export_folder(mail.folder_named("Home/INBOX").id, tmp_path / "out", "eml")
        (file,) = (tmp_path / "out").iterdir()
        assert file.read_bytes() == eml(1)
        assert file.stat().st_mtime == mail.rows(mail.ids([mail.folder_named("Home/INBOX").id])).popitem()[1].received

    def test_what_is_not_here_is_left_out(self, mail, tmp_path):
        from_server(mail)
        assert mail.export_folder(mail.folder_named("Work/INBOX").id, tmp_path / "out", "mbox") == 0

    def test_unknown_form(self, mail, tmp_path):
        with pytest.raises(BadInput, match="pst"):
            mail.export_folder(mail.folder_named("Home/INBOX").id, tmp_path / "out", "pst")


def test_verify_is_clean_after_all_that(mail, put):
    rows = put("Home/INBOX", 5)
    mail.delete(rows[:2])
    mail.undo()
    checked = mail.verify()
    assert checked.problems == ()
    assert (checked.messages, checked.checked) == (5, 5)


@pytest.mark.parametrize("with_mail", [False, True])
def test_an_account_forgotten_is_out_of_sight(mail, put, profile, monkeypatch, with_mail):
    forgotten = []
    monkeypatch.setattr("qtmail.engine.checking.secrets.delete", forgotten.append)
    put("Home/INBOX", 2)
    (other,) = put("Work/INBOX", first=5)
    before = next(one for one in mail.accounts() if one.key == HOME)
    mail.forget_account(HOME, with_mail=with_mail)
    assert forgotten == [HOME]
    assert [one.name for one in mail.accounts()] == ["Work"]
    assert {folder.account for folder in mail.folders()} == {WORK, ""}
    assert list(mail.search("hello")) == [other]
    assert accounts.put(profile.accounts, replace(before, key=AccountKey(""))).key == HOME
    assert mail.folder_named("Home/INBOX").total == (0 if with_mail else 2)


def test_what_a_removed_account_had_to_tell_does_not_wait(mail, put, monkeypatch):
    monkeypatch.setattr("qtmail.engine.checking.secrets.delete", lambda account: None)
    put("Work/INBOX")
    assert mail.waiting() == 1
    mail.forget_account(WORK)
    assert mail.waiting() == 0
